//! One configuration in detail: every event for a trace viewer, every request as a table.
//!
//! The evaluation settles the configuration first. Then an observer watches a second replay, which is the same to the
//! byte.

mod requests;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use flate2::{Compression, write::GzEncoder};
use kv_core::Trace;
use tier_sim::{Scenario, trace_events};

use crate::error::CliError;
use crate::files::{replace, replace_with};

/// zstd's level for event logs. They are long and repetitive, so more effort gains little.
const ZSTD_LEVEL: i32 = 3;

/// Writes the events of a run, compressed as the file's name says. The file appears when it is complete.
pub(crate) fn write_events(path: &Path, scenario: &Scenario, trace: &Trace) -> Result<(), CliError> {
    replace(path, |file| packed(path, file, |into| trace_events::write(scenario, trace, into)))
}

/// Writes the requests of a run as Parquet. The file appears when it is complete.
pub(crate) fn write_requests(path: &Path, scenario: &Scenario, trace: &Trace) -> Result<(), CliError> {
    let table = requests::table(scenario, trace).and_then(|table| table.to_parquet());
    let bytes = table.map_err(CliError::machine)?;
    replace_with(path, &bytes)
}

/// Refuses the name of a file of another format. What is no regular file has any name.
pub(crate) fn check_parquet_name(path: &Path) -> Result<(), CliError> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    let is_file = !matches!(whole_file::regular_target(path), Ok(None));
    match ending {
        Some(ending) if ending != "parquet" && is_file => Err(CliError::user(format!(
            "`--requests {}`: the table is written as Parquet, not as `.{ending}`; allowed: a name that ends in `.parquet`",
            path.display()
        ))),
        _ => Ok(()),
    }
}

/// Calls `write` with a buffered writer, which compresses if the name ends in `.gz` or `.zst`.
fn packed(
    path: &Path,
    file: &mut File,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("gz") => {
            let mut encoder = GzEncoder::new(BufWriter::new(file), Compression::default());
            write(&mut encoder)?;
            encoder.finish()?.flush()
        }
        Some("zst") => {
            let mut encoder = zstd::Encoder::new(file, ZSTD_LEVEL)?;
            encoder.include_checksum(true)?;
            write(&mut encoder)?;
            encoder.finish()?.flush()
        }
        _ => {
            let mut into = BufWriter::new(file);
            write(&mut into)?;
            into.flush()
        }
    }
}
