//! From TTLs to leases, and from a trace to a part of it that keeps its groups.

use std::sync::Arc;

use deployment::Deployment;
use kareto::ttl::Groups;
use kv_core::policy::{Lease, Role};
use kv_core::units::{NS_PER_S, s_from_ns};
use kv_core::{Group, Trace};
use trace_synth::resolve_outputs;
use trace_synth::transform::window;

use crate::evaluate::code_revision;

mod code {
    // Written by the build script.
    include!(concat!(env!("OUT_DIR"), "/code_revision.rs"));
}

/// Names the code in this folder that makes measurements.
const CONTEST: &[&str] = code::of("experiment::group_ttl");

/// The lease under which a block is found after an idle time of at most the TTL [ns]. With a TTL of 0 it is found at
/// the same instant.
pub(crate) fn lease(ttl_ns: u64) -> Lease {
    Lease::For(ttl_ns.saturating_add(1))
}

/// The group of every block, and the leases of the groups.
#[derive(Debug, Clone)]
pub(crate) enum Assignment {
    /// One TTL for all [ns].
    One(u64),
    /// A TTL for each group [ns].
    Groups(Arc<[Group]>, Vec<u64>),
    /// TTLs by window and group [ns].
    Windows { of_block: Arc<[Group]>, window_ns: u64, ttl_ns: Vec<Vec<u64>> },
}

impl Assignment {
    /// The deployment with these leases in its one tier.
    pub(crate) fn applied(&self, system: &Deployment) -> Deployment {
        let mut plan = system.clone();
        let tier = &mut plan.tiers[0];
        let policy = |name: &str, given: &[(String, f64)]| {
            system.policy(Role::Lease, name, given).expect("policies of the catalogue")
        };
        match self {
            Self::One(ttl_ns) => {
                tier.lease = policy("per-group", &[]);
                tier.group_leases = vec![lease(*ttl_ns)];
            }
            Self::Groups(of_block, ttl_ns) => {
                tier.lease = policy("per-group", &[]);
                tier.group_leases = ttl_ns.iter().map(|&ttl_ns| lease(ttl_ns)).collect();
                plan.groups = Some(Arc::clone(of_block));
            }
            Self::Windows { of_block, window_ns, ttl_ns } => {
                let given = [("window_s", s_from_ns(*window_ns)), ("windows", ttl_ns.len() as f64)];
                tier.lease = policy("per-group-windows", &given.map(|(key, value)| (key.to_owned(), value)));
                tier.group_leases = ttl_ns.iter().flatten().map(|&ttl_ns| lease(ttl_ns)).collect();
                plan.groups = Some(Arc::clone(of_block));
            }
        }
        plan
    }
}

/// Names the code that chooses leases and simulates them, for all assignments together.
pub(crate) fn code_of_all(system: &Deployment) -> Option<String> {
    let of_block: Arc<[Group]> = Arc::new([]);
    let windows = Assignment::Windows { of_block, window_ns: NS_PER_S, ttl_ns: vec![Vec::new()] };
    let names = [Assignment::One(0), windows].map(|assignment| {
        let mut code = vec![trace_synth::REVISION, kareto::ttl::REVISION];
        code.extend(CONTEST);
        code_revision(&assignment.applied(system), &code)
    });
    let [one, windows] = names;
    Some(one? + "-" + &windows?)
}

/// The end of a trace as a trace of its own, and the blocks of the whole trace that it has.
pub(crate) struct Half {
    pub(super) trace: Trace,
    /// For each block, the same block in the whole trace.
    in_whole: Vec<usize>,
}

impl Half {
    /// The requests that arrive at or after a time [ns]. There must be at least one.
    pub(crate) fn since(whole: &Trace, start_ns: u64) -> Self {
        let part = window(whole, start_ns, u64::MAX).expect("the last request arrives in the second half");
        let trace = resolve_outputs(part);
        let first = whole.arrivals_ns().partition_point(|&arrival_ns| arrival_ns < start_ns);
        let mut in_whole = vec![0; trace.unique_blocks()];
        for (index, request) in trace.requests().enumerate() {
            for (mine, theirs) in request.references.iter().zip(whole.request(first + index).references) {
                in_whole[mine.index()] = theirs.index();
            }
        }
        Self { trace, in_whole }
    }

    /// The groups that its blocks have in the whole trace.
    pub(crate) fn carried(&self, groups: &Groups) -> Arc<[Group]> {
        self.in_whole.iter().map(|&block| groups.of_blocks()[block]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kv_core::TraceBuilder;

    #[test]
    fn a_half_keeps_its_groups() {
        let mut builder = TraceBuilder::new(1);
        for (arrival_ns, ids) in [(0, [5, 6]), (10, [5, 7]), (20, [8, 9]), (30, [5, 7])] {
            builder.push(arrival_ns, 2, 1, &ids, None).unwrap();
        }
        let whole = builder.finish();
        // Heads: 5 in three requests, and 7 in two of them, which is less than nine tenths.
        let groups = Groups::most_frequent(&whole, 2).unwrap();
        let half = Half::since(&whole, 20);
        // Blocks 8, 9, 5, 7 of the half.
        assert_eq!(*half.carried(&groups), [0, 0, 1, 2].map(Group));
        assert_eq!(half.trace.arrivals_ns(), [0, 10]);
    }

    #[test]
    fn a_ttl_is_found_to_its_end() {
        assert_eq!([0, 7].map(lease), [Lease::For(1), Lease::For(8)]);
    }
}
