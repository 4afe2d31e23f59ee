//! The trace of an experiment: where it comes from, and what is done to it before it is replayed.
//!
//! Order of the steps: read or synthesise, cut the window, change the rate, add the surge, spread ties, resolve
//! output blocks.

use std::num::NonZero;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use deployment::{Problem, Source};
use kv_core::units::{parse_duration_ns, s_from_ns};
use kv_core::{Trace, TraceBuilder};
use trace_synth::read::{ReadOptions, read_path};
use trace_synth::{resolve_outputs, spread_ties, synth, transform};

use crate::file;

/// Where requests come from and how they are prepared.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TracePlan {
    origin: Origin,
    ties: Ties,
    /// Part of the trace, from its start \[ns\].
    window_ns: Option<Range<u64>>,
    /// How many times as often as recorded requests arrive.
    rate: Option<f64>,
    surge: Option<Surge>,
}

/// More sessions than the trace has, or fewer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Surge {
    /// Sessions that begin in it come `factor` times; from the start of the window \[ns\].
    pub(crate) range_ns: Range<u64>,
    /// Above 0, at most 100.
    pub(crate) factor: f64,
    pub(crate) seed: u64,
}

/// Where requests come from.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Origin {
    /// A file in a format that is read, and its tokens in a block where neither it nor its format says.
    File(PathBuf, Option<NonZero<u32>>),
    /// The default trace that comes with the program.
    Default,
    /// A recipe that comes with the program, with its seed, and with other blocks than its own.
    Recipe { name: String, seed: u64, block_tokens: Option<NonZero<u32>> },
}

/// What becomes of equal arrival times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ties {
    Kept,
    Spread,
}

/// Traces as they are asked for, each read once.
#[derive(Default)]
pub(crate) struct ReadTraces(Vec<(TracePlan, Arc<Trace>)>);

impl ReadTraces {
    /// The trace of a plan.
    pub(crate) fn get(&mut self, plan: &TracePlan) -> Result<Arc<Trace>, Problem> {
        if let Some((_, trace)) = self.0.iter().find(|(known, _)| known == plan) {
            return Ok(Arc::clone(trace));
        }
        let trace = Arc::new(plan.load()?);
        self.0.push((plan.clone(), Arc::clone(&trace)));
        Ok(trace)
    }
}

impl TracePlan {
    /// Resolves `[trace]`; `scale_window` and `override_file` come before what the table says. File names are
    /// relative to the experiment file.
    pub(crate) fn new(
        source: &Source,
        directory: &Path,
        wire: Option<&file::Trace>,
        scale_window: Option<&toml::Spanned<file::Window>>,
        override_file: Option<&Path>,
    ) -> Result<Self, Problem> {
        let ties = if wire.is_some_and(|wire| wire.spread_ties) { Ties::Spread } else { Ties::Kept };
        let window = scale_window.or(wire.and_then(|wire| wire.window.as_ref()));
        let window_ns = window.map(|window| window_ns(source, window.get_ref())).transpose()?;
        let origin = match (override_file, wire) {
            (Some(file), _) => Origin::File(file.to_owned(), None),
            (None, Some(wire)) => origin(source, directory, wire)?,
            (None, None) => Origin::Default,
        };
        let rate =
            wire.and_then(|wire| wire.rate.as_ref()).map(|rate| check_rate(source, rate)).transpose()?;
        Ok(Self { origin, ties, window_ns, rate, surge: None })
    }

    /// The same with a surge.
    pub(crate) fn with_surge(self, surge: Option<Surge>) -> Self {
        Self { surge, ..self }
    }

    /// Reads and prepares the trace.
    pub(crate) fn load(&self) -> Result<Trace, Problem> {
        let mut trace = match &self.origin {
            Origin::File(path, block_tokens) => {
                let options = ReadOptions { block_tokens: *block_tokens, ..ReadOptions::AS_FILED };
                read_path(path, &options).map_err(Problem::user)?
            }
            Origin::Default => synth::default_trace(),
            Origin::Recipe { name, seed, block_tokens } => {
                let mut recipe = synth::embedded(name).expect("checked when the file was loaded");
                recipe.block_tokens = block_tokens.map_or(recipe.block_tokens, NonZero::get);
                synth::synthesise(&recipe, *seed)
                    .map_err(|error| Problem::user(format!("recipe {name}: {error}")))?
            }
        };
        if let Some(range) = &self.window_ns {
            trace = window(&trace, range);
            if trace.is_empty() {
                let (from, to) = (s_from_ns(range.start), s_from_ns(range.end));
                return Err(Problem::user(format!(
                    "{}: no request arrives in the window from {from} s to {to} s",
                    self.name()
                )));
            }
        }
        if let Some(rate) = self.rate {
            trace = transform::scale_time(&trace, 1.0 / rate).expect("checked when the file was loaded");
        }
        if let Some(Surge { range_ns, factor, seed }) = &self.surge {
            trace = transform::surge(&trace, range_ns, *factor, *seed)
                .map_err(|error| Problem::user(format!("{}: {error}", self.name())))?;
        }
        if self.ties == Ties::Spread {
            trace = spread_ties(&trace);
        }
        Ok(resolve_outputs(trace))
    }

