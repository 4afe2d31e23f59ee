//! How the program was called, and from what it was built.

use std::path::Path;
use std::process::Command;

use experiment::Environment;

use crate::error::CliError;

/// What the revision ends with where files differ from the commit.
const CHANGES: &str = "+changes";

/// Looks around: the arguments, and the git revision of the folder that `file` is in. What lies in the folder of records
/// `out` is no change.
pub(crate) fn environment(file: &Path, out: &Path) -> Environment {
    // The program by its name only, as every file outside the folder of the run: where it lies says nothing about what was
    // done.
    let command = std::env::args_os().enumerate().map(|(place, argument)| match place {
        0 => "kareto".to_owned(),
        _ => without_place(&argument.to_string_lossy()),
    });
    Environment {
        command: command.collect(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        revision: revision(file, out),
        toolchain: env!("KARETO_RUSTC").to_owned(),
    }
}

/// An argument of the command line. A path from the root of the machine, alone or behind `--option=`, becomes one from the
/// folder of the run, or a name.
fn without_place(argument: &str) -> String {
    let (option, value) = match argument.split_once('=') {
        Some((option, value)) if option.starts_with('-') => (format!("{option}="), value),
        _ => (String::new(), argument),
    };
    let path = Path::new(value);
    if !path.is_absolute() {
        return argument.to_owned();
    }
    let here = std::env::current_dir().unwrap_or_default();
    let inside = path.strip_prefix(&here).ok();
    let shown = inside.or(path.file_name().map(Path::new)).unwrap_or(path);
    format!("{option}{}", shown.display())
}

/// Refuses to run where the files are not those of a commit: the records would name a revision that did not make them.
pub(crate) fn require_clean(file: &Path, out: &Path) -> Result<(), CliError> {
    let here = file.display();
    match revision(file, out) {
        Some(revision) if revision.ends_with(CHANGES) => Err(CliError::user_with_help(
            format!("{here}: files differ from commit {}", revision.trim_end_matches(CHANGES)),
            "commit them first, or run without --require-clean into another folder",
        )),
        Some(_) => Ok(()),
        None => Err(CliError::user(format!(
            "{here}: it is in no git repository, and --require-clean asks for one"
        ))),
    }
}

/// The commit, with `+changes` where files differ from it; none without git or outside a repository.
fn revision(file: &Path, out: &Path) -> Option<String> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let git = |arguments: &[&str]| {
        let output = Command::new("git").arg("-C").arg(folder).args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let commit = git(&["rev-parse", "HEAD"])?;
    let root = git(&["rev-parse", "--show-toplevel"])?;
    let root = Path::new(&root).canonicalize().ok()?;
    let out = std::path::absolute(out).ok()?;
    let inside = out.strip_prefix(&root).ok().filter(|inside| !inside.as_os_str().is_empty());
    let exclude = inside.map(|inside| format!(":(exclude,top,literal){}", inside.display()));
    let mut status = vec!["status", "--porcelain", "--", ":/"];
    status.extend(exclude.as_deref());
    let changes = git(&status)?;
    Some(if changes.is_empty() { commit } else { format!("{commit}{CHANGES}") })
}
