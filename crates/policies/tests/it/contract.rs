//! Does every policy keep its contract, whatever happens in the tier?
//!
//! Random prefixes are used, pinned, expired and withdrawn; [`Tier`] checks each answer: a victim is resident and
//! eligible, and there is one whenever a block is eligible. At the end every block can still be evicted.

use crate::traces::eviction;
use kv_core::policy::{Access, Build, Context, Lease, ParamKind, Params, Removal, Role, Spec};
use kv_core::{BlockId, Group, Trace, TraceBuilder};
use policies::registry;
use policies::testing::{Tier, Touch};
use proptest::prelude::*;
use std::collections::BTreeSet;

#[derive(Debug, Clone)]
enum Step {
    /// A request for a prefix, each number of which picks one of three extensions. A faster tier has the first
    /// blocks, perhaps all, so that this tier sees only those from a depth on.
    Use {
        path: Vec<u8>,
        from: usize,
    },
    /// Pins the n-th block, or frees it.
    Pin(usize),
    /// Takes the n-th block out, if it is resident.
    Expire(usize),
    Withdraw(usize),
}

fn path() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(0_u8..3, 1..5)
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => path().prop_map(|path| Step::Use { path, from: 0 }),
        2 => (path(), 1_usize..5).prop_map(|(path, from)| Step::Use { path, from }),
        1 => (0_usize..64).prop_map(Step::Pin),
        1 => (0_usize..64).prop_map(Step::Expire),
        1 => (0_usize..64).prop_map(Step::Withdraw),
    ];
    prop::collection::vec(step, 1..120)
}

/// The requests among the steps. A prefix is named by its digits, in base 4.
fn trace(steps: &[Step]) -> Trace {
    let mut builder = TraceBuilder::new(1);
    let mut now_ns = 0;
    for step in steps {
        let Step::Use { path, .. } = step else { continue };
        let name = |id: &mut u64, &digit: &u8| {
            *id = 4 * *id + u64::from(digit) + 1;
            Some(*id)
        };
        let ids: Vec<u64> = path.iter().scan(0, name).collect();
        now_ns += 1_000_000_000;
        builder.push(now_ns, ids.len() as u32, 1, &ids, None).expect("ids name prefixes");
    }
    builder.finish()
}

/// Plays the steps and returns all that happened.
fn play(policy: &str, steps: &[Step], capacity: u32) -> Vec<Touch> {
    let trace = trace(steps);
    let registry = registry();
    let spec = registry.find(Role::Eviction, policy).expect("registered");
    let mut tier = Tier::new(eviction(spec, &trace, capacity).expect("an eviction policy"), capacity);
    let mut pinned = BTreeSet::new();
    let mut touches = Vec::new();
    let mut request = 0;
    let nth = |n: usize| BlockId((n % trace.unique_blocks().max(1)) as u32);
    for step in steps {
        match step {
            Step::Use { from, .. } => {
                let view = trace.request(request);
                for (depth, &block) in view.prompt_blocks.iter().enumerate().skip(*from).rev() {
                    let (depth, request, now_ns) = (depth as u32, request as u32, view.arrival_ns);
                    let access = Access { block, depth, group: Group::REST, request, now_ns };
                    touches.push(tier.touch(&access, &|block| !pinned.contains(&block)));
                    assert!(tier.len() <= capacity as usize);
                }
                request += 1;
            }
            Step::Pin(n) => {
                if !pinned.remove(&nth(*n)) {
                    pinned.insert(nth(*n));
                }
            }
            Step::Expire(n) | Step::Withdraw(n) => {
                let why = if matches!(step, Step::Expire(_)) { Removal::Expired } else { Removal::Withdrawn };
                if tier.slot(nth(*n)).is_some() {
                    tier.remove(nth(*n), why);
                }
            }
        }
    }
    assert_eq!(tier.victim(0, &|_| false), None);
    for left in (0..tier.len()).rev() {
        let victim = tier.victim(0, &|_| true).expect("every block can be evicted");
        tier.remove(victim, Removal::Evicted);
        assert_eq!(tier.len(), left);
    }
    touches
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_eviction_policy_keeps_its_contract(steps in steps(), capacity in 1_u32..12) {
        for spec in registry().specs().iter().filter(|spec| spec.role() == Role::Eviction) {
            let touches = play(spec.name, &steps, capacity);
            prop_assert_eq!(touches, play(spec.name, &steps, capacity), "{} twice", spec.name);
        }
    }
}

/// A use of one of 16 blocks in one of four groups, some time after the one before.
type Use = (u32, u16, u64);

fn uses() -> impl Strategy<Value = Vec<Use>> {
    let gap_ns = prop_oneof![Just(0), 1..2_000_000_000_u64, 1..2_000_000_000_000_u64];
    prop::collection::vec((0_u32..16, 0_u16..4, gap_ns), 1..80)
}

/// What a lease policy answers to the uses, each an insertion where the lease before it has run out.
fn leases(spec: &Spec, uses: &[Use]) -> Vec<Lease> {
    let mut builder = TraceBuilder::new(1);
    let mut now_ns = 0;
    for (block, _, gap_ns) in uses {
        now_ns += gap_ns;
        builder.push(now_ns, 1, 1, &[u64::from(*block)], None).expect("one block");
    }
    let trace = builder.finish();
    let group_leases = [Lease::Drop, Lease::For(60_000_000_000)];
    let context = Context { trace: &trace, capacity_blocks: None, seed: 1, group_leases: &group_leases };
    let Build::Lease(build) = spec.build else { unreachable!("filtered by role") };
    let mut policy = build(&defaults(spec), &context);
    let mut found_until = vec![None; trace.unique_blocks()];
    let answer = |(request, (_, group, _)): (usize, &Use)| {
        let view = trace.request(request);
        let block = view.prompt_blocks[0];
        let (group, request, now_ns) = (Group(*group), request as u32, view.arrival_ns);
        let access = Access { block, depth: u32::from(group.0), group, request, now_ns };
        let until = &mut found_until[block.index()];
        let found = until.is_some_and(|until| now_ns < until);
        let lease = if found { policy.on_hit(&access) } else { policy.on_insert(&access) };
        *until = match lease {
            Lease::For(ns) => Some(now_ns.checked_add(ns).expect("a lease ends before time does")),
            Lease::Drop => None,
            Lease::Unchanged if found => *until,
            Lease::Unlimited | Lease::Unchanged => Some(u64::MAX),
        };
        lease
    };
    uses.iter().enumerate().map(answer).collect()
}

