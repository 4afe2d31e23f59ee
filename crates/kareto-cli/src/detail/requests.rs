//! A run as a table with a row for each request, in trace order. Times are in ns, so they are exact.

use kv_core::Trace;
use report::Table;
use tier_sim::observe::Event;
use tier_sim::{RequestRecord, Scenario, simulate_observed};

/// Replays `trace` through `scenario`, which the simulator must accept, and tabulates its requests.
pub(super) fn table(scenario: &Scenario, trace: &Trace) -> Result<Table, report::Error> {
    let mut hits = vec![vec![0; scenario.tiers.len() + 1]; trace.len()];
    let stats = simulate_observed(scenario, trace, &mut |event| {
        if let Event::Hits { request, tokens } = *event {
            hits[request as usize] = tokens.to_vec();
        }
    });
    let records = stats.expect("it was simulated before").requests;

    let mut table = Table::default();
    let whole =
        |of: &dyn Fn(&RequestRecord) -> u64| -> Vec<i64> { records.iter().map(of).map(cell).collect() };
    // A request that was refused has no times.
    let served = |of: &dyn Fn(&RequestRecord) -> u64| -> Vec<Option<i64>> {
        records.iter().map(|r| (!r.rejected).then(|| cell(of(r)))).collect()
    };
    table.add_column("request", (0..records.len() as u64).map(cell).collect::<Vec<_>>())?;
    table.add_column("instance", whole(&|r| r.instance.into()))?;
    table.add_column("rejected", whole(&|r| r.rejected.into()))?;
    table.add_column("arrival_ns", whole(&|r| r.arrival_ns))?;
    table.add_column("queue_ns", served(&RequestRecord::queue_ns))?;
    table.add_column("load_ns", served(&|r| r.load_ns))?;
    table.add_column("compute_ns", served(&|r| r.ttft_ns() - r.queue_ns() - r.load_ns))?;
    table.add_column("ttft_ns", served(&RequestRecord::ttft_ns))?;
    let tpot = records.iter().map(|r| r.tpot_ns().filter(|_| !r.rejected));
    table.add_column("tpot_ns", tpot.collect::<Vec<_>>())?;
    table.add_column("e2e_ns", served(&RequestRecord::e2e_ns))?;
    table.add_column("prompt_tokens", whole(&|r| r.prompt_tokens.into()))?;
    table.add_column("output_tokens", whole(&|r| r.output_tokens.into()))?;
    let tiers = std::iter::once("hbm").chain(scenario.tiers.iter().map(|tier| tier.name.as_str()));
    for (number, tier) in tiers.enumerate() {
        let tokens: Vec<u32> = hits.iter().map(|tiers| tiers[number]).collect();
        table.add_column(&format!("hit_{tier}_tokens"), tokens)?;
    }
    table.add_column("recomputed_tokens", whole(&|r| r.recomputed_tokens.into()))?;
    table.add_column("preemptions", whole(&|r| r.preemptions.into()))?;
    Ok(table)
}

fn cell(number: u64) -> i64 {
    i64::try_from(number).expect("292 years in ns")
}
