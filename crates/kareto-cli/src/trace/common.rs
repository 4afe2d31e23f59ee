//! The common parts of the trace subcommands: reading a trace, and writing one.

use std::num::NonZero;
use std::path::{Path, PathBuf};

use clap::Args;
use kv_core::Trace;
use trace_synth::read::{Format, LengthPrefixes, ReadOptions, read_path};
use trace_synth::synth::{DEFAULT_SEED, Recipe, embedded, embedded_names};
use trace_synth::write::{Fields, Form, Packing, write_jsonl};

use crate::error::CliError;
use crate::files::replace;

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
    /// Format: mooncake, qwen-bailian, azure, burstgpt or kv-events; without it, what the first line says.
    #[arg(long, value_name = "NAME")]
    pub(super) format: Option<String>,
    /// Tokens in a block; without it, what the file says, or else the format's own.
    #[arg(long, value_name = "TOKENS")]
    pub(super) block_tokens: Option<NonZero<u32>>,
    /// For files of lengths only: prompts begin with the shared prefixes of this recipe's first class. Without it they
    /// share nothing.
    #[arg(long, value_name = "RECIPE")]
    pub(super) prefixes: Option<String>,
}

impl Reading {
    /// Reads one file.
    pub(crate) fn read(&self, path: &Path) -> Result<Trace, CliError> {
        read_path(path, &self.options()?).map_err(CliError::user)
    }

    fn options(&self) -> Result<ReadOptions, CliError> {
        let format = self.format.as_deref().map(|name| {
            let names = Format::ALL.map(Format::name).join(", ");
            Format::of_name(name)
                .ok_or_else(|| CliError::user(format!("--format is {name:?}; expected one of {names}")))
        });
        let prefixes = self.prefixes.as_deref().map(|name| {
            let recipe = recipe(name)?;
            let levels = recipe.class.into_iter().next().map(|class| class.prefix).unwrap_or_default();
            Ok::<_, CliError>(LengthPrefixes { levels, seed: DEFAULT_SEED })
        });
        Ok(ReadOptions {
            block_tokens: self.block_tokens,
            format: format.transpose()?,
            length_prefixes: prefixes.transpose()?,
        })
    }
}

impl Input {
    /// Reads the trace.
    pub(super) fn read(&self) -> Result<Trace, CliError> {
        self.reading.read(&self.trace)
    }
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
    let text =
        std::fs::read_to_string(name).map_err(|error| CliError::unreadable(Path::new(name), &error))?;
    Recipe::parse(&text).map_err(|error| CliError::user(format!("{name}: {error}")))
}
