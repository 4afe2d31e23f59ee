//! Made reuse at the size of real traces, for the bench and for tests.

use kareto::ttl::{GroupReuse, Reuse};
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Intervals over all groups.
const INTERVALS: usize = 200_000;
/// Budgets, as shares of the storage with which every interval is a hit.
pub(crate) const BUDGET_SHARES: [f64; 3] = [0.02, 0.1, 0.3];

/// Groups whose sizes fall as in Zipf's law. Intervals are log-uniform around a centre of the group's own; in
/// every third group they are nearly alike, which makes its hits S-shaped.
pub(crate) fn made_reuse(groups: usize) -> Reuse {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
    let weight = |group: usize| 1.0 / (group as f64 + 1.0);
    let weights: f64 = (0..groups).map(weight).sum();
    let mut left = INTERVALS;
    let made = (0..groups).map(|group| {
        let share = (INTERVALS as f64 * weight(group) / weights) as usize;
        let count = if group + 1 == groups { left } else { share.min(left) };
        left -= count;
        let centre_s = 10_f64.powf(random.random_range(0.0..3.0));
        let decades = if group % 3 == 0 { 0.3 } else { 2.0 };
        let mut intervals_ns: Vec<u64> = (0..count)
            .map(|_| (1e9 * centre_s * 10_f64.powf(decades * random.random_range(-0.5..0.5))) as u64)
            .collect();
        intervals_ns.sort_unstable();
        let blocks = count / random.random_range(1..20) + 1;
        let mut tails_ns: Vec<u64> = (0..blocks).map(|_| random.random_range(0..3_600_000_000_000)).collect();
        tails_ns.sort_unstable();
        let uses = (count + blocks) as u64;
        GroupReuse { hit_intervals_ns: intervals_ns.clone(), intervals_ns, uses, tails_ns }
    });
    Reuse { groups: made.collect() }
}
