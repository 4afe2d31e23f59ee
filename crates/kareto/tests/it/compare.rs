//! Is the comparison of searches fair: does it count what was asked, in order, against the right front?

use insta::assert_snapshot;
use kareto::compare::{Replay, Target, quartiles, replay};
use kareto::search::{SearchError, registry};
use kareto::{Archive, Point};

use crate::functions::{objectives, storage_sketch, storage_space};
use crate::search::{Settings, settings};

/// Evaluations after which a search is judged: 15 % of the grid.
const BUDGET: usize = 43;

fn full() -> Archive {
    let mut full = Archive::new();
    storage_space().points().for_each(|point| full.insert(point.clone(), storage_sketch(&point)).unwrap());
    full
}

fn played(name: &str, settings: &Settings) -> Replay {
    let full = full();
    replayed(name, settings, &full, &Target::of(&full).unwrap()).unwrap()
}

fn replayed(name: &str, settings: &Settings, full: &Archive, target: &Target) -> Result<Replay, SearchError> {
    let (searches, space) = (registry(), storage_space());
    let spec = searches.find(name).unwrap();
    replay(spec, &spec.params(&[]).unwrap(), &settings.context(&space), full, target, BUDGET)
}

#[test]
fn shares_rise_to_the_whole_and_count_every_evaluation() {
    for entry in registry().specs() {
        let run = played(entry.name, &settings());
        assert!(run.shares.is_sorted(), "{}", entry.name);
        assert!(run.share() <= 1.0 && run.evaluations() <= 289, "{}", entry.name);
        // What is left out costs hypervolume, and only that.
        assert_eq!(run.share() >= 1.0, run.igd_plus <= 0.0, "{}", entry.name);
        if let Some(count) = run.reached(0.9) {
            assert!(run.share_after(count) >= 0.9 && run.share_after(count - 1) < 0.9);
        }
    }
    let whole = played("full-grid", &settings());
    assert_eq!((whole.evaluations(), whole.share(), whole.share_after(1000)), (289, 1.0, 1.0));
    assert!(whole.reached(1.0).is_some() && whole.reached(1.1).is_none());
}

/// What is judged are the evaluations of the budget, and a buyer who has the whole grid regrets nothing.
#[test]
fn the_budget_is_judged() {
    let whole = full();
    let target = Target::of(&whole).unwrap();
    let vectors: Vec<_> = storage_space().points().map(|it| whole.vector(whole.get(&it).unwrap())).collect();
    let all = target.judged(&vectors);
    assert_eq!((all.regret.cost.worst, all.regret.ttft.worst), (0.0, 0.0));
    assert!((all.own_range_share - 1.0).abs() < 1e-12);
    for entry in registry().specs() {
        let run = played(entry.name, &settings());
        assert_eq!(run.judged.evaluations, run.evaluations().min(BUDGET), "{}", entry.name);
    }
    let none = target.judged(&[]);
    assert_eq!((none.own_range_share, none.regret.cost.mean, none.regret.ttft.worst), (0.0, 1.0, 1.0));
}

#[test]
fn only_searches_that_draw_depend_on_the_seed() {
    let orders = |name: &str| {
        let with = |seed| format!("{:?}", played(name, &Settings { seed, ..settings() }).shares);
        with(1) == with(2)
    };
    for entry in registry().specs() {
        assert_eq!(orders(entry.name), !entry.draws, "{}", entry.name);
    }
}

/// One point on the front: the share is 1 as soon as it is asked, and 0 beyond nothing.
#[test]
fn a_share_is_measured_from_the_worst_of_the_grid() {
    let mut full = Archive::new();
    for (place, value) in [1.0, 2.0, 3.0].into_iter().enumerate() {
        let all = objectives(value, 10.0 - value, value);
        full.insert(Point(vec![place as u32]), kareto::Evaluation { objectives: all, metrics: [].into() })
            .unwrap();
    }
    let target = Target::of(&full).unwrap();
    // The reference is a tenth of the size beyond the worst, 3.3, -6.1 and 3.3: volumes 2.3 * 2.9 * 2.3, 1.3 * 1.9 * 1.3.
    let share = target.share(&[[2.0, -8.0, 2.0]]);
    assert!((share - 3.211 / 15.341).abs() < 1e-12, "{share}");
    assert_eq!((target.share(&[[1.0, -9.0, 1.0]]), target.share(&[]), target.front_points()), (1.0, 0.0, 1));
}

#[test]
fn what_cannot_be_replayed() {
    let full = full();
    let target = Target::of(&full).unwrap();
    let error = replayed("full-grid", &settings(), &Archive::new(), &target).unwrap_err();
    assert_snapshot!(error, @"evaluation of dram_gib=0,disk_lease_s=0 failed: [0 0] is not among the recorded answers");
}

#[test]
fn quartiles_with_some_that_never_got_there() {
    // Ranks ceil(q * 4) = 1, 2, 3 of 10, 20, never, never.
    assert_eq!(quartiles(&[None, Some(20), None, Some(10)]), [Some(10), Some(20), None]);
    assert_eq!(quartiles(&[Some(7)]), [Some(7); 3]);
}
