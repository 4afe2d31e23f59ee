//! The trace of an experiment: its source, and the steps that prepare it for the replay.

use std::num::NonZero;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use deployment::{Problem, Source};
use kv_core::Trace;
use kv_core::units::{NS_PER_S, parse_duration_ns};
use trace_synth::read::{Format, IdScope, ReadOptions, TimeUnit, by_name};
use trace_synth::{Preparation, RATES, Surge, Ties, TraceSource, prepare_with_remarks, synth};

use crate::file;

/// A trace file that takes the place of an experiment's own.
#[derive(Debug, Clone, PartialEq)]
pub struct TraceFile {
    /// The file.
    pub path: PathBuf,
    /// What its reader is told.
    pub options: ReadOptions,
}

/// Where requests come from and how they are prepared.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TracePlan {
    source: TraceSource,
    preparation: Preparation,
}

/// The traces that were read so far. Each is read once.
#[derive(Default)]
pub(crate) struct ReadTraces {
    traces: Vec<(TracePlan, Arc<Trace>)>,
    /// What the readers had to assume, a line each.
    pub(crate) remarks: Vec<String>,
}

impl ReadTraces {
    /// The trace of a plan.
    pub(crate) fn get(&mut self, plan: &TracePlan) -> Result<Arc<Trace>, Problem> {
        if let Some((_, trace)) = self.traces.iter().find(|(known, _)| known == plan) {
            return Ok(Arc::clone(trace));
        }
        let (trace, remarks) = plan.load()?;
        // Several plans may prepare one file.
        let new: Vec<_> = remarks.into_iter().filter(|remark| !self.remarks.contains(remark)).collect();
        self.remarks.extend(new);
        let trace = Arc::new(trace);
        self.traces.push((plan.clone(), Arc::clone(&trace)));
        Ok(trace)
    }
}

impl TracePlan {
    /// Resolves `[trace]`. `scale_window` and `override_file` take the place of values of the table. File names are
    /// relative to the experiment file.
    pub(crate) fn new(
        source: &Source,
        directory: &Path,
        wire: Option<&file::Trace>,
        scale_window: Option<&toml::Spanned<file::Window>>,
        override_file: Option<&TraceFile>,
    ) -> Result<Self, Problem> {
        if let Some(absent) = wire.and_then(|wire| wire.may_be_absent.as_ref()) {
            let message =
                "`may_be_absent` goes with a trace of `[cases]`, `[compare]`, `[group_ttl]` or `[reuse]`";
            return Err(source.error(absent.span(), message, "here"));
        }
        let ties = if wire.is_some_and(|wire| wire.spread_ties) { Ties::Spread } else { Ties::Kept };
        let window = scale_window.or(wire.and_then(|wire| wire.window.as_ref()));
        let window_ns = window.map(|window| window_ns(source, window.get_ref())).transpose()?;
        let origin = match (override_file, wire) {
            (Some(TraceFile { path, options }), _) => {
                TraceSource::File { path: path.clone(), options: options.clone() }
            }
            (None, Some(wire)) => origin(source, directory, wire)?,
            (None, None) => TraceSource::Default,
        };
        let rate =
            wire.and_then(|wire| wire.rate.as_ref()).map(|rate| check_rate(source, rate)).transpose()?;
        Ok(Self { source: origin, preparation: Preparation { window_ns, rate, surges: Vec::new(), ties } })
    }

    /// The same at a rate that is this many times its own.
    pub(crate) fn at_rate(&self, times: f64) -> Self {
        let own = self.preparation.rate;
        let as_recorded = own.is_none() && times.to_bits() == 1_f64.to_bits();
        let rate = (!as_recorded).then(|| own.unwrap_or(1.0) * times);
        Self { source: self.source.clone(), preparation: Preparation { rate, ..self.preparation.clone() } }
    }

    /// The same with surges.
    pub(crate) fn with_surges(self, surges: Vec<Surge>) -> Self {
        let Self { source, preparation } = self;
        Self { source, preparation: Preparation { surges, ..preparation } }
    }

    /// The length of its window at its rate \[ns\]. `None` where it has no window.
    pub(crate) fn replayed_ns(&self) -> Option<u64> {
        let window_ns = self.preparation.window_ns.as_ref()?;
        let length_ns = (window_ns.end - window_ns.start) as f64 / self.preparation.rate.unwrap_or(1.0);
        Some(length_ns.round() as u64)
    }

    /// The same with a window so many times as long.
    pub(crate) fn with_longer_window(mut self, times: f64) -> Self {
        self.preparation.window_ns = self.preparation.window_ns.map(|window_ns| {
            let end_ns = |ns: u64| (ns as f64 * times).round() as u64;
            end_ns(window_ns.start)..end_ns(window_ns.end)
        });
        self
    }

    /// The times that arrivals come as often as recorded.
    pub(crate) fn rate(&self) -> f64 {
        self.preparation.rate.unwrap_or(1.0)
    }

    /// Reads and prepares the trace, and says what its reader had to assume.
    pub(crate) fn load(&self) -> Result<(Trace, Vec<String>), Problem> {
        prepare_with_remarks(&self.source, &self.preparation).map_err(Problem::user)
    }

    /// Its name in records: the file's own name without its folders, or the recipe's.
    pub(crate) fn name(&self) -> String {
        self.preparation.name(&self.source)
    }
}

