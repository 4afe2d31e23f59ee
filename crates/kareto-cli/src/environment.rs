//! How the program was called, and from what it was built.

use std::path::Path;
use std::process::Command;

use experiment::Environment;

/// The environment of this process: the arguments, and the git revision of the folder that has `file`.
pub(crate) fn environment(file: &Path) -> Environment {
    // The program is given by its name only: its folder says nothing about what it did.
    let command = std::env::args_os().enumerate().map(|(place, argument)| match place {
        0 => "kareto".to_owned(),
        _ => argument.to_string_lossy().into_owned(),
    });
    Environment {
        command: command.collect(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        revision: revision(file),
        toolchain: env!("KARETO_RUSTC").to_owned(),
    }
}

/// The commit, with `+changes` where the files differ from it. `None` without git or outside a repository.
fn revision(file: &Path) -> Option<String> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let git = |arguments: &[&str]| {
        let output = Command::new("git").arg("-C").arg(folder).args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let commit = git(&["rev-parse", "HEAD"])?;
    let changes = git(&["status", "--porcelain", "--untracked-files=no"])?;
    Some(if changes.is_empty() { commit } else { format!("{commit}+changes") })
}
