//! The common parts of the trace subcommands: reading a trace, and writing one.

use std::num::NonZero;
use std::path::{Path, PathBuf};

use clap::Args;
use deployment::Source;
use experiment::TraceFile;
use kv_core::Trace;
use trace_synth::read::{
    Format, IdScope, LengthPrefixes, ReadOptions, ReadTrace, TimeUnit, by_name, read_path_with_remarks,
};
use trace_synth::synth::{DEFAULT_SEED, Recipe, embedded, embedded_names};
use trace_synth::write::{Fields, Form, Packing, write_jsonl};

use crate::error::CliError;
use crate::files::replace;
use crate::output::complain;

/// A trace to read.
#[derive(Debug, Args)]
pub(super) struct Input {
    /// Trace file, plain, .gz or .zst; `-` is standard input.
    pub(super) trace: PathBuf,
    #[command(flatten)]
    pub(super) reading: Reading,
}

/// How traces are read.
#[derive(Debug, Args)]
pub(crate) struct Reading {
    #[command(flatten)]
    told: Told,
    /// For files of lengths only: prompts begin with the shared prefixes of this recipe's first class. Without it, what
    /// they share is unknown.
    #[arg(long, value_name = "RECIPE")]
    pub(super) prefixes: Option<String>,
}

/// What a reader is told of a file.
#[derive(Debug, Args)]
pub(crate) struct Told {
    /// Format: mooncake, qwen-bailian, azure, burstgpt, kv-events, weka or dynamo; without it, what the first line says.
    #[arg(long, value_name = "NAME")]
    format: Option<String>,
    #[command(flatten)]
    unit: OtherUnit,
    /// What a block id names: prefix (all up to its block's end) or block (its own tokens); without it, what the format's
    /// ids name.
    #[arg(long, value_name = "SCOPE")]
    ids: Option<String>,
    /// Tokens in a block; without it, what the file says, or else the format's own.
    #[arg(long, value_name = "TOKENS")]
    block_tokens: Option<NonZero<u32>>,
}

/// The unit of a file's times.
#[derive(Debug, Args)]
pub(crate) struct OtherUnit {
    /// Unit of the file's times: s, ms, us or ns; without it, the format's own.
    #[arg(long, value_name = "UNIT")]
    time_unit: Option<String>,
}

/// A trace that takes the place of an experiment's own.
#[derive(Debug, Args)]
pub(crate) struct OtherTrace {
    /// Trace to replay instead of the file's own. The four options after it say how it is read.
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    #[command(flatten)]
    told: Told,
}

impl OtherTrace {
    /// The file and how it is read.
    pub(crate) fn file(&self) -> Result<Option<TraceFile>, CliError> {
        let options = self.told.options()?;
        match &self.trace {
            Some(path) => Ok(Some(TraceFile { path: path.clone(), options })),
            None if options == ReadOptions::AS_FILED => Ok(None),
            None => Err(CliError::user(
                "--format, --time-unit, --ids and --block-tokens say how the file of --trace is read, and there is no \
                 --trace; for the trace of an experiment file, [trace] has the keys format, time_unit, ids and block_tokens",
            )),
        }
    }
}

impl OtherUnit {
    /// The unit, where one is named.
    pub(super) fn unit(&self) -> Result<Option<TimeUnit>, CliError> {
        named("--time-unit", self.time_unit.as_deref(), &TimeUnit::ALL, TimeUnit::name)
    }
}

impl Told {
    fn options(&self) -> Result<ReadOptions, CliError> {
        Ok(ReadOptions {
            block_tokens: self.block_tokens,
            format: named("--format", self.format.as_deref(), &Format::ALL, Format::name)?,
            time_unit: self.unit.unit()?,
            ids: named("--ids", self.ids.as_deref(), &IdScope::ALL, IdScope::name)?,
            length_prefixes: None,
        })
    }
}