/// Defaults, and what has none.
fn defaults(spec: &Spec) -> Params {
    let needed = spec.params.iter().filter(|param| param.default.is_none());
    let given: Vec<_> = needed.map(|param| (param.name.to_owned(), param.min.max(1.0))).collect();
    spec.params(&given).expect("in range")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_lease_policy_keeps_its_contract(uses in uses()) {
        for spec in registry().specs().iter().filter(|spec| spec.role() == Role::Lease) {
            let answers = leases(spec, &uses);
            prop_assert!(!answers.contains(&Lease::For(0)), "{}: a lease of nothing is `Drop`", spec.name);
            prop_assert_eq!(answers, leases(spec, &uses), "{} twice", spec.name);
        }
    }
}

#[test]
fn specs_are_complete() {
    let registries = [registry(), policies::routers(), policies::schedulers()];
    for spec in registries.iter().flat_map(kv_core::policy::Registry::specs) {
        assert!(!spec.summary.is_empty() && !spec.source.is_empty(), "{}", spec.name);
        assert!(
            spec.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
            "{}",
            spec.name
        );
        for param in spec.params {
            let bounds = [param.min, param.max, param.default.unwrap_or(param.min)];
            let whole = param.kind == ParamKind::Real || bounds.iter().all(|bound| bound.fract() == 0.0);
            assert!(whole, "{}: {} takes whole numbers", spec.name, param.name);
            let within = param.default.is_none_or(|value| (param.min..=param.max).contains(&value));
            assert!(
                within && param.min < param.max && !param.doc.is_empty(),
                "{}: {}",
                spec.name,
                param.name
            );
            // The unit stands last in the name where the parameter has one.
            let unit_ok = match param.unit {
                "s" => param.name.ends_with("_s"),
                "blocks" => param.name.ends_with("_blocks"),
                "hits" => param.name.ends_with("_hits"),
                "uses" => param.name.ends_with("_uses"),
                "GiB" => param.name.ends_with("_gib"),
                "currency/h" | "currency/GiB/h" => param.name.ends_with("_h"),
                "1" => param.name.ends_with("_ratio"),
                _ => true,
            };
            assert!(unit_ok, "{}: {} [{}]", spec.name, param.name, param.unit);
        }
    }
}

/// A new policy need not be in the README's table, but whatever is there can be had.
#[test]
fn the_policies_of_the_readme_exist() {
    let registry = registry();
    let names: Vec<&str> = include_str!("../../README.md")
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    assert!(names.len() >= 14, "the table is found");
    for name in names {
        assert!(registry.find(Role::Eviction, name).is_some(), "{name}");
    }
}

#[test]
fn a_wrong_parameter_names_policy_key_value_and_range() {
    let registry = registry();
    let spec = registry.find(Role::Eviction, "slru").expect("registered");
    let error = spec.params(&[("protected_ratio".into(), 1.5)]).expect_err("out of range");
    insta::assert_snapshot!(error, @"policy `slru`: `protected_ratio` = 1.5 is outside 0.01..=0.99 [1]");
    let error = spec.params(&[("protected".into(), 0.5)]).expect_err("unknown");
    insta::assert_snapshot!(error, @"policy `slru` has no parameter `protected`; it has: protected_ratio");
    let spec = registry.find(Role::Eviction, "s3-fifo").expect("registered");
    let error = spec.params(&[("promote_hits".into(), 2.7)]).expect_err("a fraction");
    insta::assert_snapshot!(error, @"policy `s3-fifo`: `promote_hits` = 2.7 is not a whole number in 1..=3 [hits]");
    let spec = registry.find(Role::Lease, "fixed").expect("registered");
    insta::assert_snapshot!(spec.params(&[]).expect_err("missing"), @"policy `fixed` needs `ttl_s`, a number in 0..=315360000 [s]");
    let error = spec.params(&[("ttl_s".into(), f64::NAN)]).expect_err("not a number");
    insta::assert_snapshot!(error, @"policy `fixed`: `ttl_s` = NaN is outside 0..=315360000 [s]");
}

#[test]
fn a_lease_is_a_duration_above_zero() {
    // What a policy may answer is checked where it is easiest to get wrong: a TTL of nothing.
    let registry = registry();
    let spec = registry.find(Role::Lease, "fixed").expect("registered");
    let params = spec.params(&[("ttl_s".into(), 0.0)]).expect("0 is allowed");
    let kv_core::policy::Build::Lease(build) = spec.build else { unreachable!("found by role") };
    let trace = trace(&[Step::Use { path: vec![0], from: 0 }]);
    let context =
        kv_core::policy::Context { trace: &trace, capacity_blocks: None, seed: 1, group_leases: &[] };
    let access = Access { block: BlockId(0), depth: 0, group: Group::REST, request: 0, now_ns: 0 };
    assert_eq!(build(&params, &context).on_insert(&access), Lease::Drop);
}
