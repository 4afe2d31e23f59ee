//! Where a trace comes from, and what is done to it before it is replayed.
//!
//! The steps always run in one order: read or synthesise, cut the window, change the rate, add the surge,
//! spread ties, resolve output blocks. So one description of a source and its preparation names one trace.

use std::num::NonZero;
use std::ops::{Range, RangeInclusive};
use std::path::PathBuf;

use kv_core::Trace;
use thiserror::Error;

use crate::outputs::resolve_outputs;
use crate::read::{ReadError, ReadOptions, ReadTrace, read_path_with_remarks};
use crate::synth::{self, RecipeError};
use crate::transform::{self, Surge, TransformError};

/// Rates that [`Preparation::rate`] may have.
pub const RATES: RangeInclusive<f64> = 1e-3..=1e3;

/// Where requests come from.
#[derive(Debug, Clone, PartialEq)]
pub enum TraceSource {
    /// A file in a format that [`crate::read`] knows.
    File {
        /// The file; `-` is standard input.
        path: PathBuf,
        /// What the reader is told beside the file.
        options: ReadOptions,
    },
    /// The default trace that comes with this crate: [`synth::default_trace`].
    Default,
    /// A recipe that comes with this crate: [`synth::embedded`].
    Recipe {
        /// Its name.
        name: String,
        /// Seed of the synthesis.
        seed: u64,
        /// Tokens in a block, where they differ from the recipe's own.
        block_tokens: Option<NonZero<u32>>,
        /// Length of the trace \[s\], where it differs from the recipe's own.
        duration_s: Option<u32>,
    },
}

/// What is done to a trace before it is replayed. [`Preparation::default`] only resolves output blocks.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Preparation {
    /// Keeps the requests that arrive in this part of the trace, from the trace's start \[ns\], which of a file is
    /// its first request. Time then starts at the window.
    pub window_ns: Option<Range<u64>>,
    /// Lets requests arrive so many times as often as recorded; within [`RATES`].
    pub rate: Option<f64>,
    /// Add sessions, or remove some: see [`transform::surges`].
    pub surges: Vec<Surge>,
    /// What becomes of equal arrival times.
    pub ties: Ties,
}

/// What becomes of equal arrival times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ties {
    /// Nothing.
    #[default]
    Kept,
    /// They are spread over the time to the next arrival: see [`crate::spread_ties`].
    Spread,
}

/// A trace that cannot be had as described.
#[derive(Debug, Error)]
pub enum PrepareError {
    /// The file cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// No recipe has this name.
    #[error("there is no recipe `{name}`; allowed: {allowed}")]
    UnknownRecipe {
        /// The name that was asked for.
        name: String,
        /// The names that there are, separated by commas.
        allowed: String,
    },
    /// The recipe cannot be followed.
    #[error("recipe {name}: {source}")]
    Recipe {
        /// Its name.
        name: String,
        /// What is wrong with it.
        source: RecipeError,
    },
    /// The rate is out of range.
    #[error("the rate is {value}; allowed: 0.001 to 1000")]
    Rate {
        /// The rate that was asked for.
        value: f64,
    },
    /// A step leaves no requests, or has a value that is not allowed.
    #[error("{trace}: {source}")]
    Step {
        /// The trace, as [`Preparation::name`] calls it.
        trace: String,
        /// What the step says.
        source: TransformError,
    },
}

/// The trace of a source, prepared.
///
/// # Errors
/// See [`PrepareError`].
pub fn prepare(source: &TraceSource, preparation: &Preparation) -> Result<Trace, PrepareError> {
    prepare_with_remarks(source, preparation).map(|(trace, _)| trace)
}

/// The same with what the reader of a file had to assume: [`ReadTrace::remarks`].
///
/// # Errors
/// See [`PrepareError`].
pub fn prepare_with_remarks(
    source: &TraceSource,
    preparation: &Preparation,
) -> Result<(Trace, Vec<String>), PrepareError> {
    if let Some(value) = preparation.rate.filter(|rate| !RATES.contains(rate)) {
        return Err(PrepareError::Rate { value });
    }
    let step = |error| PrepareError::Step { trace: preparation.name(source), source: error };
    let ReadTrace { trace, remarks, .. } = source.load()?;
    Ok((preparation.apply(trace).map_err(step)?, remarks))
}

