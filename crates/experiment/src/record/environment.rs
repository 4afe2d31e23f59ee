//! How the program that wrote a record was called, and from what it was built.

use super::manifest::{RunEntry, TableEntry};

/// How the program was called, and from what it was built.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Environment {
    /// The arguments, the program's name first.
    pub command: Vec<String>,
    /// Its version.
    pub version: String,
    /// The commit of its sources, with `+changes` where they differ from it. `None` where the commit is not known.
    pub revision: Option<String>,
    /// The compiler that built it.
    pub toolchain: String,
}

impl Environment {
    /// The entry of a run that took `wall_time_s`.
    pub(crate) fn run(&self, evaluated: usize, reused: usize, wall_time_s: f64) -> RunEntry {
        RunEntry {
            command: self.command.clone(),
            version: self.version.clone(),
            revision: self.revision.clone(),
            toolchain: self.toolchain.clone(),
            threads: rayon::current_num_threads(),
            evaluated,
            reused,
            wall_time_s,
        }
    }

    pub(super) fn table(&self, file: &str) -> TableEntry {
        let (version, revision) = (self.version.clone(), self.revision.clone());
        TableEntry { file: file.to_owned(), version, revision }
    }
}
