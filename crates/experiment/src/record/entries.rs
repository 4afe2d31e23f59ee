//! The parts of a manifest about what was evaluated: traces, what an engine refuses of them, cases and scenarios.

use std::collections::BTreeMap;

use deployment::{Deployment, Problem, Refused};
use kareto::{Archive, Evaluation};
use kv_core::Trace;
use kv_core::units::s_from_ns;
use serde::{Deserialize, Serialize};

use crate::evaluate::Traces;
use crate::plan::{CasesPlan, SearchPlan, TracePlan};

/// The trace that was replayed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TraceEntry {
    /// The file or recipe, and the steps that changed it.
    pub name: String,
    /// Names its content.
    pub fingerprint: String,
    /// Requests.
    pub requests: usize,
    /// From the first arrival to the last \[s\].
    pub duration_s: f64,
    /// Tokens of all prompts.
    pub prompt_tokens: u64,
    /// Whether it has lengths only. What its prompts share is unknown then, and nothing about storage follows.
    #[serde(default, skip_serializing_if = "is_false")]
    pub lengths_only: bool,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// What an engine refuses because it is too long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefusedEntry {
    /// Requests.
    pub requests: usize,
    /// The longest request that it takes, prompt and output together \[tokens\].
    pub longest_tokens: u32,
}

impl RefusedEntry {
    /// The entry of a deployment that refuses requests of a trace. `None` where it takes all.
    pub(crate) fn of(system: &Deployment, trace: &Trace) -> Result<Option<Self>, Problem> {
        let Refused { requests, longest_tokens } = system.refused(trace)?;
        Ok((requests > 0).then_some(Self { requests, longest_tokens }))
    }

    /// The entry of the evaluation that refuses most. `None` where none refuses anything.
    pub(crate) fn most(archive: &Archive) -> Option<Self> {
        let figure = |it: &Evaluation, name: &str| it.figure(name).unwrap_or(0.0);
        let refused = archive.iter().map(|(_, it)| it).filter(|it| figure(it, "rejected_requests") > 0.0);
        let most = refused
            .max_by(|a, b| figure(a, "rejected_requests").total_cmp(&figure(b, "rejected_requests")))?;
        Some(Self {
            requests: figure(most, "rejected_requests") as usize,
            longest_tokens: figure(most, "longest_request_tokens") as u32,
        })
    }
}

impl TraceEntry {
    /// The entry of a trace that was loaded as planned.
    pub(crate) fn of(plan: &TracePlan, trace: &Trace) -> Self {
        Self {
            name: plan.name(),
            fingerprint: format!("{:016x}", trace.fingerprint()),
            requests: trace.len(),
            duration_s: s_from_ns(trace.arrivals_ns().last().copied().unwrap_or(0)),
            prompt_tokens: trace.requests().map(|request| u64::from(request.prompt_tokens)).sum(),
            lengths_only: !trace.sharing_known(),
        }
    }

    /// The entry of the trace of a search. The entry of several traces has their names and sums.
    pub(crate) fn of_all(plan: &SearchPlan, traces: &Traces) -> Self {
        let entries = plan.traces.iter().zip(&traces.all);
        let entries = entries.map(|((_, plan), (_, trace))| Self::of(plan, trace));
        let join = |sum: Self, entry: Self| Self {
            name: format!("{}; {}", sum.name, entry.name),
            fingerprint: format!("{} {}", sum.fingerprint, entry.fingerprint),
            requests: sum.requests + entry.requests,
            duration_s: sum.duration_s + entry.duration_s,
            prompt_tokens: sum.prompt_tokens + entry.prompt_tokens,
            lengths_only: sum.lengths_only || entry.lengths_only,
        };
        entries.reduce(join).expect("an experiment has a trace")
    }
}

/// The cases of an experiment that compares.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CasesEntry {
    /// The axis whose values are compared.
    pub compare: String,
    /// The axis along which they are compared.
    pub along: Option<String>,
    /// Values of `compare` that nobody can choose.
    #[serde(default)]
    pub reference: Vec<String>,
    /// The axes over which the best is sought in each regime.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub best_over: Vec<String>,
    /// The baseline of every regime on these axes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<String>,
    /// Figures that are drawn as surfaces over `compare` and `along`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub surfaces: Vec<String>,
    /// The value of `compare` that every other one is compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against: Option<String>,
    /// Absent traces.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<String>,
    /// The traces by their name on the axis `trace`. Empty where there is no such axis.
    #[serde(default)]
    pub traces: BTreeMap<String, TraceEntry>,
}

impl CasesEntry {
    /// The entry of an experiment of cases. It has traces if there is an axis of them.
    pub(crate) fn new(plan: &SearchPlan, cases: &CasesPlan, traces: &Traces) -> Self {
        let CasesPlan { compare, along, reference, surfaces, against } = cases.clone();
        let named = plan.traces.iter().zip(&traces.all).filter(|((name, _), _)| !name.is_empty());
        let traces = named.map(|((name, plan), (_, trace))| (name.clone(), TraceEntry::of(plan, trace)));
        let regimes = plan.regimes.as_ref();
        Self {
            compare,
            along,
            reference,
            surfaces,
            against,
            best_over: regimes.iter().flat_map(|it| it.names(&plan.space)).map(str::to_owned).collect(),
            baseline: regimes.map(|it| it.baseline_key(&plan.space)),
            absent: plan.absent.clone(),
            traces: traces.collect(),
        }
    }
}

/// A scenario: one load.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioEntry {
    /// Its name.
    pub name: String,
    /// Its weight. Only the ratios of weights matter.
    pub weight: f64,
    /// What was replayed.
    pub trace: TraceEntry,
}

impl ScenarioEntry {
    /// The scenarios of an experiment, if it has any.
    pub(crate) fn of_all(plan: &SearchPlan, traces: &Traces) -> Vec<Self> {
        let Some(weighing) = &plan.weighing else { return Vec::new() };
        let traces = plan.traces.iter().zip(&traces.all);
        let entries = traces.zip(&weighing.weights).map(|(((name, plan), (_, trace)), weight)| Self {
            name: name.clone(),
            weight: *weight,
            trace: TraceEntry::of(plan, trace),
        });
        entries.collect()
    }
}

/// An experiment of reuse.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReuseEntry {
    /// Block sizes \[tokens\].
    pub block_tokens: Vec<u32>,
    /// Absent traces.
    #[serde(default)]
    pub absent: Vec<String>,
    /// The traces.
    pub trace: Vec<ReuseTraceEntry>,
}

/// One trace of an experiment of reuse.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReuseTraceEntry {
    /// Its name in the file.
    pub name: String,
    /// Its own block \[tokens\]: what smaller blocks share is not known.
    pub block_tokens: u32,
    /// What was measured.
    pub trace: TraceEntry,
}