impl TraceSource {
    /// The trace as it comes, with no output blocks resolved.
    ///
    /// # Errors
    /// [`PrepareError::Read`], [`PrepareError::UnknownRecipe`] or [`PrepareError::Recipe`].
    pub fn load(&self) -> Result<ReadTrace, PrepareError> {
        let made = |trace| ReadTrace { trace, start_ns: 0, remarks: Vec::new() };
        match self {
            Self::File { path, options } => Ok(read_path_with_remarks(path, options)?),
            Self::Default => Ok(made(synth::default_trace())),
            Self::Recipe { name, seed, block_tokens, duration_s } => {
                let unknown = || PrepareError::UnknownRecipe {
                    name: name.clone(),
                    allowed: synth::embedded_names().collect::<Vec<_>>().join(", "),
                };
                let mut recipe = synth::embedded(name).ok_or_else(unknown)?;
                recipe.block_tokens = block_tokens.map_or(recipe.block_tokens, NonZero::get);
                recipe.duration_s = duration_s.map_or(recipe.duration_s, f64::from);
                synth::synthesise(&recipe, *seed)
                    .map(made)
                    .map_err(|source| PrepareError::Recipe { name: name.clone(), source })
            }
        }
    }

    /// What records call it: the file's own name without its folders, or the recipe's name and seed.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::File { path, .. } => {
                path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
            }
            Self::Default => "default".to_owned(),
            Self::Recipe { name, seed, block_tokens, duration_s } => {
                let mut text = format!("recipe {name}, seed {seed}");
                text += &duration_s.map_or_else(String::new, |seconds| format!(", for {seconds} s"));
                text +=
                    &block_tokens.map_or_else(String::new, |tokens| format!(", blocks of {tokens} tokens"));
                text
            }
        }
    }
}

impl Preparation {
    /// A trace after all steps, output blocks included.
    ///
    /// # Errors
    /// No request arrives in the window, no session begins in the surge, or a factor is out of its range.
    pub fn apply(&self, mut trace: Trace) -> Result<Trace, TransformError> {
        if let Some(range) = &self.window_ns {
            trace = transform::window(&trace, range.start, range.end)?;
        }
        if let Some(rate) = self.rate {
            trace = transform::scale_time(&trace, 1.0 / rate)?;
        }
        if !self.surges.is_empty() {
            trace = transform::surges(&trace, &self.surges)?;
        }
        if self.ties == Ties::Spread {
            trace = transform::spread_ties(&trace);
        }
        Ok(resolve_outputs(trace))
    }

    /// What records call a source that is prepared so: its own name, and the rate where it is another.
    #[must_use]
    pub fn name(&self, source: &TraceSource) -> String {
        let mut name = source.name();
        if let Some(rate) = self.rate {
            name += &format!(", {rate} times as often");
        }
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_moves_arrivals_and_nothing_else() {
        let as_built_in = Preparation::default();
        let twice = Preparation { rate: Some(2.0), ..Preparation::default() };
        let [slow, fast] =
            [&as_built_in, &twice].map(|preparation| prepare(&TraceSource::Default, preparation).unwrap());
        assert!(
            slow.arrivals_ns().iter().zip(fast.arrivals_ns()).all(|(slow, fast)| slow.div_ceil(2) == *fast)
        );
        let prompts = |trace: &Trace| trace.requests().map(|r| r.prompt_tokens).collect::<Vec<_>>();
        assert_eq!(prompts(&slow), prompts(&fast));
        assert_eq!(twice.name(&TraceSource::Default), "default, 2 times as often");
    }

    #[test]
    fn what_cannot_be_had_says_what_can() {
        let source =
            TraceSource::Recipe { name: "chatt".to_owned(), seed: 1, block_tokens: None, duration_s: None };
        let message = prepare(&source, &Preparation::default()).unwrap_err().to_string();
        assert_eq!(message, "there is no recipe `chatt`; allowed: chat, api, agent, coder, toolagent");
        let preparation = Preparation { rate: Some(0.0), ..Preparation::default() };
        let message = prepare(&TraceSource::Default, &preparation).unwrap_err().to_string();
        assert_eq!(message, "the rate is 0; allowed: 0.001 to 1000");
        let window_ns = Some(4_000_000_000_000..5_000_000_000_000);
        let preparation = Preparation { window_ns, ..Preparation::default() };
        let message = prepare(&TraceSource::Default, &preparation).unwrap_err().to_string();
        let expected =
            "default: no requests are left: the window is from 4000 s to 5000 s, the last arrival at";
        assert!(message.starts_with(expected), "{message}");
    }
}
