//! `kareto validate hardware`: the transfers of the machine at hand. The library `hardware` measures; this prints.

use std::path::{Path, PathBuf};

use clap::Args;
use hardware::{DiskOptions, Error, Extent, Measurement, Observer, Options, Part, Report};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use kv_core::units::parse_bytes;

use crate::error::CliError;
use crate::files::replace_with;
use crate::output::{complain, print};

const MIB: u64 = 1 << 20;

const EXAMPLES: &str = "\
Examples:
  kareto validate hardware -o out/machine
  kareto validate hardware --dir /mnt/nvme --file-size '4 GiB' -o out/machine
  kareto validate hardware --dir . --gpu 0 --medium-name my-h100 -o out/machine
  kareto validate hardware --quick --json -o out/quick | jq .fits

What is not there is said to be absent, and is no error. The GPU needs a program built with the feature `cuda`:
  cargo build --release --package kareto-cli --features cuda";

/// Measure the transfers of this machine: host memory, a disk, a GPU; and fit the laws of media to them.
///
/// Takes about three minutes, 2 GiB of memory, 2 GiB of the GPU's, and a scratch file on the disk, which is removed however
/// the program ends. Do nothing else on the machine meanwhile. The folder gets a page with plots (index.html), the report
/// (report.json), all figures (measurements.csv), and with --medium-name files for `medium = "./NAME.toml"` in a deployment.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct HardwareArgs {
    /// Folder on the disk to measure. Without it no disk is measured.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Size of the scratch file in it: whole MiB, from 4 MiB on.
    #[arg(long, value_name = "SIZE", default_value = "1 GiB", requires = "dir")]
    file_size: String,
    /// Which GPU, counted from 0.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=1023))]
    gpu: u32,
    /// Also write what was found as medium files: NAME.toml for host memory behind the GPU's link, NAME-disk.toml for the disk.
    #[arg(long, value_name = "NAME")]
    medium_name: Option<String>,
    /// Measure a few small transfers only, in seconds. Their figures say little.
    #[arg(long)]
    quick: bool,
    /// Print JSON instead of text.
    #[arg(long)]
    json: bool,
    /// Folder for the page and the figures.
    #[arg(short, long = "out", value_name = "DIR")]
    out: PathBuf,
}

/// Measures, writes the files, and prints. Ends with 1 where the machine failed, after all else was written.
pub(super) fn run(args: &HardwareArgs) -> Result<(), CliError> {
    let options = options(args)?;
    if let Some(name) = &args.medium_name {
        hardware::check_name(name).map_err(problem)?;
    }
    hardware::check(&options).map_err(problem)?;
    let unusable = |error: std::io::Error| CliError::user(format!("--out {}: {error}", args.out.display()));
    std::fs::create_dir_all(&args.out).map_err(unusable)?;
    let report = hardware::run(&options, &mut Progress::new()).map_err(problem)?;
    let mut notes = write(&report, &args.out, args.medium_name.as_deref())?;
    print(&if args.json { report.to_json() } else { hardware::text(&report) })?;
    notes.push(format!("{} has the page", args.out.join("index.html").display()));
    notes.iter().for_each(|note| complain(note));
    match report.failures().collect::<Vec<_>>() {
        failures if failures.is_empty() => Ok(()),
        failures => Err(CliError::machine(failures.join("; "))),
    }
}

fn options(args: &HardwareArgs) -> Result<Options, CliError> {
    let file_bytes =
        parse_bytes(&args.file_size).map_err(|error| CliError::user(format!("--file-size: {error}")))?;
    if !(file_bytes.is_multiple_of(MIB) && (4 * MIB..=1 << 40).contains(&file_bytes)) {
        let message = format!("--file-size {}: allowed: whole MiB, 4 MiB to 1 TiB", args.file_size);
        return Err(CliError::user(message));
    }
    // A quick run writes little.
    let file_bytes = if args.quick { file_bytes.min(16 * MIB) } else { file_bytes };
    let disk = args.dir.clone().map(|folder| DiskOptions { folder, file_bytes });
    Ok(Options { extent: if args.quick { Extent::Quick } else { Extent::Full }, gpu: args.gpu, disk })
}

/// Writes all files. Returns what a person should know of them.
fn write(report: &Report, out: &Path, medium: Option<&str>) -> Result<Vec<String>, CliError> {
    let mut notes = Vec::new();
    let mut files = vec![
        ("measurements.csv".to_owned(), "all transfers, in bytes and seconds".to_owned()),
        ("report.json".to_owned(), "machine, transfers, laws and what the laws leave".to_owned()),
    ];
    replace_with(&out.join("measurements.csv"), report.to_csv().map_err(problem)?.as_bytes())?;
    replace_with(&out.join("report.json"), report.to_json().as_bytes())?;
    if let Some(name) = medium {
        let media = report.media(name).map_err(problem)?;
        for (file, text) in media.files {
            replace_with(&out.join(&file), text.as_bytes())?;
            notes.push(format!("{} is a medium file", out.join(&file).display()));
            files.push((file, "a medium file".to_owned()));
        }
        notes.extend(media.notes);
    }
    replace_with(&out.join("index.html"), hardware::page(report, &files).map_err(problem)?.as_bytes())?;
    Ok(notes)
}

/// An error of the library: the user's fault, or the machine's.
pub(super) fn problem(error: Error) -> CliError {
    match error {
        Error::Choice(_) => CliError::user(error),
        _ => CliError::machine(error),
    }
}

/// A bar on standard error, where a person looks at it.
struct Progress(ProgressBar);

impl Progress {
    fn new() -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        let template = "{msg} [{bar:30}] {pos}/{len} points, {elapsed} gone";
        bar.set_style(ProgressStyle::with_template(template).expect("a template").progress_chars("=> "));
        Self(bar)
    }
}

impl Observer for Progress {
    fn begin(&mut self, part: Part, points: usize) {
        self.0.reset();
        self.0.set_length(points as u64);
        self.0.set_message(part.to_string());
    }

    fn measured(&mut self, _: &Measurement) {
        self.0.inc(1);
    }

    fn end(&mut self) {
        self.0.finish_and_clear();
    }
}
