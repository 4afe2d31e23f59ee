//! Is `hull` nearly exact at the size of real traces? 200,000 reuse intervals in 10, 100 and 1,000 groups.

#[path = "../../benches/ttl/made_reuse.rs"]
mod made_reuse;

use std::fmt::Write;

use insta::assert_snapshot;
use kareto::ttl::{Frontier, Method, TailCharge, curves, hull, levelled, slsqp, tune, uniform};
use made_reuse::{BUDGET_SHARES, made_reuse};

#[test]
fn hull_is_within_a_thousandth_of_its_bound() {
    let mut table =
        String::from("   K  share      hits     bound  greedy gap %  gap %  slsqp %  one TTL %\n");
    for groups in [10, 100, 1_000] {
        let reuse = made_reuse(groups);
        assert_eq!(reuse.groups.iter().map(|group| group.intervals_ns.len()).sum::<usize>(), 200_000);
        let curves = curves(&reuse, TailCharge::WholeTtl);
        let frontier = Frontier::of(&curves).points();
        let most = frontier.last().unwrap().storage_block_ns;
        for share in BUDGET_SHARES {
            let budget = (share * most as f64) as u128;
            let ours = hull(&curves, budget);
            let bound = ours.upper_bound.unwrap();
            assert!(ours.gap().unwrap() <= 1e-3, "K = {groups}, {share}: gap {:?}", ours.gap());
            assert!(ours.storage_block_ns <= budget && ours.hits >= levelled(&curves, budget).hits);
            let one = uniform(&reuse, TailCharge::WholeTtl, budget).hits;
            // SLSQP is dense in K; 1,000 groups would take it minutes.
            let papers = (groups < 1_000).then(|| slsqp(&curves, budget).hits);
            assert!(papers.is_none_or(|hits| hits <= ours.hits));
            let greedy = frontier.iter().take_while(|it| it.storage_block_ns <= budget).last().unwrap().hits;
            let below = |hits: u64| 100.0 * (bound - hits) as f64 / bound as f64;
            let papers = papers.map_or_else(|| "-".to_owned(), |hits| format!("{:.1}", below(hits)));
            writeln!(
                table,
                "{groups:>4}  {share:>5}  {:>8}  {bound:>8}  {:>12.3}  {:>5.3}  {papers:>7}  {:>9.1}",
                ours.hits,
                below(greedy),
                below(ours.hits),
                below(one)
            )
            .unwrap();
        }
    }
    assert_snapshot!(table);
}

#[test]
fn the_same_question_has_the_same_answer() {
    let curves = curves(&made_reuse(100), TailCharge::UntilTraceEnd);
    let budget = Frontier::of(&curves).points().last().unwrap().storage_block_ns / 10;
    for method in [Method::Hull, Method::Slsqp] {
        assert_eq!(tune(&curves, budget, method), tune(&curves, budget, method));
    }
}
