//! A recorded run, read from a file: plain, `.gz` or `.zst`, as its first bytes say.

use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

use deployment::Problem;
use tier_sim::engine_run::{EngineRun, EngineRunError, StepLaw, read_engine_run};

use crate::fault::ReplayFault;
use crate::header::{is_header, not_followed, unbounded_tier};
use crate::operators;

/// The longest header that is looked at: 64 MiB, as long as a line may be [bytes].
const HEADER_BYTES: u64 = 64 << 20;

/// A recorded run.
#[derive(Debug, Clone)]
pub struct Run {
    /// The file as the user named it.
    pub file: String,
    /// The folder of the folders of operator times that headers name.
    pub profiles: PathBuf,
    /// What was recorded.
    pub recorded: EngineRun,
    /// Settings of the header that the replay does not follow, as `key = value`.
    pub not_followed: Vec<String>,
}

impl Run {
    /// Reads a run. Operator times are taken from `op-profiles` beside the run's folder.
    ///
    /// # Errors
    /// [`ReplayFault::Refused`] for a header of an engine that the replay does not know; a mistake in the file.
    pub fn read(path: &Path) -> Result<Self, ReplayFault> {
        let file = path.display().to_string();
        let mut reader = decompressed(path)?;
        let mut first = Vec::new();
        let header = reader.by_ref().take(HEADER_BYTES).read_until(b'\n', &mut first);
        header.map_err(|error| Problem::user(format!("{file}: line 1: {error}")))?;
        let line = String::from_utf8_lossy(&first).into_owned();
        let whole = std::io::Cursor::new(first).chain(reader);
        let recorded = read_engine_run(whole).map_err(|error| refused_or_wrong(&file, &line, &error))?;
        let profiles = path.parent().unwrap_or(Path::new("")).join("../op-profiles");
        Ok(Self { file, profiles, recorded, not_followed: not_followed(&line) })
    }

    /// Reads the operator times that the header names, so that a mistake in them is known before anything is replayed.
    ///
    /// # Errors
    /// They are not there, or have a mistake.
    pub fn check_profile(&self) -> Result<(), Problem> {
        match &self.recorded.header.step {
            StepLaw::Profile { profile } => operators::load(&self.profiles.join(profile), 1.0).map(drop),
            StepLaw::Additive { .. } => Ok(()),
        }
    }

    /// Where its step times come from: `additive`, or the folder of operator times.
    #[must_use]
    pub fn step_law(&self) -> &str {
        match &self.recorded.header.step {
            StepLaw::Additive { .. } => "additive",
            StepLaw::Profile { profile } => profile,
        }
    }

    /// The engine's name, the first word of what the header says of it.
    #[must_use]
    pub fn engine(&self) -> &str {
        self.recorded.header.engine.split([' ', ',']).next().unwrap_or_default()
    }
}

/// A header of the right format that does not fit the replay is of another engine; everything else is a mistake.
fn refused_or_wrong(file: &str, header: &str, error: &EngineRunError) -> ReplayFault {
    let of_header = matches!(error, EngineRunError::Json { line: 1, .. } | EngineRunError::Unknown { .. });
    if !(of_header && is_header(header)) {
        return Problem::user(format!("{file}: {error}")).into();
    }
    let reason = match unbounded_tier(header) {
        Some(tier) => {
            format!("line 1: tier `{tier}` has `blocks` = null; the replay knows tiers of a size alone")
        }
        None => error.to_string(),
    };
    ReplayFault::Refused { file: file.to_owned(), reason }
}

/// Opens a file, and decompresses it as its first bytes say.
fn decompressed(path: &Path) -> Result<Box<dyn BufRead>, Problem> {
    let unreadable = |error: std::io::Error| Problem::unreadable(path, &error);
    let mut file = BufReader::new(File::open(path).map_err(unreadable)?);
    let start = file.fill_buf().map_err(unreadable)?;
    if start.starts_with(&[0x1f, 0x8b]) {
        return Ok(Box::new(BufReader::new(flate2::bufread::MultiGzDecoder::new(file))));
    }
    if start.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        let decoder = zstd::stream::read::Decoder::with_buffer(file).map_err(unreadable)?;
        return Ok(Box::new(BufReader::new(decoder)));
    }
    Ok(Box::new(file))
}
