//! Letters for blocks: a script of requests in, a line of what happened out.

use super::replay::accesses;
use super::{Tier, Touch};
use crate::registry;
use kv_core::policy::{Access, Build, Context, EvictionPolicy, Lease, LeasePolicy, Params, Role, Spec};
use kv_core::units::NS_PER_S;
use kv_core::{BlockId, Group, Trace, TraceBuilder};

/// Plays a script against an eviction policy of the catalogue, in a tier of `capacity` blocks.
///
/// Each word of the script is a request, one second after the one before; its letters are its blocks from the root
/// down, so `ab ac` are two extensions of a. In the answer `a` was inserted, `a+` was found, `d-b` was inserted in
/// place of b, and `a!` found no room because everything is in use by its own request. Blocks of one request stand
/// deepest first, as they are reported, joined by commas.
///
/// # Panics
/// On an unknown policy, a parameter outside its range, or a letter that follows two different letters.
#[must_use]
pub fn play(policy: &str, params: &[(&str, f64)], capacity: u32, script: &str) -> String {
    let registry = registry();
    let spec = registry.find(Role::Eviction, policy).expect("an eviction policy of the catalogue");
    play_spec(spec, params, capacity, script)
}

/// As [`play`], for a policy that is not in the catalogue.
///
/// # Panics
/// As [`play`], and if the spec is not that of an eviction policy.
#[must_use]
pub fn play_spec(spec: &Spec, params: &[(&str, f64)], capacity: u32, script: &str) -> String {
    let Build::Eviction(build) = spec.build else { panic!("`{}` is not an eviction policy", spec.name) };
    let (trace, letters) = read(script);
    let context = Context { trace: &trace, capacity_blocks: Some(capacity), seed: 1, group_leases: &[] };
    run(&trace, &letters, &mut Tier::new(build(&checked(spec, params), &context), capacity))
}

/// Plays a script that has been read.
pub(super) fn run<P: EvictionPolicy + ?Sized>(trace: &Trace, letters: &[char], tier: &mut Tier<P>) -> String {
    let requests = trace.requests().enumerate().map(|(index, request)| {
        let eligible = |block: BlockId| !request.prompt_blocks.contains(&block);
        let words = accesses(index, &request).map(|access| {
            let letter = letters[access.block.index()];
            match tier.touch(&access, &eligible) {
                Touch::Hit => format!("{letter}+"),
                Touch::Inserted { evicted: None } => letter.to_string(),
                Touch::Inserted { evicted: Some(victim) } => format!("{letter}-{}", letters[victim.index()]),
                Touch::Refused => format!("{letter}!"),
            }
        });
        words.collect::<Vec<_>>().join(",")
    });
    requests.collect::<Vec<_>>().join(" ")
}

/// Plays a script against a lease policy of the catalogue, in a tier without other bounds.
///
/// Each word is a block and the second at which it is used: `a@9`. The answer says whether it was found (`a+`) or
/// inserted (`a`), and the lease it got: `=10s`, `=unlimited`, `=drop`, or `=unchanged`.
///
/// # Panics
/// On an unknown policy, a parameter outside its range, or a word of another shape.
#[must_use]
pub fn play_lease(policy: &str, params: &[(&str, f64)], script: &str) -> String {
    let registry = registry();
    let spec = registry.find(Role::Lease, policy).expect("a lease policy of the catalogue");
    let Build::Lease(build) = spec.build else { unreachable!("found by role") };
    let uses: Vec<(&str, u64)> = script
        .split_whitespace()
        .map(|word| word.split_once('@').expect("a word is a letter, @ and a second"))
        .map(|(letter, second)| (letter, second.parse::<u64>().expect("whole seconds") * NS_PER_S))
        .collect();
    let mut builder = TraceBuilder::new(1);
    for (letter, now_ns) in &uses {
        builder
            .push(*now_ns, 1, 1, &[name(letter.chars().next().expect("a letter"))], None)
            .expect("one block");
    }
    let trace = builder.finish();
    let context = Context { trace: &trace, capacity_blocks: None, seed: 1, group_leases: &[] };
    let mut policy = build(&checked(spec, params), &context);
    let mut found_until = vec![0; trace.unique_blocks()];
    let words = uses.iter().enumerate().map(|(index, (letter, now_ns))| {
        let block = trace.request(index).prompt_blocks[0];
        use_once(policy.as_mut(), &mut found_until[block.index()], letter, index, *now_ns, block)
    });
    words.collect::<Vec<_>>().join(" ")
}

/// One use of a block whose lease runs until `found_until`, in ns, exclusive.
fn use_once(
    policy: &mut dyn LeasePolicy,
    found_until: &mut u64,
    letter: &str,
    index: usize,
    now_ns: u64,
    block: BlockId,
) -> String {
    let request = u32::try_from(index).expect("a short script");
    let access = Access { block, depth: 0, group: Group::REST, request, now_ns };
    let hit = now_ns < *found_until;
    let lease = if hit { policy.on_hit(&access) } else { policy.on_insert(&access) };
    let text = match lease {
        Lease::Unlimited => "unlimited".to_owned(),
        Lease::For(ns) => format!("{}s", ns as f64 / NS_PER_S as f64),
        Lease::Unchanged => "unchanged".to_owned(),
        Lease::Drop => "drop".to_owned(),
    };
    match lease {
        Lease::For(ns) => *found_until = now_ns + ns,
        Lease::Drop => *found_until = now_ns,
        Lease::Unchanged if hit => {}
        Lease::Unlimited | Lease::Unchanged => *found_until = u64::MAX,
    }
    format!("{letter}{}={text}", if hit { "+" } else { "" })
}

pub(super) fn checked(spec: &Spec, params: &[(&str, f64)]) -> Params {
    let given: Vec<_> = params.iter().map(|(key, value)| ((*key).to_owned(), *value)).collect();
    spec.params(&given).unwrap_or_else(|error| panic!("{error}"))
}

/// The trace of a script, one token a block, and the letter of each block.
pub(super) fn read(script: &str) -> (Trace, Vec<char>) {
    let mut builder = TraceBuilder::new(1);
    let mut letters: Vec<char> = Vec::new();
    for (second, word) in (0..).zip(script.split_whitespace()) {
        let ids: Vec<u64> = word.chars().map(name).collect();
        let tokens = u32::try_from(ids.len()).expect("a short word");
        builder
            .push(second * NS_PER_S, tokens, 1, &ids, None)
            .unwrap_or_else(|error| panic!("{word}: {error}"));
        for letter in word.chars() {
            if !letters.contains(&letter) {
                letters.push(letter);
            }
        }
    }
    (builder.finish(), letters)
}

fn name(letter: char) -> u64 {
    u64::from(u32::from(letter))
}
