//! Is what is said about buying right: the next step, the diminishing return, the price that matters?

use std::collections::BTreeMap;

use kareto::picks::PickKind;
use kareto::recommend::{next_step, price_changes, repriced, steps};
use kareto::{Archive, Evaluation, Point};

use crate::functions::objectives;

/// TTFT \[s\], throughput, cost of GPUs, cost of DRAM.
const ROWS: [[f64; 4]; 5] = [
    [9.0, 10.0, 10.0, 0.0],
    // Between the rows around it one second costs (14 - 10) / (9 - 8) = 4 before and 1 after: nobody stops here.
    [8.0, 10.0, 10.0, 4.0],
    [5.0, 11.0, 9.0, 8.0],
    [4.0, 12.0, 9.0, 16.0],
    // Dearer and slower than the one before it.
    [4.5, 11.0, 9.0, 20.0],
];

fn archive() -> Archive {
    let mut archive = Archive::new();
    for (index, [ttft, throughput, gpu, dram]) in ROWS.into_iter().enumerate() {
        let metrics = BTreeMap::from([("cost_gpu".to_owned(), gpu), ("cost_dram".to_owned(), dram)]);
        let evaluation = Evaluation { objectives: objectives(ttft, throughput, gpu + dram), metrics };
        archive.insert(Point(vec![index as u32]), evaluation).unwrap();
    }
    archive
}

#[test]
fn a_millisecond_costs_more_with_every_step() {
    let steps = steps(&archive());
    let ends: Vec<(u32, u32)> = steps.iter().map(|step| (step.from.0[0], step.to.0[0])).collect();
    assert_eq!(ends, [(0, 2), (2, 3)]);
    // 7 for 4 s, then 8 for 1 s.
    assert_eq!(steps.iter().map(|step| step.cost_per_ms()).collect::<Vec<_>>(), [7.0 / 4000.0, 8.0 / 1000.0]);
    assert!(steps.is_sorted_by(|a, b| a.cost_per_ms() <= b.cost_per_ms()));
}

#[test]
fn the_next_step_is_the_one_that_gains_most_for_its_money() {
    let next = |place: u32| next_step(&archive(), &Point(vec![place])).map(|step| step.to.0[0]);
    assert_eq!([next(0), next(1), next(2), next(3), next(4)], [Some(2), Some(2), Some(3), None, None]);
    assert!(next_step(&archive(), &Point(vec![9])).is_none());
}

#[test]
fn prices_change_one_at_a_time() {
    let at = |archive: &Archive, place: u32| archive.get(&Point(vec![place])).unwrap().objectives.cost();
    let dear = repriced(&archive(), "dram", 2.0);
    assert_eq!((at(&dear, 0), at(&dear, 2)), (10.0, 9.0 + 16.0));
    let baseline = archive();
    let baseline = baseline.iter().nth(3);
    let parts = ["gpu", "dram"];
    let changes = price_changes(&archive(), &repriced, PickKind::Cheapest, baseline, &parts, &[0.1, 1.0]);
    let told: Vec<(&str, f64, u32)> =
        changes.iter().map(|change| (change.part.as_str(), change.factor, change.pick.0[0])).collect();
    // Row 0 has no DRAM and 10 of GPUs against 9: at a tenth of the GPUs' price it is still cheapest.
    assert_eq!(told, [("gpu", 0.1, 0), ("gpu", 1.0, 0), ("dram", 0.1, 2), ("dram", 1.0, 0)]);
    // 10 against 25 is 60 % less; at a tenth of DRAM's price 10 against 9 + 1.6.
    assert_eq!(changes[1].cost_percent, Some(-60.0));
    let cheap_dram = &changes[2];
    assert!((cheap_dram.cost_percent.unwrap() - 100.0 * (10.0 - 10.6) / 10.6).abs() < 1e-9);
    // Row 2 is faster, serves more and costs 9.8 then.
    assert!((cheap_dram.regret_percent - 100.0 * (10.0 - 9.8) / 9.8).abs() < 1e-9);
}
