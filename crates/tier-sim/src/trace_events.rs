//! A run in the trace event format that Perfetto and chrome://tracing open: one JSON object, one event in each line.
//!
//! Each instance has a process, and the shared tiers of the cluster have one. A process has a thread of engine steps, a
//! thread for each link, and counters of requests and of the content of each tier. Each request is an asynchronous
//! event, and its states are nested in it. Times are in microseconds, as the format asks. They have three decimals, so
//! they are exact.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};

use crate::observe::{Event, RequestState, Step, Transfer, TransferKind};
use crate::{Duplex, Scenario, Scope, Sharing, simulate_observed};
use kv_core::Trace;

/// The thread of events of the whole process.
const PROCESS: usize = 0;
/// The thread of engine steps. The threads of links come after it.
const STEPS: usize = 1;

/// Where an event is shown.
#[derive(Debug, Clone, Copy)]
struct Place {
    process: u32,
    thread: usize,
}

/// Replays `trace` through `scenario` and writes the events. Times in the file are in us.
///
/// # Errors
/// `into` does not take what is written.
///
/// # Panics
/// If the simulator does not accept the scenario and the trace.
pub fn write(scenario: &Scenario, trace: &Trace, into: &mut dyn Write) -> io::Result<()> {
    let mut log =
        Log { scenario, trace, into, written: Ok(()), begun: false, open: BTreeMap::new(), fair: 0 };
    log.text("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n");
    log.names();
    simulate_observed(scenario, trace, &mut |event| log.event(event)).expect("it was simulated before");
    log.text("\n]}\n");
    log.written
}

struct Log<'a> {
    scenario: &'a Scenario,
    trace: &'a Trace,
    into: &'a mut dyn Write,
    /// The first failure. Nothing is written after it.
    written: io::Result<()>,
    begun: bool,
    /// Requests that have come and not ended.
    open: BTreeMap<u32, Open>,
    /// How many transfers were shown so far on links that serve several at once. Each needs its own name.
    fair: u64,
}

/// A request that has come and not ended.
struct Open {
    state: &'static str,
    /// Prompt tokens found in each tier, as soon as they are known.
    hits: Vec<u32>,
    preemptions: u32,
}