    /// What records call it: the file's own name without its folders, or the recipe's.
    pub(crate) fn name(&self) -> String {
        let mut name = match &self.origin {
            Origin::File(path, _) => {
                path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
            }
            Origin::Default => "default".to_owned(),
            Origin::Recipe { name, seed, block_tokens: None } => format!("recipe {name}, seed {seed}"),
            Origin::Recipe { name, seed, block_tokens: Some(tokens) } => {
                format!("recipe {name}, seed {seed}, blocks of {tokens} tokens")
            }
        };
        if let Some(rate) = self.rate {
            name += &format!(", {rate} times as often");
        }
        name
    }
}

/// A rate that a trace can have; its inverse is the factor on time.
fn check_rate(source: &Source, rate: &toml::Spanned<f64>) -> Result<f64, Problem> {
    let value = *rate.get_ref();
    if (1e-3..=1e3).contains(&value) {
        return Ok(value);
    }
    Err(source.error(rate.span(), format!("`rate` is {value}; allowed: 0.001 to 1000"), "here"))
}

fn origin(source: &Source, directory: &Path, wire: &file::Trace) -> Result<Origin, Problem> {
    let block_tokens = block_tokens(source, wire)?;
    if let (Some(tokens), None, None) = (&wire.block_tokens, &wire.file, &wire.recipe) {
        let message = "`block_tokens` goes with a `file` or a `recipe`; the default trace has its own";
        return Err(source.error(tokens.span(), message, "without either"));
    }
    match (&wire.file, &wire.recipe) {
        (Some(_), Some(recipe)) => {
            Err(source.error(recipe.span(), "a trace has a `file` or a `recipe`, not both", "the second one"))
        }
        (Some(file), None) => Ok(Origin::File(directory.join(file.get_ref()), block_tokens)),
        (None, Some(recipe)) => {
            let name = recipe.get_ref();
            if synth::embedded(name).is_none() {
                let known: Vec<&str> = synth::embedded_names().collect();
                let message = format!("there is no recipe `{name}`; allowed: {}", known.join(", "));
                return Err(source.error(recipe.span(), message, "here"));
            }
            let seed = wire.seed.unwrap_or(synth::DEFAULT_SEED);
            Ok(Origin::Recipe { name: name.clone(), seed, block_tokens })
        }
        (None, None) => Ok(Origin::Default),
    }
}

/// Tokens in a block, where the file says: at most what a recipe can be made with.
fn block_tokens(source: &Source, wire: &file::Trace) -> Result<Option<NonZero<u32>>, Problem> {
    let Some(tokens) = &wire.block_tokens else { return Ok(None) };
    let message = || format!("`block_tokens` is {}; allowed: 1 to 65536 tokens", tokens.get_ref());
    match NonZero::new(*tokens.get_ref()) {
        Some(value) if value.get() <= 65_536 => Ok(Some(value)),
        _ => Err(source.error(tokens.span(), message(), "here")),
    }
}

fn window_ns(source: &Source, window: &file::Window) -> Result<Range<u64>, Problem> {
    let parse = |text: &toml::Spanned<String>| {
        parse_duration_ns(text.get_ref()).map_err(|error| source.error(text.span(), error, "here"))
    };
    let from = parse(&window.from)?;
    Ok(from..from.saturating_add(parse(&window.length)?))
}

/// The requests that arrive within a part of a trace, which becomes the whole: time starts at the window.
fn window(trace: &Trace, range: &Range<u64>) -> Trace {
    let mut builder = TraceBuilder::new(trace.block_tokens());
    let mut sessions = std::collections::BTreeMap::new();
    for request in trace.requests().filter(|request| range.contains(&request.arrival_ns)) {
        let ids: Vec<u64> = request.references.iter().map(|block| u64::from(block.0)).collect();
        let session = request.session.map(|session| {
            let next = u32::try_from(sessions.len()).expect("no more sessions than before");
            *sessions.entry(session).or_insert(next)
        });
        builder
            .push(
                request.arrival_ns - range.start,
                request.prompt_tokens,
                request.output_tokens,
                &ids,
                session,
            )
            .expect("a request of a trace fits a trace");
    }
    builder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_becomes_a_whole_trace() {
        let mut builder = TraceBuilder::new(4);
        for (second, ids) in [(0, [7, 8]), (10, [7, 9]), (20, [7, 8])] {
            builder.push(second * 1_000_000_000, 8, 1, &ids, Some(u32::try_from(second).unwrap())).unwrap();
        }
        let part = window(&builder.finish(), &(10_000_000_000..20_000_000_000));
        // The end is not part of it: one request, its two blocks, and its session numbered anew.
        assert_eq!((part.len(), part.unique_blocks(), part.arrivals_ns()[0]), (1, 2, 0));
        assert_eq!(part.request(0).session, Some(0));
    }

    #[test]
    fn a_rate_moves_arrivals_and_nothing_else() {
        let as_built_in =
            TracePlan { origin: Origin::Default, ties: Ties::Kept, window_ns: None, rate: None, surge: None };
        let twice = TracePlan { rate: Some(2.0), ..as_built_in.clone() };
        let (slow, fast) = (as_built_in.load().unwrap(), twice.load().unwrap());
        assert!(
            slow.arrivals_ns().iter().zip(fast.arrivals_ns()).all(|(slow, fast)| slow.div_ceil(2) == *fast)
        );
        let prompts = |trace: &Trace| trace.requests().map(|r| r.prompt_tokens).collect::<Vec<_>>();
        assert_eq!(prompts(&slow), prompts(&fast));
        assert_eq!(twice.name(), "default, 2 times as often");
    }
}
