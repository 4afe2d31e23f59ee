//! What can go wrong while a machine is measured.

use std::io;
use std::path::PathBuf;

/// Why something could not be measured.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The user asked for what cannot be.
    #[error("{0}")]
    Choice(String),
    /// A file or folder.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
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
    /// An error of a file.
    pub(crate) fn file(path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::File { path: path.into(), source }
    }
}
