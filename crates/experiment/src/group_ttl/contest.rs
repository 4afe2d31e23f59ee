//! Group TTL against one TTL at equal *measured* storage, in the simulator.
//!
//! A tuner's budget is a promise of its model. Therefore the tuned leases are simulated, and the storage that the tier
//! really held over time is measured. One TTL then gets as much storage: it is the least TTL of a fine grid under which
//! the tier holds no less. So no gain comes from holding more.

use deployment::{Deployment, Problem};
use kareto::Evaluation;
use kareto::ttl::Method;
use kv_core::Trace;
use kv_core::units::{GIB, NS_PER_S, s_from_ns};
use rayon::prelude::*;

use super::choice::Tuner;
use super::leases::{Assignment, Half};
use super::measured::{Leases, Measurements, figure};
use super::rules::{Contest, Measured, OCTAVES, Part, Row, STEPS_PER_OCTAVE, TunedOn, method_name};

/// Metric: the gain of the model [%].
const MODEL_GAIN: &str = "model_gain_percent";
/// Metric: the TTL at which the search for equal storage begins [ns].
const GUESS: &str = "one_ttl_guess_ns";

/// Compares on one trace, in the order of parts, shares and variants.
pub(crate) fn compare(
    case: &str,
    whole: &Trace,
    system: &Deployment,
    contest: &Contest,
    measurements: &Measurements,
) -> Result<Vec<Row>, Problem> {
    let tuner = Tuner::new(whole, contest);
    let half = Half::since(whole, tuner.middle_ns());
    let arenas = [
        Arena { part: Part::Whole, trace: whole, system, measurements },
        Arena { part: Part::SecondHalf, trace: &half.trace, system, measurements },
    ];
    let mut tasks = Vec::new();
    for arena in &arenas {
        for budget in contest.storage_shares.iter().copied().enumerate() {
            tasks.extend(variants(arena.part, contest).into_iter().map(|variant| (arena, budget, variant)));
        }
    }
    let row = |(arena, (budget, share), (tuned, method)): (&Arena<'_>, (usize, f64), (TunedOn, Method))| {
        let tune = || {
            let choice = tuner.choice(arena.part, tuned, method, share).map_err(Problem::user)?;
            let gain_percent = tuner.model_gain_percent(arena.part, &choice);
            let leases = choice.leases(|groups| match arena.part {
                Part::Whole => groups.of_blocks().into(),
                Part::SecondHalf => half.carried(groups),
            });
            let mut found = arena.simulate(&leases)?;
            found.metrics.extend(gain_percent.map(|percent| (MODEL_GAIN.to_owned(), percent)));
            found.metrics.insert(GUESS.to_owned(), tuner.one_ttl_ns(arena.part, share) as f64);
            Ok(found)
        };
        let kept = measurements.of(arena.part, Leases::Chosen(tuned, method, budget), tune)?;
        let (group_ttl, model_gain_percent) = (Measured::of(&kept)?, kept.figure(MODEL_GAIN));
        let guess_ns = figure(&kept, GUESS)? as u64;
        let (one_ttl_s, one_ttl) = arena.one_ttl(group_ttl.storage_gib_hours, guess_ns)?;
        Ok(Row {
            case: case.to_owned(),
            part: arena.part,
            tuned,
            method: method_name(method),
            storage_share: share,
            model_gain_percent,
            group_ttl,
            one_ttl,
            one_ttl_s,
        })
    };
    tasks.into_par_iter().map(row).collect()
}

/// The online tuner re-tunes by the first method.
fn variants(part: Part, contest: &Contest) -> Vec<(TunedOn, Method)> {
    let mut variants: Vec<_> = contest.methods.iter().map(|&method| (TunedOn::InSample, method)).collect();
    if part == Part::SecondHalf {
        variants.extend(contest.methods.iter().map(|&method| (TunedOn::FirstHalf, method)));
    }
    variants.extend(contest.methods.first().map(|&method| (TunedOn::Online, method)));
    variants
}

