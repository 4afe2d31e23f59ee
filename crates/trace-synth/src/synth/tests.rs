//! Synthesis: same input, same trace; parts that do not disturb each other; embedded recipes that hold what they say.

use super::*;
use crate::read::{ReadOptions, read};
use crate::write::{Fields, Form, Packing, write_jsonl, write_synthesis};

const ZSTD: Form = Form { packing: Packing::Zstd, fields: Fields::All };
const PLAIN: Form = Form { packing: Packing::Plain, fields: Fields::All };

fn small() -> Recipe {
    Recipe { duration_s: 300.0, warmup_s: 100.0, ..embedded("chat").unwrap() }
}

#[test]
fn the_same_seed_gives_the_same_trace_and_another_another() {
    let fingerprint = |seed| synthesise(&small(), seed).unwrap().fingerprint();
    assert_eq!(fingerprint(1), fingerprint(1));
    assert_ne!(fingerprint(1), fingerprint(2));
}

#[test]
fn a_part_that_changes_leaves_the_other_parts_as_they_were() {
    // Constant outputs draw nothing; arrivals, turns and new prompt tokens stay. (No session ends for its length.)
    let unlimited = |output: Option<Distribution>| {
        let mut recipe = small();
        for class in &mut recipe.class {
            class.max_prompt_tokens = u32::MAX;
            class.output_tokens = output.clone().unwrap_or_else(|| class.output_tokens.clone());
        }
        Synthesis::new(&recipe, 1).map(|r| (r.arrival_ns, r.session, r.class)).collect::<Vec<_>>()
    };
    assert!(unlimited(None) == unlimited(Some(Distribution::Constant(5.0))));
}

#[test]
fn longer_traces_begin_as_shorter_ones() {
    let long = Recipe { duration_s: 400.0, ..small() };
    let (short, long) = (synthesise(&small(), 1).unwrap(), synthesise(&long, 1).unwrap());
    for (a, b) in short.requests().zip(long.requests()) {
        assert_eq!(
            (a.arrival_ns, a.prompt_tokens, a.references),
            (b.arrival_ns, b.prompt_tokens, b.references)
        );
    }
}

#[test]
fn follow_ups_extend_prompt_and_output() {
    let trace = crate::resolve_outputs(synthesise(&small(), 1).unwrap());
    let resolved = trace.requests().filter(|r| !r.output_blocks.is_empty()).count();
    assert!(resolved * 5 > trace.len(), "{resolved} of {}", trace.len());
}

#[test]
fn what_is_written_is_read_again() {
    let trace = synthesise(&small(), 1).unwrap();
    for form in [PLAIN, ZSTD] {
        let mut bytes = Vec::new();
        write_jsonl(&trace, form, &mut bytes).unwrap();
        let again = read(bytes.as_slice(), "t", &ReadOptions::AS_FILED).unwrap();
        assert_eq!(
            (again.len(), again.block_tokens(), again.references()),
            (trace.len(), 16, trace.references())
        );
        for (a, b) in trace.requests().zip(again.requests()) {
            assert_eq!(
                (a.arrival_ns - trace.arrivals_ns()[0], a.references, a.output_tokens),
                (b.arrival_ns, b.references, b.output_tokens)
            );
        }
    }
}

#[test]
fn what_is_written_as_it_comes_is_the_same_trace() {
    let (recipe, mut bytes) = (small(), Vec::new());
    write_synthesis(Synthesis::new(&recipe, 1), recipe.block_tokens, ZSTD, &mut bytes).unwrap();
    let mut whole = Vec::new();
    write_jsonl(&synthesise(&recipe, 1).unwrap(), PLAIN, &mut whole).unwrap();
    let [streamed, whole] = [bytes, whole].map(|b| read(b.as_slice(), "t", &ReadOptions::AS_FILED).unwrap());
    assert!(streamed == whole);
}

#[test]
fn texts_are_replaced_each_at_a_time_of_its_own() {
    // Sessions of one shared block and no more, one of 8 texts, for 1,000 s; each text is replaced every 400 s.
    let mut recipe = Recipe { block_tokens: 16, duration_s: 1_000.0, warmup_s: 0.0, ..small() };
    recipe.class.truncate(1);
    let class = &mut recipe.class[0];
    class.next_turn = vec![0.0];
    class.first_tokens = Distribution::Constant(1.0);
    let texts = |renewed_s| {
        let level = PrefixLevel {
            choices: 8,
            zipf: 0.0,
            tokens: Distribution::Constant(16.0),
            renewed_s,
            taken: 1.0,
        };
        let mut recipe = recipe.clone();
        recipe.class[0].prefix = vec![level];
        let mut uses = std::collections::BTreeMap::new();
        Synthesis::new(&recipe, 1)
            .for_each(|r| uses.entry(r.hash_ids[0]).or_insert_with(Vec::new).push(r.arrival_ns));
        uses
    };
    assert_eq!(texts(None).len(), 8);
    let renewed = texts(Some(400.0));
    // 1,000 s hold 2.5 lives: every text has two or three successors, the first and the last cut short.
    assert!((8 * 3..=8 * 4).contains(&renewed.len()), "{}", renewed.len());
    let life_ns = |uses: &Vec<u64>| uses[uses.len() - 1] - uses[0];
    assert!(renewed.values().all(|uses| life_ns(uses) < 400_000_000_000));
    let firsts: std::collections::BTreeSet<u64> =
        renewed.values().map(|uses| uses[0] / 10_000_000_000).collect();
    assert!(firsts.len() > 10, "not all at once: {firsts:?}");
}

