//! What does DRAM bring? One deployment with several sizes, on the trace that comes with the crates. Run it from the
//! root of the repository:
//!
//! ```text
//! cargo run --release -p deployment --example configurations [DEPLOYMENT.toml]
//! ```
#![expect(clippy::print_stdout, reason = "an example says what it found")]

use deployment::{Deployment, SettingValue};
use trace_synth::{Preparation, TraceSource, prepare};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1).unwrap_or_else(|| "experiments/scenarios/fixed-1024.toml".into());
    let trace = prepare(&TraceSource::Default, &Preparation::default())?;
    let bought = Deployment::load(file.as_ref(), &policies::all_roles())?;
    for dram_gib in [0, 256, 512, 1024] {
        let outcome = bought.with("dram_gib", &SettingValue::Integer(dram_gib))?.evaluate(&trace)?;
        println!(
            "{dram_gib:4} GiB of DRAM: mean TTFT {:.3} s, {:.2} {}",
            outcome.stats.ttft_s().mean,
            outcome.bill.total(),
            outcome.bill.currency
        );
    }
    Ok(())
}
