//! Does the whole stack hold on a real trace? Twelve thousand requests through HBM, DRAM and disk.

use crate::setup;
use tier_sim::{RunStats, Scope, simulate};

fn summary(stats: &RunStats) -> String {
    let hits: Vec<String> = stats.tiers.iter().map(|t| format!("{} {}", t.name, t.hit_tokens)).collect();
    format!(
        "makespan {} ns, {} steps, TTFT mean {:.9} s, hits {}, preemptions {}",
        stats.makespan_ns,
        stats.steps,
        stats.ttft_s().mean,
        hits.join(" "),
        stats.preemptions()
    )
}

#[test]
fn the_same_run_twice_is_the_same_run() {
    let Some(trace) = setup::conversation() else { return };
    for (instances, disk) in [(1, Scope::Instance), (8, Scope::Cluster)] {
        let scenario = setup::scenario(instances, disk);
        let stats = simulate(&scenario, &trace).expect("it fits");
        assert_eq!(stats.requests.len(), trace.len());
        assert_eq!(stats, simulate(&scenario, &trace).expect("it fits"));
        println!("{}", summary(&stats));
        for request in &stats.requests {
            assert!(
                request.arrival_ns <= request.scheduled_ns && request.scheduled_ns < request.first_token_ns
            );
            assert!(request.first_token_ns <= request.finish_ns && request.finish_ns <= stats.makespan_ns);
            assert!(request.hit_hbm_tokens + request.hit_lower_tokens < request.prompt_tokens);
        }
        for tier in &stats.tiers {
            assert!(tier.capacity_bytes.is_none_or(|capacity| tier.peak_bytes <= capacity), "{}", tier.name);
        }
    }
}
