//! Whether a configuration comes back after a surge, and whether a cold start ends where a warm one does.

use std::ops::Range;

use super::rules::RecoveryRules;
use super::windows::{Series, Window};

/// The same configuration under the same load, with three pasts.
pub(crate) struct Histories {
    /// A surge came.
    pub(crate) surged: Series,
    /// No surge came.
    pub(crate) steady: Series,
    /// No surge came, and the caches were empty when it would have ended.
    pub(crate) cold: Series,
}

/// What became of a configuration.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Recovered {
    /// The hour before the surge, or as much as the surge is long.
    pub(crate) before: State,
    /// During the surge.
    pub(crate) surge: State,
    /// The end of the load, as long as the surge: after a surge, without one, and after a cold start.
    pub(crate) end: [State; 3],
    /// The lowest hit ratio of a window after the surge began.
    pub(crate) hit_ratio_least: Option<f64>,
    /// The most requests that wait when a window ends.
    pub(crate) waiting_most: f64,
    /// Windows from the surge's end until hits are back, and until TTFT is. `None`: not until the end.
    pub(crate) after_surge: [Option<u32>; 2],
    /// The same from a cold start.
    pub(crate) after_cold: [Option<u32>; 2],
    /// The share of time in which the instances compute, without a surge.
    pub(crate) busy_share: f64,
    /// Windows from the surge's end to the end.
    pub(crate) windows_left: u32,
    /// Whether the queue grows without a surge too: at the end more requests wait than arrive in a window.
    pub(crate) overloaded: bool,
}

/// Some windows together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct State {
    pub(crate) hit_ratio: Option<f64>,
    pub(crate) ttft_s_mean: Option<f64>,
}

impl State {
    fn of(series: &Series, range: Range<usize>) -> Self {
        Self { hit_ratio: series.hit_ratio(range.clone()), ttft_s_mean: series.ttft_s_mean(range) }
    }
}

impl Recovered {
    /// By how much the hit ratio at the end is lower after a surge than without one.
    pub(crate) fn hit_ratio_lost(&self) -> Option<f64> {
        Some(self.end[1].hit_ratio? - self.end[0].hit_ratio?)
    }

    /// By how much the hit ratio at the end is lower after a cold start than after a warm one.
    pub(crate) fn hit_ratio_apart(&self) -> Option<f64> {
        Some(self.end[1].hit_ratio? - self.end[2].hit_ratio?)
    }

    /// What became of it, in words that a table has.
    pub(crate) fn verdict(&self) -> &'static str {
        match self.after_surge {
            _ if self.overloaded => "overloaded without a surge",
            [Some(0), Some(0)] => "never left",
            [Some(_), Some(_)] => "recovered",
            [Some(_), None] => "warm, and still queueing at the end",
            [None, _] => "cold until the end",
        }
    }
}

/// Compares three histories. `surge` has the windows of the surge.
pub(crate) fn recovered(of: &Histories, surge: Range<usize>, rules: &RecoveryRules) -> Recovered {
    let Histories { surged, steady, cold } = of;
    let (count, length) = (steady.windows.len(), surge.len());
    let last = count - length.min(count - surge.end)..count;
    let after = |it: &Series| [Back::Hits, Back::Ttft].map(|what| back(it, steady, surge.end, what, rules));
    let hit_ratios = surged.windows[surge.start..].iter().flatten().filter_map(Window::hit_ratio);
    let at_end = steady.windows.last().copied().flatten().unwrap_or_default();
    let waiting = surged.windows.iter().flatten().map(|it| it.waiting_requests);
    Recovered {
        before: State::of(surged, surge.start.saturating_sub(length)..surge.start),
        surge: State::of(surged, surge.clone()),
        end: [surged, steady, cold].map(|it| State::of(it, last.clone())),
        hit_ratio_least: hit_ratios.min_by(f64::total_cmp),
        waiting_most: waiting.fold(0.0, f64::max),
        after_surge: after(surged),
        after_cold: after(cold),
        busy_share: steady.busy_share,
        windows_left: (count - surge.end) as u32,
        overloaded: at_end.waiting_requests > at_end.requests,
    }
}

/// What has to be back.
#[derive(Clone, Copy)]
enum Back {
    Hits,
    Ttft,
}

/// The share of the windows to the end that stay as good.
const STAY: f64 = 0.9;

/// Windows from `end` until enough windows in a row are as good as those of the steady run, and nearly all to the end stay
/// so.
fn back(it: &Series, steady: &Series, end: usize, what: Back, rules: &RecoveryRules) -> Option<u32> {
    let is_back = |at: usize| match (&it.windows[at], &steady.windows[at]) {
        (Some(now), Some(then)) => match what {
            Back::Hits => match (now.hit_ratio(), then.hit_ratio()) {
                (Some(now), Some(then)) => now >= then - rules.hit_ratio_within,
                (now, then) => now.is_some() || then.is_none(),
            },
            Back::Ttft => match (now.ttft_s_mean, then.ttft_s_mean) {
                (Some(now), Some(then)) => now <= rules.ttft_at_most_times * then,
                _ => true,
            },
        },
        _ => false,
    };
    let run = rules.windows as usize;
    let count = it.windows.len();
    let stays = |at: usize| {
        let good = (at..count).filter(|&at| is_back(at)).count();
        good as f64 >= STAY * (count - at) as f64
    };
    let mut starts = end..=count.saturating_sub(run);
    let found = starts.find(|&at| (at..at + run).all(is_back) && stays(at));
    found.map(|at| (at - end) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(windows: &[(f64, f64)]) -> Series {
        let window = |&(hit_ratio, ttft_s): &(f64, f64)| {
            Some(Window {
                requests: 1.0,
                admitted_tokens: 100.0,
                hit_tokens: 100.0 * hit_ratio,
                ttft_s_mean: Some(ttft_s),
                ..Window::default()
            })
        };
        Series { cost_per_h: 1.0, busy_share: 0.5, windows: windows.iter().map(window).collect() }
    }

    #[test]
    fn hits_and_ttft_come_back_at_their_own_time() {
        let steady = run(&[(0.9, 1.0); 8]);
        let surged = run(&[
            (0.9, 1.0),
            (0.5, 9.0),
            (0.5, 9.0),
            (0.9, 9.0),
            (0.9, 1.5),
            (0.9, 5.0),
            (0.86, 2.0),
            (0.9, 1.0),
        ]);
        let cold =
            Series { windows: [vec![None; 2], surged.windows[2..].to_vec()].concat(), ..surged.clone() };
        let rules = RecoveryRules { hit_ratio_within: 0.05, ttft_at_most_times: 2.0, windows: 2 };
        let found = recovered(&Histories { surged, steady, cold }, 1..2, &rules);
        // One window without a long TTFT is not enough.
        assert_eq!(found.after_surge, [Some(1), Some(4)]);
        assert_eq!((found.verdict(), found.windows_left), ("recovered", 6));
        assert_eq!(found.end[0].hit_ratio, Some(0.9));
        assert_eq!(found.hit_ratio_least, Some(0.5));
    }
}
