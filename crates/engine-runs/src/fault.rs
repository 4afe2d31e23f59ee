//! Why a recorded run was not replayed.

use deployment::Problem;

/// Why a recorded run was not replayed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReplayFault {
    /// Its header describes an engine that the replay does not know.
    Refused {
        /// The file as the user named it.
        file: String,
        /// What the replay does not know, in one line without the file.
        reason: String,
    },
    /// A mistake in the file, or a file that cannot be read.
    Problem(Problem),
}

impl From<Problem> for ReplayFault {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<ReplayFault> for Problem {
    fn from(fault: ReplayFault) -> Self {
        match fault {
            ReplayFault::Refused { file, reason } => Self::user(format!("{file}: {reason}")),
            ReplayFault::Problem(problem) => problem,
        }
    }
}
