//! Archives of evaluations: how one is named, and how one is opened.
//!
//! The name says which evaluations an archive has: those of these traces, and of this deployment with the contents of
//! its data files. Question, analysis, claims and search are not part of the name, so changes of them keep the
//! evaluations. The axes are not part of it either, because the header of the archive has them. Neither is the code,
//! which each line names.

use std::hash::Hasher as _;
use std::path::Path;

use deployment::{Deployment, Problem};
use kareto::{ArchiveError, ArchiveStore, DesignSpace, Point};

use crate::evaluate::Traces;
use crate::observer::Observer;

/// What is wrong with an archive, as a problem of the user or the machine.
#[must_use]
pub fn archive_problem(error: ArchiveError) -> Problem {
    match error {
        ArchiveError::Io { .. } => Problem::machine(error),
        error => Problem::user(error),
    }
}

/// Opens an archive, so that a run goes on from it. Tells the observer how many lines other code made.
pub(crate) fn open_archive(
    path: &Path,
    fingerprint: &str,
    space: &DesignSpace,
    revision_of: impl Fn(&Point) -> Option<String> + Send + Sync + 'static,
    observer: &dyn Observer,
) -> Result<ArchiveStore, Problem> {
    let store = ArchiveStore::open(path, fingerprint, space, revision_of).map_err(archive_problem)?;
    let opened = store.opened();
    if opened.stale > 0 {
        observer.say(&format!(
            "{}: {} of {} evaluations were made by other code; those that are needed are run again",
            path.display(),
            opened.stale,
            opened.points
        ));
    }
    Ok(store)
}

/// The name of an archive, as 16 hexadecimal digits.
pub(crate) fn fingerprint(deployment: &Deployment, traces: &Traces) -> String {
    let mut text = String::new();
    traces.all.iter().for_each(|(name, trace)| text += &format!(" {name}{:016x}", trace.fingerprint()));
    text += " ";
    text += &deployment.identity();
    format!("{:016x}", fnv1a(text.as_bytes()))
}

/// FNV-1a. It is stable across platforms and versions, and a hasher of the standard library is not.
pub(crate) fn fnv1a(bytes: &[u8]) -> u64 {
    let mut hasher = fnv::FnvHasher::default();
    hasher.write(bytes);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    #[test]
    fn fnv1a_as_published() {
        // The offset basis for the empty text, and the published value for "a".
        assert_eq!(super::fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(super::fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
    }
}
