//! A run as a table with a row for each request, in trace order. Times are in ns, so they are exact.

use kv_core::Trace;
use report::Table;
use tier_sim::observe::{Event, RequestState};
use tier_sim::{RequestRecord, Scenario, simulate_observed};

/// What is known of a request beside its record.
#[derive(Debug, Clone, Default)]
struct Heard {
    /// Prompt tokens found in each tier.
    hits: Vec<u32>,
    /// When it began to wait for a blocking load, while it does.
    loading_since_ns: Option<u64>,
    /// How long it waited for blocking loads before its first token.
    loading_ns: u64,
    has_token: bool,
}

impl Heard {
    fn state(&mut self, state: RequestState, at_ns: u64) {
        self.loading_ns += self.loading_since_ns.take().map_or(0, |since_ns| at_ns - since_ns);
        match state {
            RequestState::Loading if !self.has_token => self.loading_since_ns = Some(at_ns),
            RequestState::Decode => self.has_token = true,
            _ => {}
        }
    }
}

/// Replays `trace` through `scenario`, which can be simulated, and tabulates its requests.
pub(super) fn table(scenario: &Scenario, trace: &Trace) -> Result<Table, report::Error> {
    let mut heard = vec![Heard::default(); trace.len()];
    let stats = simulate_observed(scenario, trace, &mut |event| match *event {
        Event::Request { request, at_ns, state, .. } => heard[request as usize].state(state, at_ns),
        Event::Hits { request, tokens } => heard[request as usize].hits = tokens.to_vec(),
        _ => {}
    });
    let records = stats.expect("it was simulated before").requests;
    let loads: Vec<u64> = records.iter().zip(&heard).map(|(record, heard)| load_ns(record, heard)).collect();

    let mut table = Table::default();
    let whole =
        |of: &dyn Fn(&RequestRecord) -> u64| -> Vec<i64> { records.iter().map(of).map(cell).collect() };
    table.add_column("request", (0..records.len() as u64).map(cell).collect::<Vec<_>>())?;
    table.add_column("instance", whole(&|r| r.instance.into()))?;
    table.add_column("arrival_ns", whole(&|r| r.arrival_ns))?;
    table.add_column("queue_ns", whole(&RequestRecord::queue_ns))?;
    table.add_column("load_ns", loads.iter().copied().map(cell).collect::<Vec<_>>())?;
    let compute_ns =
        |(record, load_ns): (&RequestRecord, &u64)| cell(record.ttft_ns() - record.queue_ns() - load_ns);
    table.add_column("compute_ns", records.iter().zip(&loads).map(compute_ns).collect::<Vec<_>>())?;
    table.add_column("ttft_ns", whole(&RequestRecord::ttft_ns))?;
    table.add_column("tpot_ns", records.iter().map(RequestRecord::tpot_ns).collect::<Vec<_>>())?;
    table.add_column("e2e_ns", whole(&RequestRecord::e2e_ns))?;
    table.add_column("prompt_tokens", whole(&|r| r.prompt_tokens.into()))?;
    table.add_column("output_tokens", whole(&|r| r.output_tokens.into()))?;
    let tiers = std::iter::once("hbm").chain(scenario.tiers.iter().map(|tier| tier.name.as_str()));
    for (number, tier) in tiers.enumerate() {
        let hits: Vec<u32> = heard.iter().map(|heard| heard.hits[number]).collect();
        table.add_column(&format!("hit_{tier}_tokens"), hits)?;
    }
    table.add_column("recomputed_tokens", whole(&|r| r.recomputed_tokens.into()))?;
    table.add_column("preemptions", whole(&|r| r.preemptions.into()))?;
    Ok(table)
}

/// Part of TTFT spent on loads: waiting for a blocking one, or what a layerwise one added to its step. A record counts
/// the latter also where they came after the first token, after a preemption: not more than TTFT has room for.
fn load_ns(record: &RequestRecord, heard: &Heard) -> u64 {
    (record.load_ns + heard.loading_ns).min(record.ttft_ns() - record.queue_ns())
}

fn cell(number: u64) -> i64 {
    i64::try_from(number).expect("292 years in ns")
}
