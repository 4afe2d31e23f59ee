//! Evaluations that are done: in memory, and as a file that an interrupted search resumes from.
//!
//! An [`Archive`] is a map from point to evaluation, so the order in which answers came in cannot change any
//! result. [`ArchiveStore`] couples one to an append-only file, and answers only what the code at hand would compute.
//! Nothing is ever evaluated here.

mod file;
mod held;
mod merge;
mod store;

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use thiserror::Error;

pub use file::{FORMAT, LoadedArchive, read_file};
pub use merge::merge_files;
pub use store::{ArchiveStore, Opened, RevisionOf};

use crate::evaluate::Evaluation;
use crate::objectives::{NotFinite, ObjectiveSet};
use crate::space::{Point, SpaceError};

/// Evaluations by point, and which figures of them are objectives.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Archive {
    evaluations: BTreeMap<Point, Evaluation>,
    objectives: ObjectiveSet,
}

impl Archive {
    /// An archive without evaluations.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same evaluations, read under other objectives.
    #[must_use]
    pub fn with_objectives(self, objectives: ObjectiveSet) -> Self {
        Self { objectives, ..self }
    }

    /// An archive without evaluations and with the objectives of this one.
    pub(crate) fn empty_like(&self) -> Self {
        Self::new().with_objectives(self.objectives.clone())
    }

    /// Which figures are objectives.
    #[must_use]
    pub fn objectives(&self) -> &ObjectiveSet {
        &self.objectives
    }

    /// The objectives of an evaluation as a vector of which less is better in every entry.
    #[must_use]
    pub fn vector(&self, evaluation: &Evaluation) -> [f64; 3] {
        self.objectives.minimised(evaluation)
    }

    /// The vectors of all evaluations, in the order of their points.
    pub(crate) fn vectors(&self) -> Vec<[f64; 3]> {
        self.evaluations.values().map(|evaluation| self.vector(evaluation)).collect()
    }

    /// Adds an evaluation.
    ///
    /// # Errors
    /// [`Conflict`] if the point has a different one already; the archive is unchanged then.
    pub fn insert(&mut self, point: Point, evaluation: Evaluation) -> Result<(), Conflict> {
        match self.evaluations.get(&point) {
            Some(known) if *known != evaluation => Err(Conflict { point }),
            Some(_) => Ok(()),
            None => {
                self.evaluations.insert(point, evaluation);
                Ok(())
            }
        }
    }

    /// The evaluation of a point.
    #[must_use]
    pub fn get(&self, point: &Point) -> Option<&Evaluation> {
        self.evaluations.get(point)
    }

    /// Whether a point is evaluated.
    #[must_use]
    pub fn contains(&self, point: &Point) -> bool {
        self.evaluations.contains_key(point)
    }

    /// All evaluations in the order of their points.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Point, &Evaluation)> + '_ {
        self.evaluations.iter()
    }

    /// Number of evaluations.
    #[must_use]
    pub fn len(&self) -> usize {
        self.evaluations.len()
    }

    /// Whether nothing is evaluated.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.evaluations.is_empty()
    }

    /// Adds all evaluations of another archive of the same space.
    ///
    /// # Errors
    /// [`Conflict`] at the first point on which the two disagree; evaluations before it have been added.
    pub fn merge(&mut self, other: &Self) -> Result<(), Conflict> {
        other.iter().try_for_each(|(point, evaluation)| self.insert(point.clone(), evaluation.clone()))
    }
}

/// Two different evaluations of one point: the evaluator is not a function, or the archives are of two systems.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("two different evaluations of the point {point:?}")]
pub struct Conflict {
    /// The point.
    pub point: Point,
}

/// An archive file that cannot be used.
#[derive(Debug, Error)]
pub enum ArchiveError {
    /// The file cannot be read or written.
    #[error("archive {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Another process is appending to the file.
    #[error("archive {path} is in use by another process; wait for it, or name another file")]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// The file is something else. It is left as it is.
    #[error("{path} is not a Kareto archive: {what}")]
    NotAnArchive {
        /// The file.
        path: PathBuf,
        /// What was found.
        what: String,
    },
    /// The archive belongs to another trace, system or space. It is left as it is.
    #[error(
        "archive {path} is of another experiment: its {part} is `{found}`, this one's is `{expected}`; \
         name another file, or remove this one"
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What differs: the fingerprint, or the axes.
        part: &'static str,
        /// As the file has it.
        found: String,
        /// As this experiment has it.
        expected: String,
    },
    /// A whole line that does not hold an evaluation of this space. The file is left as it is.
    #[error("archive {path}, line {line}: {what}")]
    BadLine {
        /// The file.
        path: PathBuf,
        /// Line number, from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// The header's axes do not make a space.
    #[error("archive {path}: {source}")]
    Space {
        /// The file.
        path: PathBuf,
        /// What is wrong with them.
        source: SpaceError,
    },
    /// An evaluation with a figure that a file cannot hold.
    #[error("evaluation of {key}: {source}")]
    NotFinite {
        /// The point's key.
        key: String,
        /// The figure.
        source: NotFinite,
    },
    /// A point was evaluated twice with different results.
    #[error("archive: {0}")]
    Conflict(#[from] Conflict),
}
