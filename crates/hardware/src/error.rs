//! What can go wrong while a machine is measured.

use std::io;
use std::path::{Path, PathBuf};

/// Why something could not be measured.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The user asked for what cannot be.
    #[error("{0}")]
    Choice(String),
    /// There is too little memory.
    #[error("{0}")]
    Memory(String),
    /// A file in a folder.
    #[error("{}: {what}: {source}", path.display())]
    File {
        /// The folder.
        path: PathBuf,
        /// The file.
        what: String,
        /// What the system says.
        source: io::Error,
    },
    /// The GPU or its driver, in the driver's words.
    #[error("{0}")]
    Gpu(String),
    /// A chart or table of the report.
    #[error(transparent)]
    Report(#[from] report::Error),
}

impl Error {
    /// A folder of the user's that cannot be used.
    pub(crate) fn unusable(folder: &Path, source: &io::Error) -> Self {
        Self::Choice(format!("{}: {source}", folder.display()))
    }
}
