//! A validated timeline: `[timeline]` of an experiment file. Every load is run under every combination of the axes.

use std::ops::Range;

use deployment::{Deployment, Problem, Source, choose};
use kareto::DesignSpace;
use kv_core::units::parse_duration_ns;
use toml::Spanned;
use trace_synth::Surge;

use super::Input;
use super::axes::{merged, space};
use super::trace::TracePlan;
use crate::file::{self, Load, OneOrEach, Timeline};
use crate::timeline::{Asks, CONTENTS, ChoiceRules, Claim, Content, FIGURES, RecoveryRules};

/// How long an instance is paid for before it serves, where the file does not say: ten minutes for a machine, an image
/// and 65 GB of weights. It is assumed.
const BOOT: &str = "600 s";
/// The most windows of a load.
const MOST_WINDOWS: u32 = 500;

/// A validated experiment.
pub(crate) struct TimelinePlan {
    pub(crate) system: Deployment,
    pub(crate) space: DesignSpace,
    pub(crate) loads: Vec<LoadPlan>,
    /// Names of loads whose files are absent, where the experiment file allows that.
    pub(crate) absent: Vec<String>,
    pub(crate) asks: Asks,
    pub(crate) claims: Vec<Claim>,
}

/// A load over time.
pub(crate) struct LoadPlan {
    pub(crate) name: String,
    /// With its surge, if it has one.
    pub(crate) trace: TracePlan,
    /// Without the surge.
    pub(crate) steady: TracePlan,
    pub(crate) windows: u32,
    /// The length of a window \[ns\].
    pub(crate) window_ns: u64,
    /// The windows of the surge. Empty where there is none.
    pub(crate) surge: Range<u32>,
}

impl TimelinePlan {
    /// Resolves a timeline.
    pub(super) fn new(input: &Input<'_>) -> Result<Self, Problem> {
        let Input { source, path, file, registry, .. } = *input;
        let table = file.timeline.as_ref().expect("a timeline has the table");
        let wire = table.get_ref();
        let mut system =
            Deployment::new(source, path, registry, file.system(source)?, &file.configuration, file.seed)?;
        let axes = merged(input)?;
        if axes.is_empty() {
            return Err(source.error_in_file("a timeline needs at least one axis in `[axes]`"));
        }
        let space = space(source, Vec::new(), &axes, &mut system)?;
        let asks = asks(source, table)?;
        let (loads, absent) = loads(input, wire, &asks)?;
        if loads.is_empty() {
            return Err(source.error_in_file("there is no `[[timeline.load]]` whose trace is there"));
        }
        if let (Asks::Choice(_), false) = (&asks, wire.claim.is_empty()) {
            let message = "`[[timeline.claim]]` is about recovery, and this file has `[timeline.choice]`";
            return Err(source.error(wire.claim[0].figure.span(), message, "here"));
        }
        let claims = wire.claim.iter().map(|claim| Claim::new(source, claim));
        let claims = claims.collect::<Result<_, _>>()?;
        Ok(Self { system, space, loads, absent, asks, claims })
    }
}

fn asks(source: &Source, table: &Spanned<Timeline>) -> Result<Asks, Problem> {
    match (&table.get_ref().choice, &table.get_ref().recovery) {
        (Some(choice), None) => Ok(Asks::Choice(choice_rules(source, choice.get_ref())?)),
        (None, Some(recovery)) => Ok(Asks::Recovery(recovery_rules(source, recovery.get_ref())?)),
        (Some(_), Some(second)) => {
            let message = "a timeline has `[timeline.choice]` or `[timeline.recovery]`, not both";
            Err(source.error(second.span(), message, "the second one"))
        }
        (None, None) => {
            let message = "a timeline asks nothing; allowed: `[timeline.choice]` or `[timeline.recovery]`";
            Err(source.error(table.span(), message, "here"))
        }
    }
}