impl Log<'_> {
    fn text(&mut self, text: &str) {
        if self.written.is_ok() {
            self.written = self.into.write_all(text.as_bytes());
        }
    }

    /// One event. `rest` has the further fields of its phase, each with a comma before it.
    fn put(&mut self, phase: &str, name: &str, place: Place, at_ns: u64, rest: fmt::Arguments<'_>) {
        let separator = if std::mem::replace(&mut self.begun, true) { ",\n" } else { "" };
        if self.written.is_ok() {
            let (Place { process, thread }, at) = (place, Us(at_ns));
            // Names are our own or those of tiers. They have letters and digits only, so nothing needs escaping.
            self.written = write!(
                self.into,
                r#"{separator}{{"ph":"{phase}","name":"{name}","pid":{process},"tid":{thread},"ts":{at}{rest}}}"#
            );
        }
    }

    /// The process of a thread: an instance's, or the cluster's.
    fn place(&self, instance: Option<u32>, thread: usize) -> Place {
        Place { process: instance.unwrap_or(self.scenario.instances) + 1, thread }
    }

    /// The thread of a tier's link.
    fn link(&self, tier: usize, reads: bool) -> usize {
        let second = !reads && self.scenario.tiers[tier].duplex == Duplex::Full;
        STEPS + 1 + 2 * tier + usize::from(second)
    }

    /// The names of processes and threads.
    fn names(&mut self) {
        let scenario = self.scenario;
        let shared = scenario.tiers.iter().any(|tier| tier.scope == Scope::Cluster);
        for owner in (0..scenario.instances).map(Some).chain(shared.then_some(None)) {
            let process = owner.map_or("cluster".to_owned(), |instance| format!("instance {instance}"));
            self.name("process_name", self.place(owner, PROCESS), &process);
            if owner.is_some() {
                self.name("thread_name", self.place(owner, STEPS), "steps");
            }
            for (number, tier) in scenario.tiers.iter().enumerate() {
                if (tier.scope == Scope::Cluster) != owner.is_none() {
                    continue;
                }
                let directions: &[(&str, bool)] = match tier.duplex {
                    Duplex::Full => &[("read", true), ("write", false)],
                    Duplex::Half => &[("both", true)],
                };
                for &(direction, reads) in directions {
                    let place = self.place(owner, self.link(number, reads));
                    self.name("thread_name", place, &format!("{} {direction}", tier.name));
                }
            }
        }
    }

    fn name(&mut self, what: &str, place: Place, name: &str) {
        self.put("M", what, place, 0, format_args!(r#","args":{{"name":"{name}"}}"#));
    }

    /// 0 is HBM, then the lower tiers in order.
    fn tier(&self, tier: usize) -> &str {
        tier.checked_sub(1).map_or("hbm", |lower| &self.scenario.tiers[lower].name)
    }

    fn event(&mut self, event: &Event<'_>) {
        match *event {
            Event::Step(step) => self.step(&step),
            Event::Request { request, instance, at_ns, state } => {
                self.request(request, instance, at_ns, state);
            }
            Event::Hits { request, tokens } => {
                self.open.get_mut(&request).expect("it has come").hits = tokens.to_vec();
            }
            Event::Transfer(transfer) => self.transfer(&transfer),
            Event::Held { tier, instance, at_ns, blocks } => {
                let lower = tier.checked_sub(1).map(|lower| &self.scenario.tiers[lower]);
                let block_bytes = self.scenario.bytes_per_token(lower) * u64::from(self.trace.block_tokens());
                let bytes = u64::from(blocks) * block_bytes;
                let (name, place) = (format!("{} held", self.tier(tier)), self.place(instance, PROCESS));
                self.put("C", &name, place, at_ns, format_args!(r#","args":{{"bytes":{bytes}}}"#));
            }
            Event::Expired { tier, instance, at_ns, blocks } => {
                let (name, place) =
                    (format!("{} leases over", self.tier(tier)), self.place(instance, PROCESS));
                let rest = format_args!(r#","s":"p","cat":"lease","args":{{"blocks":{blocks}}}"#);
                self.put("i", &name, place, at_ns, rest);
            }
            Event::Queue { instance, at_ns, waiting, loading, running } => {
                let counts = format_args!(
                    r#","args":{{"running":{running},"loading":{loading},"waiting":{waiting}}}"#
                );
                self.put("C", "requests", self.place(Some(instance), PROCESS), at_ns, counts);
            }
        }
    }

    fn step(&mut self, step: &Step) {
        let name = match (step.prefills, step.decodes) {
            (_, 0) => "prefill",
            (0, _) => "decode",
            _ => "mixed",
        };
        let takes = Us(step.end_ns - step.start_ns);
        let Step { steps, prefills, decodes, new_tokens, context_tokens, .. } = step;
        let sequences = prefills + decodes;
        let rest = format_args!(
            r#","cat":"step","dur":{takes},"args":{{"steps":{steps},"sequences":{sequences},"prefills":{prefills},"#
        );
        self.put(
            "X",
            name,
            self.place(Some(step.instance), STEPS),
            step.start_ns,
            format_args!(
                r#"{rest}"decodes":{decodes},"new_tokens":{new_tokens},"context_tokens":{context_tokens}}}"#
            ),
        );
    }

    fn request(&mut self, request: u32, instance: u32, at_ns: u64, state: RequestState) {
        let place = self.place(Some(instance), PROCESS);
        let id = format!(r#","cat":"request","id":{request}"#);
        let name = state_name(state);
        if state == RequestState::Queued {
            let view = self.trace.request(request as usize);
            let (prompt, output) = (view.prompt_tokens, view.output_tokens.max(1));
            let args = format_args!(
                r#"{id},"args":{{"request":{request},"prompt_tokens":{prompt},"output_tokens":{output}}}"#
            );
            self.put("b", "request", place, at_ns, args);
            self.open.insert(request, Open { state: name, hits: Vec::new(), preemptions: 0 });
        } else {
            let open = self.open.get_mut(&request).expect("it has come");
            open.preemptions += u32::from(state == RequestState::Preempted);
            let before = std::mem::replace(&mut open.state, name);
            self.put("e", before, place, at_ns, format_args!("{id}"));
        }
        if state == RequestState::Ended {
            let Open { hits, preemptions, .. } = self.open.remove(&request).expect("it has come");
            let hits: String = (hits.iter().enumerate())
                .map(|(tier, tokens)| format!(r#""hit_{}_tokens":{tokens},"#, self.tier(tier)))
                .collect();
            let args = format_args!(r#"{id},"args":{{{hits}"preemptions":{preemptions}}}"#);
            self.put("e", "request", place, at_ns, args);
        } else {
            self.put("b", name, place, at_ns, format_args!("{id}"));
        }
    }

    fn transfer(&mut self, transfer: &Transfer) {
        let (name, reads) = match transfer.kind {
            TransferKind::Load => ("load", true),
            TransferKind::LayerwiseLoad => ("layerwise load", true),
            TransferKind::Prefetch => ("prefetch", true),
            TransferKind::Store => ("store", false),
            TransferKind::CopyDown => ("copy down", false),
        };
        let &Transfer { tier, request, start_ns, end_ns, blocks, bytes, .. } = transfer;
        let place = self.place(transfer.instance, self.link(tier, reads));
        let (direction, queued) = (if reads { "read" } else { "write" }, Us(start_ns - transfer.queued_ns));
        let tier = &self.scenario.tiers[tier];
        let args = format!(
            r#","args":{{"tier":"{}","direction":"{direction}","request":{request},"blocks":{blocks},"bytes":{bytes},"queued_us":{queued}}}"#,
            tier.name
        );
        let sharing =
            if reads || tier.duplex == Duplex::Half { tier.read.sharing } else { tier.write.sharing };
        match sharing {
            Sharing::Fifo => {
                let takes = Us(end_ns - start_ns);
                let rest = format_args!(r#","cat":"transfer","dur":{takes}{args}"#);
                self.put("X", name, place, start_ns, rest);
            }
            // Several transfers run at once, and slices of one thread cannot overlap.
            Sharing::Fair => {
                let id = format!(r#","cat":"transfer","id":{}"#, self.fair);
                self.fair += 1;
                self.put("b", name, place, start_ns, format_args!("{id}{args}"));
                self.put("e", name, place, end_ns, format_args!("{id}"));
            }
        }
    }
}

fn state_name(state: RequestState) -> &'static str {
    match state {
        RequestState::Queued => "queued",
        RequestState::Loading => "loading",
        RequestState::Prefill => "prefill",
        RequestState::Decode => "decode",
        RequestState::Preempted => "preempted",
        RequestState::Ended => "ended",
    }
}

/// Nanoseconds, shown in microseconds.
struct Us(u64);

impl fmt::Display for Us {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}", self.0 / 1000, self.0 % 1000)
    }
}