/// Simulations of one trace.
struct Arena<'a> {
    part: Part,
    trace: &'a Trace,
    system: &'a Deployment,
    measurements: &'a Measurements,
}

impl Arena<'_> {
    fn simulate(&self, assignment: &Assignment) -> Result<Evaluation, Problem> {
        let deployment = assignment.applied(self.system);
        let outcome = deployment.evaluate(self.trace)?;
        let stats = &outcome.stats;
        let tier = stats.tiers.get(1).expect("HBM and one tier");
        let gib_ns = GIB as f64 * 3_600.0 * NS_PER_S as f64;
        let measured = Measured {
            storage_gib_hours: tier.byte_ns as f64 / gib_ns,
            reuse_ratio: stats.hit_ratio(),
            reuse_ratio_tier: tier.hit_tokens as f64 / stats.prompt_tokens().max(1) as f64,
            ttft_s_mean: stats.ttft_s().mean,
            cost: outcome.bill.total(),
            peak_gib: tier.peak_bytes as f64 / GIB as f64,
        };
        measured.to_evaluation(stats.throughput_tokens_per_s()).map_err(Problem::user)
    }

    /// The least TTL of the grid [s] under which the tier holds at least this much, with its measurements. If no TTL of
    /// the grid does, the longest one.
    fn one_ttl(&self, storage_gib_hours: f64, guess_ns: u64) -> Result<(f64, Measured), Problem> {
        let octaves = (guess_ns.max(1) as f64 / 1e6).log2();
        let guess = (octaves * f64::from(STEPS_PER_OCTAVE)).round() as i32;
        let place = least(guess, OCTAVES * STEPS_PER_OCTAVE, |place| {
            Ok::<_, Problem>(self.at(place)?.storage_gib_hours >= storage_gib_hours)
        })?;
        Ok((s_from_ns(ttl_ns(place)), self.at(place)?))
    }

    fn at(&self, place: i32) -> Result<Measured, Problem> {
        let simulate = || self.simulate(&Assignment::One(ttl_ns(place)));
        Measured::of(&self.measurements.of(self.part, Leases::One(place), simulate)?)
    }
}

/// A TTL of the grid [ns].
fn ttl_ns(place: i32) -> u64 {
    (1e6 * (f64::from(place) / f64::from(STEPS_PER_OCTAVE)).exp2()).round() as u64
}

/// The least place from 0 to `most` that is enough. All places above one that is enough must be enough too. If no place
/// is enough, it is `most`.
///
/// The steps from the guess double until they have passed the place. Then the rest is halved. Where a queue makes
/// storage fall with the TTL at some places, the answer is still enough.
fn least<E>(guess: i32, most: i32, mut enough: impl FnMut(i32) -> Result<bool, E>) -> Result<i32, E> {
    let mut step = STEPS_PER_OCTAVE / 8;
    let start = guess.clamp(0, most);
    let (mut low, mut high) = (start, start);
    if enough(start)? {
        while low == high && high > 0 {
            low = (high - step).max(0);
            step *= 2;
            if enough(low)? {
                high = low;
            }
        }
    } else {
        while low == high && low < most {
            high = (low + step).min(most);
            step *= 2;
            if !enough(high)? {
                low = high;
            }
        }
    }
    while high - low > 1 {
        let middle = low.midpoint(high);
        if enough(middle)? { high = middle } else { low = middle }
    }
    Ok(high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_that_is_enough_is_found_from_any_guess() {
        for (guess, threshold) in
            [(0, 0), (0, 37), (50, 37), (100, 37), (37, 37), (36, 37), (900, 100), (-5, 3)]
        {
            let found = least(guess, 100, |place| Ok::<_, ()>(place >= threshold));
            assert_eq!(found, Ok(threshold), "from {guess}");
        }
        assert_eq!(least(50, 100, |_| Ok::<_, ()>(false)), Ok(100));
    }
}
