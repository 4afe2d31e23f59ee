//! `kareto report`: from a folder of records to pages.

use std::path::{Path, PathBuf};

use experiment::Loaded;

use crate::args::Report;
use crate::error::CliError;
use crate::files::replace_with;
use crate::output::complain;
use pages::{Rendered, overview, rendered, reproduced, spliced};

/// Renders the record in a folder, or all records below it and a page over them.
pub(super) fn report(args: &Report) -> Result<(), CliError> {
    if let Some(record) = Loaded::read(&args.dir)? {
        return write_page(&args.dir, &rendered(&record)?);
    }
    // Everything is rendered before anything is written.
    let (mut pages, mut records) = (Vec::new(), Vec::new());
    for folder in folders(&args.dir)? {
        let name = folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy().into_owned();
        if let Some(record) = Loaded::read(&folder)? {
            pages.push((folder, rendered(&record)?));
            records.push((name, record));
        }
    }
    if pages.is_empty() {
        let message = format!("{}: no records in it; `kareto run` writes them", args.dir.display());
        return Err(CliError::user(message));
    }
    let over = overview(&records)?;
    let readme = reproduced(&records)?;
    let spliced = match &args.readme {
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|error| CliError::unreadable(path, &error))?;
            Some((path, spliced(path, &text, &records)?))
        }
        None => None,
    };
    for (folder, rendered) in &pages {
        write_page(folder, rendered)?;
    }
    write(&args.dir.join("index.html"), &over)?;
    write(&args.dir.join("README.md"), &readme)?;
    if let Some((path, text)) = spliced {
        write(path, &text)?;
    }
    complain(&format!("{} experiments in {}", pages.len(), args.dir.join("index.html").display()));
    Ok(())
}

fn write_page(folder: &Path, rendered: &Rendered) -> Result<(), CliError> {
    for (name, svg) in &rendered.pictures {
        write(&folder.join(name), svg)?;
    }
    write(&folder.join("index.html"), &rendered.html)
}

fn write(path: &Path, text: &str) -> Result<(), CliError> {
    replace_with(path, text.as_bytes())
}

/// The folders of a folder, by name.
fn folders(dir: &Path) -> Result<Vec<PathBuf>, CliError> {
    let unreadable = |error: std::io::Error| CliError::unreadable(dir, &error);
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    folders.sort();
    Ok(folders)
}