/// The one of `all` that an option names.
fn named<T: Copy>(
    option: &str,
    value: Option<&str>,
    all: &[T],
    name: impl Fn(T) -> &'static str,
) -> Result<Option<T>, CliError> {
    let Some(value) = value else { return Ok(None) };
    by_name(value, all, name)
        .map(Some)
        .map_err(|names| CliError::user(format!("{option} is {value:?}; expected one of {names}")))
}

impl Reading {
    /// Reads one file. What its reader had to assume goes to standard error.
    pub(crate) fn read(&self, path: &Path) -> Result<Trace, CliError> {
        self.read_with_start(path).map(|read| read.trace)
    }

    /// The same with where its clock started.
    pub(super) fn read_with_start(&self, path: &Path) -> Result<ReadTrace, CliError> {
        let read = read_path_with_remarks(path, &self.options()?).map_err(CliError::user)?;
        read.remarks.iter().for_each(|remark| complain(remark));
        Ok(read)
    }

    fn options(&self) -> Result<ReadOptions, CliError> {
        let prefixes = self.prefixes.as_deref().map(|name| {
            let recipe = recipe(name)?;
            let levels = recipe.class.into_iter().next().map(|class| class.prefix).unwrap_or_default();
            Ok::<_, CliError>(LengthPrefixes { levels, seed: DEFAULT_SEED })
        });
        Ok(ReadOptions { length_prefixes: prefixes.transpose()?, ..self.told.options()? })
    }
}

impl Input {
    /// Reads the trace.
    pub(super) fn read(&self) -> Result<Trace, CliError> {
        self.reading.read(&self.trace)
    }

    /// Refuses a trace of lengths only, for commands that say nothing without knowing what prompts share.
    pub(super) fn needs_sharing(&self, trace: &Trace) -> Result<(), CliError> {
        needs_sharing(&self.trace, trace)
    }
}

/// The same for a file.
pub(crate) fn needs_sharing(path: &Path, trace: &Trace) -> Result<(), CliError> {
    if trace.sharing_known() {
        return Ok(());
    }
    let name = path.display();
    Err(CliError::user(format!(
        "{name}: lengths only; expected a trace with block ids, or --prefixes RECIPE"
    )))
}

/// Where a trace is written.
#[derive(Debug, Args)]
pub(super) struct Output {
    /// File to write: Mooncake JSONL, in a zstd frame if the name ends in .zst. It appears when it is complete.
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: PathBuf,
    /// Write the four published fields only, times in whole milliseconds, for tools that refuse anything else. Sessions
    /// and a block size other than 512 tokens are lost.
    #[arg(long)]
    pub(super) published_fields: bool,
}

impl Output {
    /// Writes the trace beside the file and then puts it in its place, so that a failure leaves what was there.
    pub(super) fn write(&self, trace: &Trace) -> Result<(), CliError> {
        self.write_with(|form, file| write_jsonl(trace, form, file))
    }

    /// Writes the file with `write`, in the same way.
    pub(super) fn write_with(
        &self,
        write: impl FnOnce(Form, &mut std::fs::File) -> std::io::Result<()>,
    ) -> Result<(), CliError> {
        let packing = Packing::of_name(&self.output.to_string_lossy());
        let fields = if self.published_fields { Fields::Published } else { Fields::All };
        replace(&self.output, |file| write(Form { packing, fields }, file))
    }
}

/// A recipe that comes with the program, by name, or a recipe from a file that ends in .toml.
pub(super) fn recipe(name: &str) -> Result<Recipe, CliError> {
    if let Some(recipe) = embedded(name) {
        return Ok(recipe);
    }
    if !name.ends_with(".toml") {
        let names = embedded_names().collect::<Vec<_>>().join(", ");
        return Err(CliError::user(format!(
            "there is no recipe {name:?}; expected one of {names}, or a .toml file"
        )));
    }
    Recipe::parse(Source::read(Path::new(name))?.text())
        .map_err(|error| CliError::user(format!("{name}: {error}")))
}
