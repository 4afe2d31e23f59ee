//! Experiment files: from text to a validated plan. `experiments/FORMAT.md` is the document for people.
//!
//! The way goes in one direction. First comes the text. Then [`crate::file`] refuses unknown keys and misplaced tables,
//! and keeps places. Then the plan of one kind resolves every name, unit, file and policy. No mistake in the file is
//! found later than here.

mod axes;
mod cases;
mod claim;
mod comparison;
mod engine_runs;
mod group_ttl;
mod regimes;
mod reuse;
mod robust;
mod search;
mod sensitivity;
mod single;
mod timeline;
mod trace;
mod uncertainty;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use deployment::{Problem, Source};
use kareto::SearchRegistry;
use kv_core::policy::Registry;
use toml::Spanned;

pub(crate) use cases::CasesPlan;
pub(crate) use claim::Claim;
pub(crate) use comparison::{ComparedCase, ComparisonPlan};
pub(crate) use engine_runs::{EngineRunsPlan, PlannedRun};
pub(crate) use group_ttl::{GroupTtlPlan, TtlCase};
pub(crate) use reuse::ReusePlan;
pub(crate) use search::SearchPlan;
pub use single::Single;
pub(crate) use timeline::{LoadPlan, TimelinePlan};
pub use trace::TraceFile;
pub(crate) use trace::{ReadTraces, TracePlan};
pub(crate) use uncertainty::Varied;

use crate::evaluate::figure_names;
use crate::file::{File, Kind, ScaleChanges, Window};
use crate::prose::{Names, checked};
use crate::registries::Registries;

/// How much of an experiment is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// A short window and few points. It takes seconds and shows that everything works.
    Smoke,
    /// The whole experiment.
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

/// The parts that every kind of experiment has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The file's name without folder and extension. The record's folder has the same name.
    pub name: String,
    /// The question.
    pub question: String,
    /// The answer, in prose.
    pub analysis: String,
    /// How much of it is run.
    pub scale: Scale,
    /// Root of all random numbers.
    pub seed: u64,
}

/// A validated experiment.
pub struct Experiment {
    /// The file of the experiment.
    pub file: PathBuf,
    /// The parts that every kind has.
    pub head: Head,
    pub(crate) plan: Plan,
}

/// The parts that only one kind has.
pub(crate) enum Plan {
    Search(SearchPlan),
    /// The first plan is that of a search of the full grid.
    Cases(SearchPlan, CasesPlan),
    Comparison(ComparisonPlan),
    GroupTtl(GroupTtlPlan),
    Reuse(ReusePlan),
    Timeline(TimelinePlan),
    EngineRuns(EngineRunsPlan),
}

impl Experiment {
    /// Loads and validates an experiment file. `trace` takes the place of the file's own trace.
    ///
    /// # Errors
    /// The file has a mistake. The problem has its place.
    pub fn load(
        path: &Path,
        scale: Scale,
        trace: Option<&TraceFile>,
        registries: &Registries,
    ) -> Result<Self, Problem> {
        Self::of(&Source::read(path)?, path, scale, trace, registries)
    }

    /// The same of a text that is at hand. Names in it are relative to the folder of `path`, which need not be there.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn of(
        source: &Source,
        path: &Path,
        scale: Scale,
        trace: Option<&TraceFile>,
        registries: &Registries,
    ) -> Result<Self, Problem> {
        let (registry, searches) = (&registries.of_all_roles(), &registries.searches);
        let file: File = source.parse_toml()?;
        let kind = file.kind(source)?;
        let input = Input { source, path, file: &file, scale: Some(scale), trace, registry, searches };
        let plan = match kind {
            Kind::Search => Plan::Search(SearchPlan::new(&input)?),
            Kind::Cases => {
                let plan = SearchPlan::new(&input)?;
                let cases = CasesPlan::new(&input, &plan.space, &figure_names(&plan.system))?;
                Plan::Cases(plan, cases)
            }
            Kind::Comparison => Plan::Comparison(ComparisonPlan::new(&input)?),
            Kind::GroupTtl => Plan::GroupTtl(GroupTtlPlan::new(&input)?),
            Kind::Reuse => Plan::Reuse(ReusePlan::new(&input)?),
            Kind::Timeline => Plan::Timeline(TimelinePlan::new(&input)?),
            Kind::EngineRuns => Plan::EngineRuns(EngineRunsPlan::new(&input)?),
        };
        let analysis = file.analysis.clone().unwrap_or_default();
        checked(source, &analysis, &plan.names(scale == Scale::Full && trace.is_none(), &file))?;
        let head = Head {
            name: name(path),
            question: file.question.unwrap_or_default(),
            analysis,
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
            Plan::Reuse(_) => Kind::Reuse,
            Plan::Timeline(_) => Kind::Timeline,
            Plan::EngineRuns(_) => Kind::EngineRuns,
        }
    }
}

impl Plan {
    /// The names that an analysis may use. `values` says whether the axes have the values of the record.
    fn names<'a>(&'a self, values: bool, file: &'a File) -> Names<'a> {
        let (space, figures) = match self {
            Self::Search(plan) | Self::Cases(plan, _) => (Some(&plan.space), Some(plan.figures.as_slice())),
            Self::Comparison(_)
            | Self::GroupTtl(_)
            | Self::Reuse(_)
            | Self::Timeline(_)
            | Self::EngineRuns(_) => (None, None),
        };
        let claims = file.claim.iter().map(|claim| claim.get_ref().id.get_ref().as_str());
        let of_groups = file.group_ttl.iter().flat_map(|it| &it.get_ref().claim);
        let of_groups = of_groups.map(|claim| claim.id.as_str());
        let of_reuse = file.reuse.iter().flat_map(|it| &it.get_ref().claim).map(|claim| claim.id.as_str());
        let of_time = file.timeline.iter().flat_map(|it| &it.get_ref().claim).map(|claim| claim.id.as_str());
        Names {
            space,
            values,
            figures,
            claims: claims.chain(of_groups).chain(of_reuse).chain(of_time).collect(),
        }
    }
}

/// A file that is being resolved, and the choices of the command line.
pub(crate) struct Input<'a> {
    pub(crate) source: &'a Source,
    pub(crate) path: &'a Path,
    pub(crate) file: &'a File,
    /// `None` where the file is read without a scale.
    pub(crate) scale: Option<Scale>,
    /// A trace that takes the place of the file's.
    pub(crate) trace: Option<&'a TraceFile>,
    /// Policies, routers and schedulers.
    pub(crate) registry: &'a Registry,
    pub(crate) searches: &'a SearchRegistry,
}

impl Input<'_> {
    /// The folder that names of traces are relative to.
    pub(crate) fn directory(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    /// The changes of the scale.
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

/// The name of an experiment of any kind, and of its record's folder: the name of its file.
fn name(path: &Path) -> String {
    path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// Refuses files whose records would share a folder, whatever their kinds are.
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
