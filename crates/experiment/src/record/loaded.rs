//! A record of any kind, read back: manifest, evaluations and tables.

use std::path::Path;

use deployment::{FIGURES, Problem};
use kareto::archive::read_file;
use kareto::robust::Weighing;
use kareto::robust::joint::parted;
use kareto::{Archive, ObjectiveSet, Point};
use report::Table;

use super::entries::{CasesEntry, ReuseEntry};
use super::manifest::{
    Body, ComparisonEntry, EngineRunsEntry, GroupTtlEntry, Manifest, SearchEntry, SensitivityEntry,
    UncertaintyEntry,
};
use super::{
    AGAINST, ARCHIVE, ASSUMPTIONS, CONCENTRATION, ENGINE_FIGURES, ENGINE_REQUESTS, ENGINE_RUNS, Folder,
    INTERVALS, MANIFEST, REGIMES, RESAMPLES, REUSE, SENSITIVITY, SURFACES, SkippedRow, TimelineEntry,
    skipped_rows,
};
use crate::evaluate::{ASSUMPTION, PARAMETER, RESAMPLE, SCENARIO};
use crate::findings::{Findings, Found, Scenarios, Uncertainty, Varied};

/// The record from which a report is made.
pub enum Loaded {
    /// Of a search.
    Search(Box<LoadedSearch>),
    /// Of cases.
    Cases(Box<LoadedSearch>, CasesEntry),
    /// Of a comparison of searches.
    Comparison(LoadedComparison),
    /// Of group TTL.
    GroupTtl(LoadedGroupTtl),
    /// Of reuse in traces.
    Reuse(LoadedReuse),
    /// Of a timeline.
    Timeline(LoadedTimeline),
    /// Of recorded runs of engines.
    EngineRuns(LoadedEngineRuns),
}

/// The record of a search, or the evaluated points of cases.
pub struct LoadedSearch {
    /// What it is of.
    pub manifest: Manifest,
    /// The part of the manifest about the search.
    pub entry: SearchEntry,
    /// Its evaluations.
    pub found: Found,
    /// What follows from them.
    pub findings: Findings,
    /// What the search skipped, and by which rule. The first row that has a point counts. `None` for cases.
    pub skipped: Option<Vec<SkippedRow>>,
    /// `claims.csv`.
    pub claims: Table,
    /// `regimes.csv`, of cases with regimes.
    pub regimes: Option<Table>,
    /// `surfaces.csv`, of cases with surfaces.
    pub surfaces: Option<Table>,
    /// `against.csv`, of cases that are compared with one of them.
    pub against: Option<Table>,
}

/// The record of a comparison of searches.
pub struct LoadedComparison {
    /// What it is of.
    pub manifest: Manifest,
    /// The part of the manifest about the comparison.
    pub entry: ComparisonEntry,
    /// `searches.csv`.
    pub searches: Table,
    /// `curves.csv`.
    pub curves: Table,
}

/// The record of an experiment of group TTL.
pub struct LoadedGroupTtl {
    /// What it is of.
    pub manifest: Manifest,
    /// The part of the manifest about group TTL.
    pub entry: GroupTtlEntry,
    /// `group-ttl.csv`.
    pub rows: Table,
    /// `claims.csv`.
    pub claims: Table,
}

/// The record of an experiment of reuse.
pub struct LoadedReuse {
    /// What it is of.
    pub manifest: Manifest,
    /// The part of the manifest about reuse.
    pub entry: ReuseEntry,
    /// `reuse.csv`.
    pub rows: Table,
    /// `concentration.csv`.
    pub concentration: Table,
    /// `intervals.csv`.
    pub intervals: Table,
    /// `claims.csv`.
    pub claims: Table,
}

/// The record of a timeline.
pub struct LoadedTimeline {
    /// What it is of.
    pub manifest: Manifest,
    /// The part of the manifest about the timeline.
    pub entry: TimelineEntry,
    /// `windows.csv`.
    pub windows: Table,
    /// `choices.csv` and `strategies.csv`, where the question was which configuration each window is given.
    pub strategies: Option<(Table, Table)>,
    /// `recovery.csv` and `claims.csv`, where the question was whether configurations come back.
    pub recovery: Option<(Table, Table)>,
}

impl LoadedTimeline {
    fn read(folder: &Folder, manifest: Manifest, entry: TimelineEntry) -> Result<Self, Problem> {
        let pair = |first: &str, second: &str| -> Result<Option<(Table, Table)>, Problem> {
            match manifest.has_table(first) {
                true => Ok(Some((folder.table(first)?, folder.table(second)?))),
                false => Ok(None),
            }
        };
        Ok(Self {
            windows: folder.table("windows.csv")?,
            strategies: pair("choices.csv", "strategies.csv")?,
            recovery: pair("recovery.csv", "claims.csv")?,
            manifest,
            entry,
        })
    }
}