fn choice_rules(source: &Source, wire: &file::Choice) -> Result<ChoiceRules, Problem> {
    let duration_h = |key: &str, text: &Spanned<String>, zero: bool| {
        let ns =
            parse_duration_ns(text.get_ref()).map_err(|error| source.error(text.span(), error, "here"))?;
        if ns == 0 && !zero {
            return Err(source.error(text.span(), format!("`{key}` is 0 s; allowed: more"), "here"));
        }
        Ok(ns as f64 / 3.6e12)
    };
    let at_most_s = *wire.at_most.get_ref();
    if !(at_most_s > 0.0 && at_most_s.is_finite()) {
        let message = format!("`at_most` is {at_most_s}; allowed: seconds above 0");
        return Err(source.error(wire.at_most.span(), message, "here"));
    }
    let figure = choose(FIGURES, "figure", wire.figure.get_ref())
        .map_err(|message| source.error(wire.figure.span(), message, "here"))?;
    let mut content = Vec::new();
    for name in wire.content.iter().flat_map(|names| names.get_ref()) {
        let span = || wire.content.as_ref().map_or(0..0, Spanned::span);
        let value = choose(CONTENTS, "content", name).map_err(|m| source.error(span(), m, "here"))?;
        if content.contains(&value) {
            let message = format!("`content` has `{name}` twice; allowed: once");
            return Err(source.error(span(), message, "here"));
        }
        content.push(value);
    }
    if content.is_empty() {
        content.push(Content::Lost);
    }
    let default = Spanned::new(0..0, BOOT.to_owned());
    Ok(ChoiceRules {
        figure,
        at_most_s,
        window_h: duration_h("window_is", &wire.window_is, false)?,
        names: wire.names.as_ref().map_or_else(Vec::new, |names| names.get_ref().clone()),
        content,
        boot_h: duration_h("boot", wire.boot.as_ref().unwrap_or(&default), true)?,
    })
}

fn recovery_rules(source: &Source, wire: &file::Recovery) -> Result<RecoveryRules, Problem> {
    let within = *wire.hit_ratio_within.get_ref();
    if !(0.0..=1.0).contains(&within) {
        let message = format!("`hit_ratio_within` is {within}; allowed: 0 to 1");
        return Err(source.error(wire.hit_ratio_within.span(), message, "here"));
    }
    let times = *wire.ttft_at_most_times.get_ref();
    if !(times >= 1.0 && times.is_finite()) {
        let message = format!("`ttft_at_most_times` is {times}; allowed: 1 or more");
        return Err(source.error(wire.ttft_at_most_times.span(), message, "here"));
    }
    let windows = *wire.windows.get_ref();
    if windows == 0 {
        return Err(source.error(wire.windows.span(), "`windows` is 0; allowed: 1 or more", "here"));
    }
    Ok(RecoveryRules { hit_ratio_within: within, ttft_at_most_times: times, windows })
}

/// The loads whose traces are there, and the names of the others. A trace from the command line takes the place of the
/// first load's.
fn loads(input: &Input<'_>, wire: &Timeline, asks: &Asks) -> Result<(Vec<LoadPlan>, Vec<String>), Problem> {
    let (source, given) = (input.source, input.trace);
    let (mut loads, mut absent): (Vec<LoadPlan>, _) = (Vec::new(), Vec::new());
    for load in wire.load.iter().take(if given.is_some() { 1 } else { usize::MAX }) {
        let load = load.get_ref();
        let name = load.name.get_ref();
        let usable = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.is_empty() || !name.chars().all(usable) || loads.iter().any(|known| known.name == *name) {
            let message =
                format!("the load's name is `{name}`; allowed: distinct names of a to z, 0 to 9 and `-`");
            return Err(source.error(load.name.span(), message, "here"));
        }
        let is_absent = |file: &Spanned<String>| !input.directory().join(file.get_ref()).exists();
        if given.is_none() && load.may_be_absent && load.trace.file.as_ref().is_some_and(is_absent) {
            absent.push(name.clone());
            continue;
        }
        loads.push(load_plan(input, load, asks)?);
    }
    Ok((loads, absent))
}