#[test]
fn rate_curves_are_followed() {
    // 10 sessions/s, from 600 s on three times as many: 6,000 and 18,000, each within 5 standard deviations.
    let mut recipe = Recipe { duration_s: 1_200.0, warmup_s: 0.0, sessions_per_s: 10.0, ..small() };
    recipe.rate = vec![RateCurve::Step { at_s: 600.0, factor: 3.0 }];
    recipe.class.iter_mut().for_each(|class| class.next_turn = vec![0.0]);
    for process in [
        ArrivalProcess::Poisson,
        ArrivalProcess::Gamma { shape: 2.0 },
        ArrivalProcess::Weibull { shape: 1.5 },
    ] {
        recipe.arrivals = process;
        let starts: Vec<u64> = Synthesis::new(&recipe, 1).map(|r| r.arrival_ns).collect();
        let early = starts.partition_point(|&start| start < 600_000_000_000);
        assert!(early.abs_diff(6_000) < 400, "{process:?}: {early}");
        assert!((starts.len() - early).abs_diff(18_000) < 700, "{process:?}: {}", starts.len() - early);
    }
}

#[test]
fn days_weeks_and_bursts_have_their_shares_of_sessions() {
    type Case = (RateCurve, f64, fn(f64) -> bool);
    const DAY_S: f64 = 86_400.0;
    let mut recipe = Recipe { duration_s: 7.0 * DAY_S, warmup_s: 0.0, sessions_per_s: 0.1, ..small() };
    recipe.class.iter_mut().for_each(|class| class.next_turn = vec![0.0]);
    let cases: [Case; 3] = [
        // A Sunday of three days' sessions: 3 of 9.
        (RateCurve::Weekly { days: [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 3.0] }, 3.0 / 9.0, |t| t >= 6.0 * DAY_S),
        // The half of the day around its trough: the integral of 1 + cos from pi/2 to 3 pi/2 over 2 pi.
        (RateCurve::Diurnal { amplitude: 1.0, peak_s: 0.0 }, 0.5 - 1.0 / std::f64::consts::PI, |t| {
            (0.25..0.75).contains(&(t / DAY_S).fract())
        }),
        // 10 s of each 100 at five times the rate: 50 of 140.
        (RateCurve::Burst { every_s: 100.0, lasts_s: 10.0, factor: 5.0 }, 50.0 / 140.0, |t| t % 100.0 < 10.0),
    ];
    for (curve, share, within) in cases {
        recipe.rate = vec![curve];
        let starts: Vec<f64> = Synthesis::new(&recipe, 1).map(|r| r.arrival_ns as f64 / 1e9).collect();
        let found = starts.iter().filter(|&&start| within(start)).count() as f64 / starts.len() as f64;
        // 60,000 sessions and more: 5 standard deviations are 5 sqrt(0.25 / 60,000) = 0.01.
        assert!((found - share).abs() < 0.01, "{curve:?}: {found}, not {share}");
    }
}

#[test]
fn recipes_are_refused_with_key_value_and_expectation() {
    let toml = include_str!("../../../../datasets/recipes/chat.toml");
    let mend = |from: &str, to: &str| Recipe::parse(&toml.replacen(from, to, 1)).unwrap_err().to_string();
    let messages = [
        mend("share = 0.76", "share = -1.0"),
        mend("duration_s = 7200.0", "duration_s = 0.0"),
        mend("p90 = 960", "p90 = 9"),
        mend("choices = 4,", "choices = 0,"),
    ];
    insta::assert_snapshot!(messages.join("\n"));
    assert!(mend("warmup_s", "warmup").contains("unknown field `warmup`"));
}

#[test]
fn recipes_survive_toml() {
    for name in embedded_names() {
        let recipe = embedded(name).unwrap();
        assert_eq!(Recipe::parse(&recipe.to_toml()).unwrap(), recipe);
    }
}

#[test]
fn the_default_trace_is_modest() {
    let described = crate::describe(&default_trace());
    insta::assert_json_snapshot!(described, {
        ".top_subtrees" => "subtrees",
        ".working_set.windows" => "windows",
    });
}