/// The record of recorded runs of engines.
pub struct LoadedEngineRuns {
    /// What it is of.
    pub manifest: Manifest,
    /// The part of the manifest about the runs.
    pub entry: EngineRunsEntry,
    /// `runs.csv`.
    pub runs: Table,
    /// `figures.csv`.
    pub figures: Table,
    /// `requests.csv`.
    pub requests: Table,
}

impl Loaded {
    /// Reads the record in a folder. Returns `None` if the folder is no record.
    ///
    /// # Errors
    /// A file of the record is missing or does not fit the others.
    pub fn read(path: &Path) -> Result<Option<Self>, Problem> {
        let Some(folder) = Folder::at(path) else { return Ok(None) };
        let manifest = Manifest::read(&folder.file(MANIFEST))?;
        Ok(Some(match manifest.body.clone() {
            Body::Search(entry) => Self::Search(Box::new(LoadedSearch::read(&folder, manifest, entry)?)),
            Body::Cases { points, compared } => {
                Self::Cases(Box::new(LoadedSearch::read(&folder, manifest, points)?), compared)
            }
            Body::Comparison(entry) => Self::Comparison(LoadedComparison {
                searches: folder.table("searches.csv")?,
                curves: folder.table("curves.csv")?,
                manifest,
                entry,
            }),
            Body::GroupTtl(entry) => Self::GroupTtl(LoadedGroupTtl {
                rows: folder.table("group-ttl.csv")?,
                claims: folder.table("claims.csv")?,
                manifest,
                entry,
            }),
            Body::Reuse(entry) => Self::Reuse(LoadedReuse {
                rows: folder.table(REUSE)?,
                concentration: folder.table(CONCENTRATION)?,
                intervals: folder.table(INTERVALS)?,
                claims: folder.table("claims.csv")?,
                manifest,
                entry,
            }),
            Body::Timeline(entry) => Self::Timeline(LoadedTimeline::read(&folder, manifest, entry)?),
            Body::EngineRuns(entry) => Self::EngineRuns(LoadedEngineRuns {
                runs: folder.table(ENGINE_RUNS)?,
                figures: folder.table(ENGINE_FIGURES)?,
                requests: folder.table(ENGINE_REQUESTS)?,
                manifest,
                entry,
            }),
        }))
    }

    /// What it is of.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        match self {
            Self::Search(loaded) | Self::Cases(loaded, _) => &loaded.manifest,
            Self::Comparison(loaded) => &loaded.manifest,
            Self::GroupTtl(loaded) => &loaded.manifest,
            Self::Reuse(loaded) => &loaded.manifest,
            Self::Timeline(loaded) => &loaded.manifest,
            Self::EngineRuns(loaded) => &loaded.manifest,
        }
    }

    /// Its claims, where the kind has any.
    #[must_use]
    pub fn claims(&self) -> Option<&Table> {
        match self {
            Self::Search(loaded) | Self::Cases(loaded, _) => Some(&loaded.claims),
            Self::GroupTtl(loaded) => Some(&loaded.claims),
            Self::Reuse(loaded) => Some(&loaded.claims),
            Self::Timeline(loaded) => loaded.recovery.as_ref().map(|(_, claims)| claims),
            Self::Comparison(_) | Self::EngineRuns(_) => None,
        }
    }
}