fn load_plan(input: &Input<'_>, load: &Load, asks: &Asks) -> Result<LoadPlan, Problem> {
    let source = input.source;
    let name = load.name.get_ref();
    let mut plan = TracePlan::new(source, input.directory(), Some(&load.trace), input.window(), input.trace)?;
    if input.window().is_some() {
        // The window of a scale is in the time of the replay.
        let rate = plan.rate();
        plan = plan.with_longer_window(rate);
    }
    let windows = *load.windows.get_ref();
    if !(2..=MOST_WINDOWS).contains(&windows) {
        let message = format!("`windows` is {windows}; allowed: 2 to {MOST_WINDOWS}");
        return Err(source.error(load.windows.span(), message, "here"));
    }
    let Some(length_ns) = plan.replayed_ns().filter(|&ns| ns >= u64::from(windows)) else {
        let message = format!("the trace of load `{name}` has no `window`; its windows are parts of one");
        return Err(source.error(load.name.span(), message, "here"));
    };
    if let Asks::Choice(rules) = asks
        && !rules.names.is_empty()
        && rules.names.len() != windows as usize
    {
        let (names, message) = (rules.names.len(), "`names` in `[timeline.choice]` has");
        let message =
            format!("{message} {names} names, and load `{name}` has {windows} windows; allowed: as many");
        return Err(source.error(load.windows.span(), message, "here"));
    }
    let window_ns = length_ns / u64::from(windows);
    let sessions = sessions(source, load, windows, window_ns, input.file.seed)?;
    let surge = surge(source, load, windows, asks)?;
    let steady = plan.clone().with_surges(sessions.clone());
    let factor = load.surge.as_ref().map(|surge| surge.get_ref().factor);
    let added = factor.map(|factor| Surge {
        range_ns: u64::from(surge.start) * window_ns..u64::from(surge.end) * window_ns,
        factor,
        seed: input.file.seed,
    });
    let trace = plan.with_surges(sessions.into_iter().chain(added).collect());
    Ok(LoadPlan { name: name.clone(), trace, steady, windows, window_ns, surge })
}

/// `sessions` as surges: one for all windows, or one for each.
fn sessions(
    source: &Source,
    load: &Load,
    windows: u32,
    window_ns: u64,
    seed: u64,
) -> Result<Vec<Surge>, Problem> {
    let Some(wire) = &load.sessions else { return Ok(Vec::new()) };
    let wrong = |message: String| source.error(wire.span(), message, "here");
    let factors = match wire.get_ref() {
        OneOrEach::One(factor) => vec![(0..u64::MAX, *factor)],
        OneOrEach::Each(factors) if factors.len() == windows as usize => {
            let range = |number: u64| number * window_ns..(number + 1) * window_ns;
            (0..).map(range).zip(factors.iter().copied()).collect()
        }
        OneOrEach::Each(factors) => {
            let message = "`sessions` has";
            return Err(wrong(format!("{message} {} factors; allowed: one, or {windows}", factors.len())));
        }
    };
    if let Some((_, factor)) = factors.iter().find(|(_, factor)| !(*factor > 0.0 && *factor <= 100.0)) {
        return Err(wrong(format!("`sessions` has {factor}; allowed: numbers above 0, at most 100")));
    }
    Ok(factors.into_iter().map(|(range_ns, factor)| Surge { range_ns, factor, seed }).collect())
}

/// The windows of the surge, counted from 0.
fn surge(source: &Source, load: &Load, windows: u32, asks: &Asks) -> Result<Range<u32>, Problem> {
    let Some(wire) = &load.surge else {
        if matches!(asks, Asks::Recovery(_)) {
            let message = format!("load `{}` has no `surge` from which to recover", load.name.get_ref());
            return Err(source.error(load.name.span(), message, "here"));
        }
        return Ok(0..0);
    };
    let &file::TimelineSurge { factor, first, windows: length } = wire.get_ref();
    let wrong = |message: String| Err(source.error(wire.span(), message, "here"));
    if !(factor > 0.0 && factor <= 100.0) {
        return wrong(format!("the factor of the surge is {factor}; allowed: a number above 0, at most 100"));
    }
    let last = first.saturating_add(length);
    if first < 2 || length == 0 || last > windows {
        return wrong(format!(
            "the surge is of {length} windows from number {first}; allowed: at least one, after the first and before the \
             last of {windows}"
        ));
    }
    Ok(first - 1..last - 1)
}
