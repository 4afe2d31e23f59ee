//! The source files of a crate: those of each part, and those that all parts share.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::shown;
use crate::tokens::{self, Code};

/// Which files count, and which are parts; paths are relative to the crate's folder.
#[derive(Debug, Clone, Default)]
pub(crate) struct Files {
    /// Only these files and folders; all of `src` where there are none.
    pub(crate) only: Vec<PathBuf>,
    /// Every file of these folders but `mod.rs` is a part.
    pub(crate) part_folders: Vec<PathBuf>,
    /// Each of these files and folders is a part.
    pub(crate) whole_parts: Vec<PathBuf>,
}

/// A source file.
#[derive(Debug, Clone)]
pub(crate) struct SourceFile {
    /// Relative to the crate's folder, with `/`.
    pub(crate) path: String,
    pub(crate) code: Code,
}

/// The files of a crate.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sources {
    pub(crate) shared: Vec<SourceFile>,
    /// By path without the ending: `src/eviction/lru`.
    pub(crate) parts: BTreeMap<String, Vec<SourceFile>>,
}

impl Sources {
    pub(crate) fn all(&self) -> impl Iterator<Item = &SourceFile> {
        self.shared.iter().chain(self.parts.values().flatten())
    }
}

/// The name of a part's module: `lru` of `src/eviction/lru`.
pub(crate) fn module(part: &str) -> &str {
    part.rsplit('/').next().unwrap_or(part)
}

/// Reads the files that count. Files of modules that only tests have are left out, but where they are parts.
pub(crate) fn read(root: &Path, files: &Files) -> Result<Sources, String> {
    let mut paths = BTreeSet::new();
    let all = [PathBuf::from("src")];
    for path in if files.only.is_empty() { all.as_slice() } else { &files.only } {
        list(root, path, &mut paths)?;
    }
    for path in files.part_folders.iter().chain(&files.whole_parts) {
        list(root, path, &mut BTreeSet::new())?; // an error where it is missing
    }
    let part_of: BTreeMap<&PathBuf, Option<String>> =
        paths.iter().map(|path| (path, part(path, files))).collect();
    let listed = part_of.values().flatten().map(|part| module(part).to_owned()).collect();
    let (mut sources, mut tests) = (Sources::default(), BTreeSet::new());
    for (path, part) in part_of {
        let full = root.join(path);
        let text = fs::read_to_string(&full).map_err(|error| format!("{}: {error}", full.display()))?;
        let code = tokens::read(&text, &listed);
        let folder = children(path);
        tests.extend(code.test_modules.iter().map(|name| shown(&folder.join(name))));
        let file = SourceFile { path: shown(path), code };
        match part {
            Some(part) => sources.parts.entry(part).or_default().push(file),
            None => sources.shared.push(file),
        }
    }
    let in_tests = |path: &str| {
        tests.iter().any(|test| {
            path.strip_prefix(test.as_str()).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
        })
    };
    sources.shared.retain(|file| !in_tests(&file.path));
    for (part, files) in &mut sources.parts {
        files.retain(|file| file.path == format!("{part}.rs") || !in_tests(&file.path));
    }
    Ok(sources)
}

/// The folder of a module's own modules.
fn children(file: &Path) -> PathBuf {
    let folder = file.parent().unwrap_or(Path::new(""));
    match file.file_stem().and_then(|stem| stem.to_str()) {
        Some("mod" | "lib" | "main") | None => folder.to_owned(),
        Some(stem) => folder.join(stem),
    }
}

/// The part that a file belongs to.
fn part(path: &Path, files: &Files) -> Option<String> {
    if let Some(whole) = files.whole_parts.iter().find(|whole| path.starts_with(whole)) {
        return Some(shown(&whole.with_extension("")));
    }
    let folder = files.part_folders.iter().find(|folder| path.starts_with(folder))?;
    // `lru.rs`, and `lru/anything.rs` with it.
    let first = path.strip_prefix(folder).ok()?.components().next()?;
    let name = Path::new(&first).with_extension("");
    (name != Path::new("mod")).then(|| shown(&folder.join(name)))
}

/// Adds a source file, or all in a folder and below it.
fn list(root: &Path, path: &Path, found: &mut BTreeSet<PathBuf>) -> Result<(), String> {
    let full = root.join(path);
    let failed = |error: std::io::Error| format!("{}: {error}", full.display());
    if !fs::metadata(&full).map_err(failed)?.is_dir() {
        found.insert(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(&full).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let path = path.join(entry.file_name());
        let is_rust = path.extension().is_some_and(|ending| ending == "rs");
        if entry.file_type().map_err(failed)?.is_dir() || is_rust {
            list(root, &path, found)?;
        }
    }
    Ok(())
}
