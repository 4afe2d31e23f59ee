//! The table of searches: names, parameters with ranges, and how to build one. The table is open: whoever assembles a
//! program adds rows.

use std::sync::Arc;

use kv_core::policy::{ParamFault, ParamSpec, Params};
use thiserror::Error;

use super::limited::Limited;
use super::{KnownCost, Search};
use crate::objectives::ObjectiveSet;
use crate::space::DesignSpace;

/// What a search may know when it is built, beside its parameters.
#[derive(Clone)]
pub struct SearchContext<'a> {
    /// What is searched.
    pub space: &'a DesignSpace,
    /// Seed of the searches that draw.
    pub seed: u64,
    /// Most points that will be evaluated; none means as many as the search wants. A search need not keep to it itself.
    pub evaluations: Option<usize>,
    /// What is optimised: the objectives of the archives that the search will see.
    pub objectives: ObjectiveSet,
    /// What of the cost is known before simulating. Nothing is computed unless the search asks.
    pub known_cost: Option<Arc<dyn KnownCost>>,
}

impl<'a> SearchContext<'a> {
    /// Seed 1, no limit on evaluations, the standard objectives, nothing known of the cost.
    #[must_use]
    pub fn new(space: &'a DesignSpace) -> Self {
        Self { space, seed: 1, evaluations: None, objectives: ObjectiveSet::default(), known_cost: None }
    }

    /// Most points that may be asked for: all there are, or those allowed.
    #[must_use]
    pub fn most(&self) -> usize {
        self.evaluations.unwrap_or(usize::MAX).min(self.space.size())
    }
}

/// One row of the table of searches.
#[derive(Clone, Copy)]
pub struct SearchSpec {
    /// The name that experiment files use: lower case, dashes.
    pub name: &'static str,
    /// One line for listings.
    pub summary: &'static str,
    /// Paper or origin.
    pub source: &'static str,
    /// Whether it draws, so that its course depends on the seed.
    pub draws: bool,
    /// Parameters, in the order in which they are printed.
    pub params: &'static [ParamSpec],
    /// How to make one.
    pub build: fn(&Params, &SearchContext<'_>) -> Box<dyn Search>,
}

/// Parameters that do not fit a search.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("search `{search}`: {fault}")]
pub struct SearchParamError {
    /// The search.
    pub search: &'static str,
    /// What is wrong, and what is allowed.
    pub fault: ParamFault,
}

impl SearchSpec {
    /// Checks `given` against the declared parameters and fills in defaults.
    ///
    /// # Errors
    /// An unknown key, a value outside its range, or a required parameter that is absent.
    pub fn params(&self, given: &[(String, f64)]) -> Result<Params, SearchParamError> {
        Params::check(self.params, given).map_err(|fault| SearchParamError { search: self.name, fault })
    }

    /// The search with these parameters, which [`Self::params`] has checked. It keeps to [`SearchContext::evaluations`].
    #[must_use]
    pub fn search(&self, params: &Params, context: &SearchContext<'_>) -> Box<dyn Search> {
        let search = (self.build)(params, context);
        match context.evaluations {
            Some(evaluations) => Box::new(Limited::new(search, context.space, evaluations)),
            None => search,
        }
    }
}

/// An ordered list of searches.
#[derive(Clone, Default)]
pub struct SearchRegistry {
    specs: Vec<SearchSpec>,
}

impl SearchRegistry {
    /// A registry with these rows.
    ///
    /// # Panics
    /// If two searches share a name.
    #[must_use]
    pub fn new(specs: &[SearchSpec]) -> Self {
        let mut registry = Self::default();
        specs.iter().for_each(|spec| registry.add(*spec));
        registry
    }

    /// Adds a row.
    ///
    /// # Panics
    /// If there is a search of that name already.
    pub fn add(&mut self, spec: SearchSpec) {
        assert!(self.find(spec.name).is_none(), "search `{}` is registered twice", spec.name);
        self.specs.push(spec);
    }

    /// The search of this name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&SearchSpec> {
        self.specs.iter().find(|spec| spec.name == name)
    }

    /// All rows, in order of registration.
    #[must_use]
    pub fn specs(&self) -> &[SearchSpec] {
        &self.specs
    }

    /// All names, separated by commas, for error messages.
    #[must_use]
    pub fn names(&self) -> String {
        self.specs.iter().map(|spec| spec.name).collect::<Vec<_>>().join(", ")
    }
}
