//! Measures what the machine has, part by part, and fits the laws.
//!
//! A part that is not there is no error, and a part that fails does not keep the others from being measured.

use std::path::PathBuf;

use crate::clock::{Start, today};
use crate::extent::Extent;
use crate::fit::Fits;
use crate::machine::{DiskFacts, GpuFacts, Machine};
use crate::measure::{Repeats, measure};
use crate::report::{Part, PartReport, Report, State};
use crate::{DiskProbe, Error, HostCopyProbe, Measurement, TransferProbe};

/// What to measure.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// How much of it.
    pub extent: Extent,
    /// The GPU, by its number.
    pub gpu: u32,
    /// The disk; `None` measures none.
    pub disk: Option<DiskOptions>,
}

/// Which disk, and with how large a file.
#[derive(Debug, Clone, PartialEq)]
pub struct DiskOptions {
    /// A folder on it.
    pub folder: PathBuf,
    /// Size of the scratch file \[B\], a multiple of 1 MiB.
    pub file_bytes: u64,
}

/// Hears of the measuring as it goes on.
pub trait Observer {
    /// A part begins; so many points will be measured.
    fn begin(&mut self, part: Part, points: usize);
    /// A point is done.
    fn measured(&mut self, one: &Measurement);
    /// The part is done.
    fn end(&mut self);
}

/// Whether the options can be followed, before minutes of measuring.
///
/// # Errors
/// [`Error::Choice`] where the folder cannot be used.
pub fn check(options: &Options) -> Result<(), Error> {
    options.disk.as_ref().map_or(Ok(()), |disk| crate::disk::check(&disk.folder))
}

/// Measures host memory, the GPU and the disk, one after the other.
///
/// # Errors
/// As [`check`]. Whatever else goes wrong stands in the report.
pub fn run(options: &Options, observer: &mut dyn Observer) -> Result<Report, Error> {
    check(options)?;
    let (machine, date) = (Machine::look(), today());
    let mut report = Report {
        program: env!("CARGO_PKG_VERSION").to_owned(),
        date,
        extent: options.extent,
        machine,
        gpu: None,
        disk: options.disk.as_ref().map(|disk| DiskFacts::look(&disk.folder, disk.file_bytes)),
        parts: Vec::new(),
        fits: Fits::of(&[]),
    };
    let cores = report.machine.cores;
    report.parts.push(part(Part::HostMemory, observer, options.extent.repeats(), || {
        Ok(Ok(Box::new(HostCopyProbe::new(options.extent, cores)?)))
    }));
    let gpu = &mut report.gpu;
    let measured = part(Part::Gpu, observer, options.extent.repeats(), || gpu_probe(options, gpu));
    report.parts.push(measured);
    report.parts.push(part(Part::Disk, observer, options.extent.disk_repeats(), || match &options.disk {
        None => Ok(Err("no folder was named (--dir)".to_owned())),
        Some(disk) => Ok(Ok(Box::new(DiskProbe::new(&disk.folder, disk.file_bytes, options.extent)?))),
    }));
    // A part that failed was measured in part, and a law of half of it would mislead.
    let whole = report.parts.iter().filter(|part| part.state == State::Measured);
    let measured: Vec<Measurement> = whole.flat_map(|part| part.measurements.clone()).collect();
    report.fits = Fits::of(&measured);
    Ok(report)
}

/// A probe, or why there is nothing to measure.
type Found = Result<Box<dyn TransferProbe>, String>;

fn part(
    part: Part,
    observer: &mut dyn Observer,
    repeats: Repeats,
    find: impl FnOnce() -> Result<Found, Error>,
) -> PartReport {
    let start = Start::now();
    let mut report = PartReport {
        part,
        state: State::Measured,
        notes: Vec::new(),
        seconds: 0.0,
        measurements: Vec::new(),
    };
    match find() {
        Ok(Ok(mut probe)) => {
            report.notes = probe.notes();
            observer.begin(part, probe.points().len());
            // What was measured before a failure is kept.
            let measured = &mut report.measurements;
            let tell = &mut |one: &Measurement| {
                measured.push(*one);
                observer.measured(one);
            };
            if let Err(error) = measure(&mut *probe, repeats, tell) {
                report.state = State::Failed(error.to_string());
            }
            observer.end();
        }
        Ok(Err(why)) => report.state = State::Absent(why),
        Err(error) => report.state = State::Failed(error.to_string()),
    }
    report.seconds = start.elapsed_s();
    report
}

#[cfg(feature = "cuda")]
fn gpu_probe(options: &Options, facts: &mut Option<GpuFacts>) -> Result<Found, Error> {
    use crate::cuda::Gpu;
    match Gpu::open(options.gpu) {
        Ok(gpu) => {
            *facts = Some(gpu.facts().clone());
            Ok(Ok(Box::new(crate::GpuProbe::new(gpu, options.extent)?)))
        }
        Err(absent) => Ok(Err(absent.to_string())),
    }
}

#[cfg(not(feature = "cuda"))]
fn gpu_probe(_: &Options, _: &mut Option<GpuFacts>) -> Result<Found, Error> {
    Ok(Err("this program was built without CUDA (feature `cuda`)".to_owned()))
}
