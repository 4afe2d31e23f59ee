//! What was found on a machine, as data.

use std::fmt;

use serde::Serialize;

use crate::extent::Extent;
use crate::fit::Fits;
use crate::machine::{DiskFacts, GpuFacts, Machine};
use crate::medium::{Origin, disk_text, host_link_text};
use crate::{Error, Measurement};

/// A part of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Copies within host memory.
    HostMemory,
    /// Copies between host and GPU.
    Gpu,
    /// A disk.
    Disk,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HostMemory => "host memory",
            Self::Gpu => "GPU",
            Self::Disk => "disk",
        })
    }
}

/// How far a part was measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "is", content = "why")]
pub enum State {
    /// All of it.
    Measured,
    /// There is nothing to measure. No error.
    Absent(String),
    /// The machine failed.
    Failed(String),
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Measured => f.write_str("measured"),
            Self::Absent(why) => write!(f, "absent: {why}"),
            Self::Failed(why) => write!(f, "failed: {why}"),
        }
    }
}

/// What was measured of a part.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PartReport {
    /// Which part.
    pub part: Part,
    /// How far.
    pub state: State,
    /// What a reader of its figures must know.
    pub notes: Vec<String>,
    /// How long measuring took \[s\].
    pub seconds: f64,
    /// The figures.
    pub measurements: Vec<Measurement>,
}

/// What was found on a machine.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Version of the program.
    pub program: String,
    /// Day and minute in UTC.
    pub date: String,
    /// How much was measured.
    pub extent: Extent,
    /// The machine.
    pub machine: Machine,
    /// The GPU, where there is one.
    pub gpu: Option<GpuFacts>,
    /// The disk, where one was asked for.
    pub disk: Option<DiskFacts>,
    /// Its parts.
    pub parts: Vec<PartReport>,
    /// The laws.
    pub fits: Fits,
}

impl Report {
    /// All figures.
    pub fn measurements(&self) -> impl Iterator<Item = &Measurement> {
        self.parts.iter().flat_map(|part| &part.measurements)
    }

    /// The failures of the machine.
    pub fn failures(&self) -> impl Iterator<Item = String> {
        let failed = self.parts.iter().filter(|part| matches!(part.state, State::Failed(_)));
        failed.map(|part| format!("{}: {}", part.part, part.state))
    }

    /// Whether the GPU is the stub of our tests.
    #[must_use]
    pub fn is_of_stub(&self) -> bool {
        self.gpu.as_ref().is_some_and(|gpu| gpu.is_stub)
    }

    /// The report as JSON.
    ///
    /// # Panics
    /// Never: it has no maps and no figures that are not numbers.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("plain data") + "\n"
    }

    /// All figures as CSV: sizes in bytes, times in seconds.
    ///
    /// # Errors
    /// A figure is no number.
    pub fn to_csv(&self) -> Result<String, Error> {
        let measured: Vec<Measurement> = self.measurements().copied().collect();
        crate::page::measurements_csv(&measured)
    }

    /// The media that the figures make, as file names and texts: `NAME.toml` for the GPU's host link, `NAME-disk.toml` for the
    /// disk. Also says why there is not one of them.
    ///
    /// # Errors
    /// The name is none for a medium.
    pub fn media(&self, name: &str) -> Result<Media, Error> {
        check_name(name)?;
        let mut media = Media::default();
        if self.is_of_stub() {
            media.notes.push("no medium file: the GPU is a stub, so nothing here was measured".to_owned());
            return Ok(media);
        }
        match (&self.fits.host_link, &self.gpu) {
            (Some(fit), Some(gpu)) => {
                let title = format!("Host memory behind a {}, measured", gpu.name);
                let origin = self.origin(name.to_owned(), title, "dram");
                media.files.push((format!("{name}.toml"), host_link_text(&origin, fit)));
            }
            _ => media.notes.push("no medium file of a host link: no GPU was measured".to_owned()),
        }
        match &self.fits.disk {
            Some(fit) if fit.direct => {
                let disk = self.disk.as_ref();
                let kind = disk.and_then(|it| it.file_system.clone()).unwrap_or_default();
                let origin =
                    self.origin(format!("{name}-disk"), format!("A disk ({kind}), measured"), "nvme");
                media.files.push((format!("{name}-disk.toml"), disk_text(&origin, fit)));
            }
            Some(_) => {
                media.notes.push("no medium file of the disk: only its page cache was measured".to_owned())
            }
            None => media.notes.push("no medium file of a disk: none was measured".to_owned()),
        }
        Ok(media)
    }

    fn origin(&self, name: String, title: String, priced_as: &str) -> Origin {
        let Machine { kernel, cpu, cores, is_virtual, .. } = &self.machine;
        let kind = if *is_virtual == Some(true) { ", a virtual machine" } else { "" };
        let gpu = self.gpu.as_ref().map_or(String::new(), |gpu| {
            let driver = gpu.driver.as_deref().unwrap_or("unknown");
            format!("; {}, driver {driver}, CUDA {}", gpu.name, gpu.cuda_version)
        });
        let quick = if self.extent == Extent::Quick { ", a quick run that says little" } else { "" };
        let source = format!(
            "kareto validate hardware {}{quick}: {cpu}, {cores} cores, {kernel}{kind}{gpu}",
            self.program
        );
        let date = self.date.split(' ').next().unwrap_or_default().to_owned();
        Origin { name, title, source, date, priced_as: priced_as.to_owned() }
    }
}

/// Medium files, and why some are not there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Media {
    /// Name and text.
    pub files: Vec<(String, String)>,
    /// For a person.
    pub notes: Vec<String>,
}

/// Names of media are also names of files.
///
/// # Errors
/// Says which are allowed.
pub fn check_name(name: &str) -> Result<(), Error> {
    let usable = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
    let starts = name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    if starts && name.chars().all(usable) && name.len() <= 60 {
        return Ok(());
    }
    Err(Error::Choice(format!(
        "--medium-name `{name}`; allowed: lower-case letters, digits, `-` and `.`, at most 60, the first no sign"
    )))
}
