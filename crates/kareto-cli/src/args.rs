//! The command line. [`crate::command`] has the commands.

use std::any::TypeId;
use std::ffi::OsString;
use std::num::{NonZeroU32, NonZeroU64};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::LazyLock;
use std::time::Instant;

use clap::error::ErrorKind;
use clap::{Args as ClapArgs, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};

use experiment::Scale;

use crate::error::CliError;
use crate::trace::common::OtherTrace;

/// How much DRAM and disk should hold the KV cache of an LLM service, for how long, under which policy?
///
/// Replays a request trace through a simulator of a tiered KV cache, searches the configurations for the Pareto
/// front of TTFT, throughput and cost, and draws pages of the results.
#[derive(Debug, Parser)]
#[command(name = "kareto", version, max_term_width = 100)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Args {
    /// The arguments of this process. Ends it with 2 where they are wrong, and with 0 after `--help` and `--version`.
    pub(crate) fn of_process() -> Self {
        Self::of(std::env::args_os()).unwrap_or_else(|error| error.exit())
    }

    /// The same of any arguments, the program's name first.
    pub(crate) fn of(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let mut command = taking_numbers(Self::command());
        let arguments: Vec<OsString> = arguments.into_iter().collect();
        let matches = command.try_get_matches_from_mut(&arguments).map_err(|error| match error.kind() {
            ErrorKind::InvalidUtf8 => not_utf8(&arguments),
            _ => error,
        })?;
        Self::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
    }
}

/// Names the arguments that are not UTF-8, where one of them is no file name.
fn not_utf8(arguments: &[OsString]) -> clap::Error {
    let broken = arguments.iter().filter(|it| it.to_str().is_none());
    let named: Vec<String> = broken.map(|it| format!("`{}`", it.to_string_lossy())).collect();
    let message = format!("{} is not UTF-8; allowed: UTF-8, but for names of files\n", named.join(", "));
    clap::Error::raw(ErrorKind::InvalidUtf8, message)
}

/// The value of an option may be a negative number: then the option says what it allows, where otherwise nobody would know
/// an argument `-1`.
fn taking_numbers(command: clap::Command) -> clap::Command {
    let taking = |arg: clap::Arg| {
        if arg.is_positional() || !arg.get_action().takes_values() {
            return arg;
        }
        let of = arg.get_value_parser().type_id();
        let arg = arg.allow_negative_numbers(true);
        // The types whose refusals name no range by themselves.
        if of == TypeId::of::<u64>() {
            arg.value_parser(whole::<u64>(0, u64::MAX))
        } else if of == TypeId::of::<usize>() {
            arg.value_parser(whole::<usize>(0, usize::MAX as u64))
        } else if of == TypeId::of::<NonZeroU32>() {
            arg.value_parser(whole::<NonZeroU32>(1, u32::MAX.into()))
        } else if of == TypeId::of::<NonZeroU64>() {
            arg.value_parser(whole::<NonZeroU64>(1, u64::MAX))
        } else {
            arg
        }
    };
    command.mut_args(taking).mut_subcommands(taking_numbers)
}

/// Parses a number without a sign, and says which are allowed.
fn whole<T: FromStr>(least: u64, most: u64) -> impl Fn(&str) -> Result<T, String> + Clone {
    move |text| text.parse().map_err(|_| format!("allowed: a whole number from {least} to {most}"))
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Replay a trace through one configuration and print its figures and its cost.
    Simulate(Simulate),
    /// Run experiments and write a record of each.
    Run(Run),
    /// Run one experiment and print the recommended configurations.
    Optimize(Optimize),
    Merge(crate::command::merge::Merge),
    /// Draw records as HTML and SVG. Nothing is simulated.
    Report(Report),
    /// List policies, routers and schedulers, or describe one.
    Policies(Policies),
    /// Write the first file of a new policy.
    NewPolicy(NewPolicy),
    FitProfile(crate::command::fit_profile::FitProfile),
    /// Compare the simulator with recorded runs of real engines, and measure this machine.
    #[command(subcommand)]
    Validate(crate::validate::Command),
    TuneTtl(crate::tune_ttl::TuneTtl),
    /// Look at traces.
    #[command(subcommand)]
    Trace(crate::trace::Command),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Simulate {
    /// Deployment file: a TOML with a [system]. An experiment file will do; each axis takes its first value unless --set
    /// fixes it.
    #[arg(value_name = "FILE")]
    pub(crate) scenario: PathBuf,
    #[command(flatten)]
    pub(crate) trace: OtherTrace,
    /// Change a setting, such as dram_gib=512 or disk_lease_s=600. You may give this more than once.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) settings: Vec<String>,
    /// Print one JSON object instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
    /// Also write trace events for ui.perfetto.dev: steps, requests, transfers, and the content of each tier. The file
    /// is compressed if its name ends in .gz or .zst.
    #[arg(long, value_name = "FILE")]
    pub(crate) trace_events: Option<PathBuf>,
    /// Also write a table of the requests as Parquet: latencies, tokens, hits in each tier.
    #[arg(long, value_name = "FILE")]
    pub(crate) requests: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Run {
    /// Experiment files.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) options: RunOptions,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Optimize {
    /// Experiment file.
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) options: RunOptions,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct RunOptions {
    /// How much of the experiments to run.
    #[arg(long, value_enum, default_value_t = ScaleName::Full)]
    pub(crate) scale: ScaleName,
    #[command(flatten)]
    pub(crate) trace: OtherTrace,
    /// Folder for the records. Each experiment has a folder of its own name there.
    #[arg(short, long = "out", value_name = "DIR", default_value = "reports")]
    pub(crate) out: PathBuf,
    /// Stop before anything runs unless the experiment files' repository is as it was committed, the folder of records aside.
    #[arg(long)]
    pub(crate) require_clean: bool,
}

/// When the program first asked for the time.
static STARTED: LazyLock<Instant> = LazyLock::new(Instant::now);

impl RunOptions {
    /// The options for the library.
    pub(crate) fn options(&self) -> Result<experiment::Options, CliError> {
        let scale = match self.scale {
            ScaleName::Smoke => Scale::Smoke,
            ScaleName::Full => Scale::Full,
        };
        let seconds = || STARTED.elapsed().as_secs_f64();
        Ok(experiment::Options { scale, trace: self.trace.file()?, out: self.out.clone(), seconds })
    }
}

/// How much of an experiment is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScaleName {
    /// A short window and few points. It takes seconds and shows that everything works.
    Smoke,
    /// The whole experiment.
    Full,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Report {
    /// Folder that `kareto run` wrote.
    pub(crate) dir: PathBuf,
    /// Also write the table of claims into this text file, between the lines `<!-- claims ... -->` and `<!-- /claims -->`.
    #[arg(long, value_name = "FILE")]
    pub(crate) readme: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct NewPolicy {
    /// Its name: lower case, words joined by dashes.
    pub(crate) name: String,
    /// A lease policy (how long a block may idle) instead of an eviction policy.
    #[arg(long)]
    pub(crate) lease: bool,
    /// Folder for the file, such as the src of a crate of yours, instead of the catalogue's.
    #[arg(short, long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Policies {
    /// Policy, router or scheduler to describe.
    pub(crate) name: Option<String>,
    /// Print JSON instead of text.
    #[arg(long)]
    pub(crate) json: bool,
}