impl LoadedSearch {
    fn read(folder: &Folder, manifest: Manifest, entry: SearchEntry) -> Result<Self, Problem> {
        let path = folder.file(ARCHIVE);
        let archive = read_file(&path).map_err(Problem::user)?;
        if archive.fingerprint != entry.fingerprint {
            return Err(Problem::user(format!(
                "{}: archive and manifest are of different runs ({} and {}); run the experiment again",
                folder.path().display(),
                archive.fingerprint,
                entry.fingerprint
            )));
        }
        let wrong = |error: &dyn std::fmt::Display| Problem::user(format!("{}: {error}", path.display()));
        let (mut space, mut scenarios) = (archive.space.clone(), None);
        let mut kept = archive.made_by(|_, revision| entry.code.contains(revision));
        if !entry.objectives.is_empty() {
            let objectives = ObjectiveSet::new(&entry.objectives, &FIGURES);
            kept =
                kept.with_objectives(objectives.map_err(|error| {
                    Problem::user(format!("{}: {error}", folder.file(MANIFEST).display()))
                })?);
        }
        if !entry.scenario.is_empty() {
            let (names, parted) = parted(SCENARIO, &archive.space).map_err(|error| wrong(&error))?;
            let weights = entry.scenario.iter().map(|it| it.weight).collect();
            let front = entry.front.unwrap_or_default();
            let weighing = Weighing { weights, front, figures: FIGURES };
            let joint = std::mem::take(&mut kept);
            kept = weighing.aggregated(&joint).map_err(|error| wrong(&error))?;
            space = parted;
            scenarios = Some(Scenarios::new(names, weighing, joint));
        }
        let point = |key: &String| {
            let parsed = space.parse_key(key);
            parsed.map_err(|error| Problem::user(format!("{}: {error}", folder.file(MANIFEST).display())))
        };
        let beside: Vec<Point> = entry.beside.iter().map(point).collect::<Result<_, _>>()?;
        let baseline = entry.baseline.as_ref().map(point).transpose()?;
        let mut searched = Archive::new().with_objectives(kept.objectives().clone());
        for (point, evaluation) in kept.iter().filter(|(point, _)| !beside.contains(point)) {
            searched.insert(point.clone(), evaluation.clone()).expect("a point occurs once in an archive");
        }
        let path = folder.file("skipped.csv");
        let skipped = match path.is_file() {
            true => {
                let rows = skipped_rows(&space, &folder.table("skipped.csv")?);
                Some(rows.map_err(|message| Problem::user(format!("{}: {message}", path.display())))?)
            }
            false => None,
        };
        let uncertainty = match &entry.uncertainty {
            Some(of) => {
                let weighing = scenarios.as_ref().map(|it| &it.weighing);
                let varied = varied(folder, &entry, of, weighing)?;
                Some(varied.with_prices(&kept, scenarios.as_ref()))
            }
            None => None,
        };
        let varied = match &entry.sensitivity {
            Some(of) => Some(sensed(folder, &entry, of, scenarios.as_ref().map(|it| &it.weighing))?),
            None => None,
        };
        let (constraints, currency) = (entry.constraint.clone(), entry.currency.clone());
        let found =
            Found { space, searched, kept, baseline, constraints, currency, scenarios, uncertainty, varied };
        let claims = folder.table("claims.csv")?;
        let table = |name: &str| manifest.has_table(name).then(|| folder.table(name)).transpose();
        let (regimes, surfaces, against) = (table(REGIMES)?, table(SURFACES)?, table(AGAINST)?);
        let findings = Findings::of(&found)?;
        Ok(Self { manifest, entry, found, findings, skipped, claims, regimes, surfaces, against })
    }
}

/// Reads an archive of variations: the names on its first axis, and the evaluations of this record's code.
fn of_variations(
    folder: &Folder,
    search: &SearchEntry,
    file: &str,
    axis: &str,
) -> Result<(Vec<String>, Archive), Problem> {
    let path = folder.file(file);
    let wrong = |error: &dyn std::fmt::Display| Problem::user(format!("{}: {error}", path.display()));
    let archive = read_file(&path).map_err(Problem::user)?;
    if archive.fingerprint != search.fingerprint {
        return Err(wrong(&"it is of another run than the manifest; run the experiment again"));
    }
    let (names, _) = parted(axis, &archive.space).map_err(|error| wrong(&error))?;
    Ok((names, archive.made_by(|_, revision| search.code.contains(revision))))
}

/// Reads the variations of a record.
fn varied(
    folder: &Folder,
    search: &SearchEntry,
    entry: &UncertaintyEntry,
    weighing: Option<&Weighing>,
) -> Result<Uncertainty, Problem> {
    let (_, resampled) = of_variations(folder, search, RESAMPLES, RESAMPLE)?;
    let (names, assumed) = match entry.assumptions {
        true => of_variations(folder, search, ASSUMPTIONS, ASSUMPTION)?,
        false => Default::default(),
    };
    Uncertainty::new(&resampled, entry.resamples, &assumed, names, weighing).map_err(Problem::user)
}

/// Reads the sensitivity analysis of a record.
fn sensed(
    folder: &Folder,
    search: &SearchEntry,
    entry: &SensitivityEntry,
    weighing: Option<&Weighing>,
) -> Result<Varied, Problem> {
    let (names, joint) = of_variations(folder, search, SENSITIVITY, PARAMETER)?;
    let prices = entry.prices.clone().into_iter().collect();
    Varied::new(&joint, &names, prices, weighing).map_err(Problem::user)
}
