//! Searches the space of an experiment file without the program, and says what to buy. Run it from the root of the
//! repository:
//!
//! ```text
//! cargo run --release -p experiment --example run_file [EXPERIMENT.toml] [FOLDER]
//! ```
#![expect(clippy::print_stdout, reason = "an example says what it found")]

use std::error::Error;
use std::path::PathBuf;

use experiment::{Environment, Observer, Options, Registries, Scale, run};

/// Prints the parts as they are finished.
struct Lines;

impl Observer for Lines {
    fn say(&self, line: &str) {
        println!("{line}");
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1).map(PathBuf::from);
    let file = args.next().unwrap_or_else(|| "experiments/front.toml".into());
    let out = args.next().unwrap_or_else(|| "out/example".into());
    let options = Options { scale: Scale::Smoke, trace: None, out, seconds: || 0.0 };
    let finished = run(&[file], &options, &Registries::builtin(), &|_| Environment::default(), &Lines)?;
    for finished in finished {
        let Some(choice) = finished.findings.choice else {
            println!("no configuration keeps the constraints");
            continue;
        };
        println!("buy {}", finished.found.space.key(&choice.pick.point));
        println!("cost: {:.2} {}", choice.pick.evaluation.objectives.cost(), finished.found.currency);
    }
    Ok(())
}
