//! A validated experiment of recorded runs: `[[engine_run]]` of an experiment file.

use std::path::{Path, PathBuf};

use deployment::Problem;
use engine_runs::Replayer;

use super::Input;
use crate::file;

/// A validated experiment.
pub(crate) struct EngineRunsPlan {
    pub(crate) replayer: Replayer,
    /// In the order of the file.
    pub(crate) runs: Vec<PlannedRun>,
}

/// One recorded run.
pub(crate) struct PlannedRun {
    /// Its file's name without folder and endings.
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    /// The folder of operator times, where the file names one.
    pub(crate) profiles: Option<PathBuf>,
    /// Whether its file is not there, where the experiment file allows that.
    pub(crate) is_absent: bool,
}

impl EngineRunsPlan {
    /// Resolves an experiment of recorded runs.
    pub(super) fn new(input: &Input<'_>) -> Result<Self, Problem> {
        let Input { source, file, trace, .. } = input;
        if trace.is_some() {
            let message =
                "recorded runs have their own requests, and `--trace` gives others; allowed: without it";
            return Err(source.error_in_file(message));
        }
        let replayer = Replayer::new(input.registry)?;
        let wire = file.engine_run.as_deref().unwrap_or_default();
        if wire.is_empty() {
            return Err(source.error_in_file("there is no `[[engine_run]]`; allowed: one or more"));
        }
        let most = input.changes().and_then(|changes| changes.runs.as_ref());
        if let Some(most) = most.filter(|it| !(1..=wire.len()).contains(it.get_ref())) {
            let message = format!("runs is {}; allowed: 1 to {}", most.get_ref(), wire.len());
            return Err(source.error(most.span(), message, "here"));
        }
        let mut runs: Vec<PlannedRun> = Vec::new();
        for wire in wire {
            let run = planned(input.directory(), wire.get_ref());
            if runs.iter().any(|known| known.name == run.name) {
                let message = format!("two runs are named `{}`; allowed: files of distinct names", run.name);
                return Err(source.error(wire.get_ref().file.span(), message, "the second one"));
            }
            runs.push(run);
        }
        runs.truncate(most.map_or(usize::MAX, |it| *it.get_ref()));
        Ok(Self { replayer, runs })
    }
}

fn planned(directory: &Path, wire: &file::EngineRun) -> PlannedRun {
    let path = directory.join(wire.file.get_ref());
    PlannedRun {
        name: name(&path),
        is_absent: wire.may_be_absent && !path.exists(),
        profiles: wire.profiles.as_ref().map(|folder| directory.join(folder.get_ref())),
        path,
    }
}

/// A file's name without its folder and without the endings of recorded runs. Other dots are part of the name.
fn name(path: &Path) -> String {
    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let unpacked = [".gz", ".zst"].iter().find_map(|ending| file.strip_suffix(ending)).unwrap_or(&file);
    unpacked.strip_suffix(".jsonl").unwrap_or(unpacked).to_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_run_has_the_name_of_its_file() {
        let names = ["runs/llama-3.1-8b.jsonl.gz", "b.zst", "c.jsonl"].map(|path| super::name(path.as_ref()));
        assert_eq!(names, ["llama-3.1-8b", "b", "c"]);
    }
}