/// A trace of an experiment that names several. `None` where its file is absent and may be.
pub(super) fn present(wire: &file::Trace, directory: &Path) -> Option<file::Trace> {
    let may_be_absent = wire.may_be_absent.as_ref().is_some_and(|it| *it.get_ref());
    let is_absent = |file: &toml::Spanned<String>| !directory.join(file.get_ref()).exists();
    let left_out = may_be_absent && wire.file.as_ref().is_some_and(is_absent);
    (!left_out).then(|| file::Trace { may_be_absent: None, ..wire.clone() })
}

/// Checks the rate of a trace. The inverse of the rate is the factor on time.
fn check_rate(source: &Source, rate: &toml::Spanned<f64>) -> Result<f64, Problem> {
    let value = *rate.get_ref();
    if RATES.contains(&value) {
        return Ok(value);
    }
    Err(source.error(rate.span(), format!("`rate` is {value}; allowed: 0.001 to 1000"), "here"))
}

fn origin(source: &Source, directory: &Path, wire: &file::Trace) -> Result<TraceSource, Problem> {
    let block_tokens = block_tokens(source, wire)?;
    if let (Some(tokens), None, None) = (&wire.block_tokens, &wire.file, &wire.recipe) {
        let message = "`block_tokens` goes with a `file` or a `recipe`; the default trace has its own";
        return Err(source.error(tokens.span(), message, "without either"));
    }
    let reading = [("format", &wire.format), ("time_unit", &wire.time_unit), ("ids", &wire.ids)].into_iter();
    for (key, value) in reading.filter(|_| wire.file.is_none()) {
        if let Some(value) = value {
            let message = format!("`{key}` goes with a `file`; it says how that is read");
            return Err(source.error(value.span(), message, "without one"));
        }
    }
    if let (Some(duration), None) = (&wire.duration, &wire.recipe) {
        let message = "`duration` goes with a `recipe`; it says how long its trace is";
        return Err(source.error(duration.span(), message, "without one"));
    }
    match (&wire.file, &wire.recipe) {
        (Some(_), Some(recipe)) => {
            Err(source.error(recipe.span(), "a trace has a `file` or a `recipe`, not both", "the second one"))
        }
        (Some(file), None) => {
            let options = ReadOptions {
                block_tokens,
                format: named(source, "format", wire.format.as_ref(), &Format::ALL, Format::name)?,
                time_unit: named(
                    source,
                    "time_unit",
                    wire.time_unit.as_ref(),
                    &TimeUnit::ALL,
                    TimeUnit::name,
                )?,
                ids: named(source, "ids", wire.ids.as_ref(), &IdScope::ALL, IdScope::name)?,
                length_prefixes: None,
            };
            Ok(TraceSource::File { path: directory.join(file.get_ref()), options })
        }
        (None, Some(recipe)) => {
            let name = recipe.get_ref();
            if synth::embedded(name).is_none() {
                let known: Vec<&str> = synth::embedded_names().collect();
                let message = format!("there is no recipe `{name}`; allowed: {}", known.join(", "));
                return Err(source.error(recipe.span(), message, "here"));
            }
            let seed = wire.seed.unwrap_or(synth::DEFAULT_SEED);
            let duration_s = wire.duration.as_ref().map(|it| duration_s(source, it)).transpose()?;
            Ok(TraceSource::Recipe { name: name.clone(), seed, block_tokens, duration_s })
        }
        (None, None) => Ok(TraceSource::Default),
    }
}

/// The one of `all` that a key names.
fn named<T: Copy>(
    source: &Source,
    key: &str,
    value: Option<&toml::Spanned<String>>,
    all: &[T],
    name: impl Fn(T) -> &'static str,
) -> Result<Option<T>, Problem> {
    let Some(value) = value else { return Ok(None) };
    by_name(value.get_ref(), all, name).map(Some).map_err(|allowed| {
        let message = format!("`{key}` is `{}`; allowed: {allowed}", value.get_ref());
        source.error(value.span(), message, "here")
    })
}

/// Tokens in a block, where the file gives them. The limit is the largest block of a recipe.
fn block_tokens(source: &Source, wire: &file::Trace) -> Result<Option<NonZero<u32>>, Problem> {
    let Some(tokens) = &wire.block_tokens else { return Ok(None) };
    let message = || format!("`block_tokens` is {}; allowed: 1 to 65536 tokens", tokens.get_ref());
    match NonZero::new(*tokens.get_ref()) {
        Some(value) if value.get() <= 65_536 => Ok(Some(value)),
        _ => Err(source.error(tokens.span(), message(), "here")),
    }
}

/// The length of a recipe's trace: whole seconds, a month at most.
fn duration_s(source: &Source, text: &toml::Spanned<String>) -> Result<u32, Problem> {
    const MOST_S: u64 = 31 * 86_400;
    let ns = parse_duration_ns(text.get_ref()).map_err(|error| source.error(text.span(), error, "here"))?;
    match u32::try_from(ns / NS_PER_S) {
        Ok(seconds) if ns % NS_PER_S == 0 && (1..=MOST_S).contains(&u64::from(seconds)) => Ok(seconds),
        _ => {
            let message =
                format!("`duration` is {}; allowed: whole seconds from 1 s to {MOST_S} s", text.get_ref());
            Err(source.error(text.span(), message, "here"))
        }
    }
}

fn window_ns(source: &Source, window: &file::Window) -> Result<Range<u64>, Problem> {
    let parse = |text: &toml::Spanned<String>| {
        parse_duration_ns(text.get_ref()).map_err(|error| source.error(text.span(), error, "here"))
    };
    let from = parse(&window.from)?;
    Ok(from..from.saturating_add(parse(&window.length)?))
}
