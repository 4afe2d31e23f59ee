//! Searches a space without the program: a made-up service, three searches, two choices of objectives.
//!
//! ```text
//! cargo run --release -p kareto --example search
//! ```
#![expect(clippy::print_stdout, reason = "an example says what it found")]

use std::error::Error;

use kareto::front::Front;
use kareto::search::{SearchContext, Silent, registry};
use kareto::{
    ArchiveStore, Axis, DesignSpace, Evaluate, EvaluateError, Evaluation, Figure, Figures, ObjectiveSet,
    Objectives, Point, run_search,
};

/// The figures of [`Service`], each with its sense.
const FIGURES: Figures = Figures(&[
    Figure::less("ttft_s_mean", "s"),
    Figure::more("throughput_tokens_per_s", "tokens/s"),
    Figure::less("cost", "USD"),
    Figure::less("ttft_s_p99", "s"),
]);

/// Hits saturate with DRAM and with the lease on disk; both cost.
struct Service {
    objectives: ObjectiveSet,
}

impl Evaluate for Service {
    fn evaluate(&self, point: &Point) -> Result<Evaluation, EvaluateError> {
        let [dram, lease] = [0, 1].map(|axis| f64::from(point.0[axis]));
        let hits = 1.0 - (-dram / 4.0 - lease / 6.0).exp();
        let objectives =
            Objectives::new(3.0 - 2.0 * hits, 1e4 * (1.0 + 0.1 * hits), 100.0 + 2.0 * dram + lease);
        let tail = ("ttft_s_p99".to_owned(), 9.0 - 5.0 * hits + 0.1 * lease);
        Ok(Evaluation { objectives: objectives.map_err(EvaluateError::new)?, metrics: [tail].into() })
    }

    fn objectives(&self) -> ObjectiveSet {
        self.objectives.clone()
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let space = DesignSpace::new(vec![
        Axis::stepped("dram_gib", 0, 2048, 128)?,
        Axis::stepped("disk_lease_s", 0, 2400, 150)?,
    ])?;
    let searches = registry();
    let tail = ObjectiveSet::new(&["ttft_s_p99", "cost"], &FIGURES)?;
    for objectives in [ObjectiveSet::default(), tail] {
        println!("objectives: {}", objectives.names().collect::<Vec<_>>().join(", "));
        for name in ["algorithm-1", "kareto", "kareto-plus"] {
            let spec = searches.find(name).ok_or("it comes with the crate")?;
            let service = Service { objectives: objectives.clone() };
            let context = SearchContext { objectives: objectives.clone(), ..SearchContext::new(&space) };
            let mut search = spec.search(&spec.params(&[])?, &context);
            let run = run_search(&mut *search, &space, &service, &ArchiveStore::in_memory(&space), &Silent)?;
            let (asked, front) = (run.archive.len(), Front::of(&run.archive));
            println!(
                "{name:12} {asked:3} of {} evaluated, {} on the front; {}",
                space.size(),
                front.len(),
                run.reason
            );
        }
    }
    Ok(())
}
