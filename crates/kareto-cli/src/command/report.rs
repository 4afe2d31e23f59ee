//! `kareto report`: from a folder of records to pages.

use std::path::{Path, PathBuf};

use crate::args::Report;
use crate::compare::ComparisonRecord;
use crate::error::CliError;
use crate::output::complain;
use crate::record::{self, Record};
use crate::render::{Loaded, LoadedComparison, Rendered, cases_page, comparison_page, overview, page};
use crate::ttl::TtlRecord;

/// Renders the record that a folder is, or all records in it and a page over them.
pub(super) fn report(args: &Report) -> Result<(), CliError> {
    if let Some(record) = Record::at(args.dir.clone()) {
        let (_, rendered) = rendered(&record)?;
        return write_page(&args.dir, &rendered);
    }
    if let Some(record) = TtlRecord::at(args.dir.clone()) {
        let (_, rendered) = rendered_ttl(&record)?;
        return write_page(&args.dir, &rendered);
    }
    if let Some(record) = ComparisonRecord::at(args.dir.clone()) {
        return write_page(&args.dir, &comparison_page(&LoadedComparison::read(&record)?)?);
    }
    // Everything is rendered before anything is written.
    let mut pages = Vec::new();
    let mut records = Vec::new();
    let (mut ttl_records, mut comparisons) = (Vec::new(), Vec::new());
    for folder in folders(&args.dir)? {
        let name = folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy().into_owned();
        if let Some(record) = TtlRecord::at(folder.clone()) {
            let (loaded, rendered) = rendered_ttl(&record)?;
            ttl_records.push((name, loaded));
            pages.push((folder, rendered));
        } else if let Some(record) = Record::at(folder.clone()) {
            let (loaded, rendered) = rendered(&record)?;
            records.push((name, loaded));
            pages.push((folder, rendered));
        } else if let Some(record) = ComparisonRecord::at(folder.clone()) {
            let loaded = LoadedComparison::read(&record)?;
            pages.push((folder, comparison_page(&loaded)?));
            comparisons.push((name, loaded));
        }
    }
    if pages.is_empty() {
        let message = format!("{}: no records in it; `kareto run` writes them", args.dir.display());
        return Err(CliError::user(message));
    }
    let over = overview(&records, &ttl_records, &comparisons)?;
    for (folder, rendered) in &pages {
        write_page(folder, rendered)?;
    }
    record::write(&args.dir.join("index.html"), &over)?;
    complain(&format!("{} experiments in {}", pages.len(), args.dir.join("index.html").display()));
    Ok(())
}

fn rendered(record: &Record) -> Result<(Loaded, Rendered), CliError> {
    let loaded = Loaded::read(record)?;
    if let Some(cases) = &loaded.manifest.cases {
        let rendered = cases_page(&loaded, cases)?;
        return Ok((loaded, rendered));
    }
    let rendered = page(&loaded)?;
    Ok((loaded, rendered))
}

fn rendered_ttl(record: &TtlRecord) -> Result<(crate::ttl::Loaded, Rendered), CliError> {
    let loaded = crate::ttl::Loaded::read(record)?;
    let rendered = crate::ttl::render(&loaded)?;
    Ok((loaded, rendered))
}

fn write_page(folder: &Path, rendered: &Rendered) -> Result<(), CliError> {
    for (name, svg) in &rendered.pictures {
        record::write(&folder.join(name), svg)?;
    }
    record::write(&folder.join("index.html"), &rendered.html)
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
