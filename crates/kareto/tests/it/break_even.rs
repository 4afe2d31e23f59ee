//! Break-even prices in closed form, against other prices tried one by one.

use kareto::break_even::{break_even, cheapest_between};
use kareto::recommend::repriced;
use kareto::{Archive, Evaluation, Objectives, Point};

const PARTS: [&str; 3] = ["gpu", "dram", "disk"];

/// Numbers of a linear congruential generator, 0 to 1.
fn drawn(state: &mut u64) -> f64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 11) as f64 / (1_u64 << 53) as f64
}

/// Twelve configurations whose cost is the sum of three parts.
fn archive(seed: u64) -> Archive {
    let (mut archive, mut state) = (Archive::new(), seed);
    for number in 0..12 {
        let parts = [100.0, 30.0, 10.0].map(|most| most * drawn(&mut state));
        let objectives = Objectives::new(drawn(&mut state), 1.0, parts.iter().sum()).unwrap();
        let metrics = PARTS.iter().zip(parts).map(|(part, amount)| (format!("cost_{part}"), amount));
        archive.insert(Point(vec![number]), Evaluation { objectives, metrics: metrics.collect() }).unwrap();
    }
    archive
}

fn cost(archive: &Archive, point: &Point) -> f64 {
    archive.get(point).unwrap().objectives.cost()
}

fn cheapest(archive: &Archive) -> Point {
    let least = archive.iter().min_by(|a, b| a.1.objectives.cost().total_cmp(&b.1.objectives.cost()));
    least.unwrap().0.clone()
}

#[test]
fn neighbours_cost_the_same_at_the_break_even_price_and_not_beside_it() {
    let (mut found, mut never) = (0, 0);
    for seed in 0..50 {
        let archive = archive(seed);
        for it in break_even(&archive, &PARTS) {
            let dearer = |factor: f64| {
                let priced = repriced(&archive, &it.part, factor);
                cost(&priced, &it.to) - cost(&priced, &it.from)
            };
            assert!(dearer(1.0) > 0.0, "the faster one is dearer");
            match it.factor {
                Some(factor) => {
                    found += 1;
                    assert!(dearer(factor).abs() < 1e-9, "{it:?}: {}", dearer(factor));
                    // Brute force: nothing between the price as it is and this one turns the two round.
                    for step in 1..100 {
                        let tried = 1.0 + (factor - 1.0) * f64::from(step) / 100.0;
                        assert!(dearer(tried) > 0.0, "{it:?} at {tried}");
                    }
                    assert!(dearer(1.0 + (factor - 1.0) * 1.01) < 0.0, "{it:?}");
                }
                None => {
                    never += 1;
                    let tried = (0..2000).map(|step| f64::from(step) / 10.0);
                    assert!(tried.into_iter().all(|factor| dearer(factor) > 0.0), "{it:?}");
                }
            }
        }
    }
    assert!(found > 100 && never > 20, "{found} {never}");
}

#[test]
fn the_cheapest_stays_so_up_to_the_price_that_is_told() {
    let mut bounded = 0;
    for seed in 0..50 {
        let archive = archive(seed);
        let own = cheapest(&archive);
        for part in PARTS {
            let [below, above] = cheapest_between(&archive, &own, part);
            let (least, most) =
                (below.as_ref().map_or(0.0, |it| it.0), above.as_ref().map_or(200.0, |it| it.0));
            assert!((0.0..=1.0).contains(&least) && most >= 1.0, "{least} {most}");
            for step in 0..=400 {
                let factor = f64::from(step) / 20.0;
                let now = cheapest(&repriced(&archive, part, factor));
                let is_inside = factor > least + 1e-9 && factor < most - 1e-9;
                let is_outside = factor < least - 1e-9 || factor > most + 1e-9;
                assert!(
                    !is_inside || now == own,
                    "seed {seed}, {part} x {factor}: {now} in [{least}, {most}]"
                );
                assert!(!is_outside || now != own, "seed {seed}, {part} x {factor}: [{least}, {most}]");
            }
            for (factor, other) in [below, above].into_iter().flatten() {
                bounded += 1;
                let priced = repriced(&archive, part, factor);
                assert!((cost(&priced, &other) - cost(&priced, &own)).abs() < 1e-9);
            }
        }
    }
    assert!(bounded > 50, "{bounded}");
}
