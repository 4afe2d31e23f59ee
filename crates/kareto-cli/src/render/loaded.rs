//! A record read back: manifest, archive, what was skipped, and claims.

use std::collections::BTreeMap;

use std::path::Path;

use kareto::archive::read_file;
use kareto::robust::Weighing;
use kareto::robust::joint::parted;
use kareto::{Archive, DesignSpace, ObjectiveSet, Point};
use report::Table;

use super::{Scenarios, Uncertainty};
use crate::error::CliError;
use crate::evaluate::{ASSUMPTION, FIGURES, RESAMPLE};
use crate::experiment::robust::SCENARIO;
use crate::record::{Manifest, Record, UncertaintyEntry, read_table, rules};

/// What a report is made from.
pub(crate) struct Loaded {
    pub(crate) manifest: Manifest,
    pub(crate) space: DesignSpace,
    /// Everything in the archive.
    pub(crate) kept: Archive,
    /// What the search asked for.
    pub(crate) searched: Archive,
    pub(crate) baseline: Option<Point>,
    /// By which rule the search skipped points; none for cases, and in records of versions that did not write it.
    pub(crate) skipped: Option<BTreeMap<Point, String>>,
    pub(crate) claims: Table,
    /// Where one configuration was chosen for several; all else is then what they are made.
    pub(crate) scenarios: Option<Scenarios>,
    /// Where variations were evaluated.
    pub(crate) uncertainty: Option<Uncertainty>,
}

impl Loaded {
    /// Reads a record.
    pub(crate) fn read(record: &Record) -> Result<Self, CliError> {
        let manifest = Manifest::read(&record.manifest())?;
        let mut archive = read_file(&record.archive()).map_err(CliError::user)?;
        if archive.fingerprint != manifest.fingerprint {
            return Err(CliError::user(format!(
                "{}: archive and manifest are of different runs ({} and {}); run the experiment again",
                record.directory().display(),
                archive.fingerprint,
                manifest.fingerprint
            )));
        }
        let wrong = |error: &dyn std::fmt::Display| {
            CliError::user(format!("{}: {error}", record.archive().display()))
        };
        if !manifest.search.objectives.is_empty() {
            let objectives = ObjectiveSet::new(&manifest.search.objectives, &FIGURES);
            let objectives = objectives
                .map_err(|error| CliError::user(format!("{}: {error}", record.manifest().display())))?;
            archive.archive = archive.archive.with_objectives(objectives);
        }
        let mut scenarios = None;
        if !manifest.scenario.is_empty() {
            let (names, space) = parted(SCENARIO, &archive.space).map_err(|error| wrong(&error))?;
            let weights = manifest.scenario.iter().map(|it| it.weight).collect();
            let front = manifest.search.front.unwrap_or_default();
            let weighing = Weighing { weights, front, figures: FIGURES };
            let joint = std::mem::take(&mut archive.archive);
            archive.archive = weighing.aggregated(&joint).map_err(|error| wrong(&error))?;
            archive.space = space;
            scenarios = Some(Scenarios::new(names, weighing, joint));
        }
        let point = |key: &String| {
            let parsed = archive.space.parse_key(key);
            parsed.map_err(|error| CliError::user(format!("{}: {error}", record.manifest().display())))
        };
        let beside: Vec<Point> = manifest.search.beside.iter().map(point).collect::<Result<_, _>>()?;
        let baseline = manifest.baseline.as_ref().map(point).transpose()?;
        let objectives = archive.archive.objectives().clone();
        let mut searched = Archive::new().with_objectives(objectives);
        for (point, evaluation) in archive.archive.iter().filter(|(point, _)| !beside.contains(point)) {
            searched.insert(point.clone(), evaluation.clone()).expect("a point occurs once in an archive");
        }
        let path = record.skipped();
        let skipped = match path.is_file() {
            true => {
                let rules = rules(&archive.space, &read_table(&path)?);
                Some(rules.map_err(|message| CliError::user(format!("{}: {message}", path.display())))?)
            }
            false => None,
        };
        let claims = read_table(&record.claims())?;
        let (space, kept) = (archive.space, archive.archive);
        let uncertainty = match &manifest.uncertainty {
            Some(entry) => {
                let weighing = scenarios.as_ref().map(|it| &it.weighing);
                let varied = varied(record, &manifest.fingerprint, entry, weighing)?;
                Some(varied.with_prices(&kept, scenarios.as_ref()))
            }
            None => None,
        };
        Ok(Self { manifest, space, kept, searched, baseline, skipped, claims, scenarios, uncertainty })
    }
}

/// Reads the variations of a record.
fn varied(
    record: &Record,
    fingerprint: &str,
    entry: &UncertaintyEntry,
    weighing: Option<&Weighing>,
) -> Result<Uncertainty, CliError> {
    let read = |path: &Path, axis: &str| {
        let wrong = |error: &dyn std::fmt::Display| CliError::user(format!("{}: {error}", path.display()));
        let archive = read_file(path).map_err(CliError::user)?;
        if archive.fingerprint != fingerprint {
            return Err(wrong(&"it is of another run than the manifest; run the experiment again"));
        }
        let (names, _) = parted(axis, &archive.space).map_err(|error| wrong(&error))?;
        Ok((names, archive.archive))
    };
    let (_, resampled) = read(&record.resamples(), RESAMPLE)?;
    let (names, assumed) = match entry.assumptions {
        true => read(&record.assumptions_archive(), ASSUMPTION)?,
        false => Default::default(),
    };
    Uncertainty::new(&resampled, entry.resamples, &assumed, names, weighing).map_err(CliError::user)
}
