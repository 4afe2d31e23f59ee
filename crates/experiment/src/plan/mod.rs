//! Experiment files: from text to a validated plan. `experiments/FORMAT.md` is the document for people.
//!
//! One way: text, then [`crate::file`] (unknown keys and misplaced tables refused, places kept), then the plan of one kind
//! with every name, unit, file and policy resolved. Nothing that is wrong in the file is found after this.

mod axes;
mod cases;
mod claim;
mod comparison;
mod group_ttl;
mod robust;
mod search;
mod single;
mod trace;
mod uncertainty;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use deployment::{Problem, Source};
use kareto::SearchRegistry;
use kv_core::policy::Registry;
use toml::Spanned;

pub(crate) use cases::CasesPlan;
pub(crate) use comparison::{ComparedCase, ComparisonPlan};
pub(crate) use group_ttl::{GroupTtlPlan, TtlCase};
pub(crate) use search::SearchPlan;
pub use single::Single;
pub(crate) use trace::{ReadTraces, TracePlan};
pub(crate) use uncertainty::Varied;

use crate::file::{File, Kind, ScaleChanges, Window};
use crate::registries::Registries;

/// How much of an experiment is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// A short window and few points: seconds, to see that everything works.
    Smoke,
    /// What the experiment is about.
    Full,
}

impl Scale {
    /// Its name in files and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Smoke => "smoke",
            Self::Full => "full",
        }
    }
}

/// What an experiment of any kind has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The file's name without folder and extension: names the record's folder.
    pub name: String,
    /// What is asked.
    pub question: String,
    /// What was learnt, in prose.
    pub analysis: String,
    /// How much of it is run.
    pub scale: Scale,
    /// Root of all random numbers.
    pub seed: u64,
}

/// A validated experiment.
pub struct Experiment {
    /// The file that it is from.
    pub file: PathBuf,
    /// What every kind has.
    pub head: Head,
    pub(crate) plan: Plan,
}

/// What the kinds have of their own.
pub(crate) enum Plan {
    Search(SearchPlan),
    /// The plan is the one of a search of the full grid.
    Cases(SearchPlan, CasesPlan),
    Comparison(ComparisonPlan),
    GroupTtl(GroupTtlPlan),
}

impl Experiment {
    /// Loads and validates an experiment file. `trace` is replayed in the place of the file's own.
    ///
    /// # Errors
    /// Whatever is wrong in the file, with its place.
    pub fn load(
        path: &Path,
        scale: Scale,
        trace: Option<&Path>,
        registries: &Registries,
    ) -> Result<Self, Problem> {
        let (registry, searches) = (&registries.of_all_roles(), &registries.searches);
        let source = Source::read(path)?;
        let file: File = source.parse_toml()?;
        let kind = file.kind(&source)?;
        let input =
            Input { source: &source, path, file: &file, scale: Some(scale), trace, registry, searches };
        let plan = match kind {
            Kind::Search => Plan::Search(SearchPlan::new(&input)?),
            Kind::Cases => {
                let plan = SearchPlan::new(&input)?;
                let cases = CasesPlan::new(&input, &plan.space)?;
                Plan::Cases(plan, cases)
            }
            Kind::Comparison => Plan::Comparison(ComparisonPlan::new(&input)?),
            Kind::GroupTtl => Plan::GroupTtl(GroupTtlPlan::new(&input)?),
        };
        let head = Head {
            name: name(path),
            question: file.question.unwrap_or_default(),
            analysis: file.analysis.unwrap_or_default(),
            scale,
            seed: file.seed,
        };
        Ok(Self { file: path.to_owned(), head, plan })
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self.plan {
            Plan::Search(_) => Kind::Search,
            Plan::Cases(..) => Kind::Cases,
            Plan::Comparison(_) => Kind::Comparison,
            Plan::GroupTtl(_) => Kind::GroupTtl,
        }
    }
}

/// A file that is being resolved, and what the user asked for beside it.
pub(crate) struct Input<'a> {
    pub(crate) source: &'a Source,
    pub(crate) path: &'a Path,
    pub(crate) file: &'a File,
    /// None where the file is looked at without one.
    pub(crate) scale: Option<Scale>,
    /// A trace that takes the place of the file's.
    pub(crate) trace: Option<&'a Path>,
    /// Policies, routers and schedulers.
    pub(crate) registry: &'a Registry,
    pub(crate) searches: &'a SearchRegistry,
}

impl Input<'_> {
    /// The folder that names of traces are relative to.
    pub(crate) fn directory(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    /// What the scale changes.
    pub(crate) fn changes(&self) -> Option<&ScaleChanges> {
        let changes = match self.scale? {
            Scale::Smoke => &self.file.smoke,
            Scale::Full => &self.file.full,
        };
        changes.as_ref().map(Spanned::get_ref)
    }

    /// The window of the scale.
    pub(crate) fn window(&self) -> Option<&Spanned<Window>> {
        self.changes()?.window.as_ref()
    }
}

/// The name of an experiment of any kind, and of its record's folder: that of its file.
fn name(path: &Path) -> String {
    path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// Refuses files whose records would share a folder, of whatever kinds they are.
pub(crate) fn distinct(files: &[PathBuf]) -> Result<(), Problem> {
    let mut known: BTreeMap<String, &PathBuf> = BTreeMap::new();
    for file in files {
        if let Some(other) = known.insert(name(file), file) {
            return Err(Problem::user(format!(
                "{} and {} are both named `{}`; their records would be one; allowed: distinct names",
                other.display(),
                file.display(),
                name(file)
            )));
        }
    }
    Ok(())
}
