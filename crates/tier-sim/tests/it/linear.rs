//! Does the cost of an evaluation grow with the trace, and no faster?
//!
//! Twenty hours of chat against two: ten times as much to do. What must not grow is the cost of each request: by a scan
//! over what waits, a list that is never emptied, a table that is copied. Tiers are full and leases run out within
//! minutes of either, so that both are nearly all steady state.

use crate::setup;
use allocation_counter::measure;
use cpu_time::ThreadTime;
use kv_core::Trace;
use tier_sim::{RunStats, Scenario, simulate};

fn traces() -> [Trace; 2] {
    [7_200.0, 72_000.0].map(setup::quiet_chat)
}

/// Nobody waits; and one sequence at a time, so that the queue grows until the trace ends.
fn loads() -> [(&'static str, Scenario); 2] {
    [("served", setup::quiet_scenario(256)), ("overloaded", setup::quiet_scenario(1))]
}

/// What the simulator did, and what it took to do it.
fn counts(scenario: &Scenario, trace: &Trace) -> [(&'static str, u64); 7] {
    let mut stats = RunStats::default();
    let memory = measure(|| stats = simulate(scenario, trace).expect("it fits"));
    println!("  mean queue {:.3} s", stats.queue_s().mean);
    [
        ("requests", stats.requests.len() as u64),
        ("steps", stats.steps),
        ("blocks in and out", stats.tiers.iter().map(|t| t.insertions + t.evictions + t.expiries).sum()),
        ("transfers", stats.links.iter().map(|link| link.transfers).sum()),
        ("allocations", memory.count_total),
        ("allocated bytes", memory.bytes_total),
        ("bytes at once", memory.bytes_max),
    ]
}

#[test]
fn ten_times_the_trace_is_less_than_eleven_times_the_work() {
    let [short, long] = traces();
    for (load, scenario) in loads() {
        println!("{load}");
        let (few, many) = (counts(&scenario, &short), counts(&scenario, &long));
        for ((name, few), (_, many)) in few.into_iter().zip(many) {
            println!("  {name}: {few} and {many}, {:.2} times", many as f64 / few as f64);
            assert!(many < 11 * few, "{load}: {name}");
        }
    }
}

/// Instructions are counted elsewhere (`crates/README.md`); time also pays for caches that the longer trace's tables do
/// not fit, and for whatever else the machine does, hence the 13.
#[test]
#[ignore = "times the machine; --nocapture shows the figures"]
fn ten_times_the_trace_takes_little_more_than_ten_times_as_long() {
    let [short, long] = traces();
    for (load, scenario) in loads() {
        // Of several runs, the least is the one that was disturbed least.
        let least = |trace| {
            let run = |_| {
                let start = ThreadTime::now();
                simulate(&scenario, trace).expect("it fits");
                start.elapsed()
            };
            (0..5).map(run).min().expect("five runs")
        };
        let (short, long) = (least(&short), least(&long));
        let times = long.as_secs_f64() / short.as_secs_f64();
        println!("{load}: {short:?} and {long:?}, {times:.2} times as long");
        assert!(times < 13.0, "{load}");
    }
}
