//! Cases beside one of them: whether a disk pays against the same system without it, and whether the requests waited long
//! enough in the queue for the disk to be read meanwhile.
//!
//! A request waits before its first step whatever storage there is. A copy from a far tier that ends before the wait is
//! over costs no time. So a disk is expected to pay where the mean queueing time without it is longer than the mean time
//! that the far tiers take to read what a request asks of them. Both means are over all requests.

use deployment::Table;
use kareto::Point;

/// A change that is smaller is none \[%\].
pub const NOTICED_PERCENT: f64 = 1.0;

/// A case beside the one that it is compared with.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Compared {
    pub(crate) point: Point,
    /// By how much mean TTFT is shorter \[%\].
    pub(crate) ttft_percent: f64,
    /// By how much the cost is lower \[%\].
    pub(crate) cost_percent: f64,
    /// Mean queueing time of the case that it is compared with \[s\].
    pub(crate) queue_s: f64,
    /// Mean time that the far tiers take for what a request reads of them \[s\].
    pub(crate) read_s: f64,
}

impl Compared {
    /// Whether requests of the other case wait longer than the far tiers take to read.
    pub(crate) fn queue_is_longer(&self) -> bool {
        self.queue_s > self.read_s
    }

    /// Whether mean TTFT is noticeably shorter.
    pub(crate) fn is_faster(&self) -> bool {
        self.ttft_percent >= NOTICED_PERCENT
    }
}

/// A share of the cases that a claim is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Share {
    /// Of the cases that are faster, those whose queue is longer.
    QueueLongerWhereFaster,
    /// Of the cases whose queue is longer and that read anything, those that are faster.
    FasterWhereQueueLonger,
}

/// The shares by name.
pub(crate) const SHARES: Table<Share> = &[
    ("queue-longer-where-faster", Share::QueueLongerWhereFaster),
    ("faster-where-queue-longer", Share::FasterWhereQueueLonger),
];

impl Share {
    /// The share \[%\]; `None` where there is no case to take it of.
    pub(crate) fn percent(self, compared: &[Compared]) -> Option<f64> {
        let share = |of: &dyn Fn(&Compared) -> bool, that: &dyn Fn(&Compared) -> bool| {
            let all: Vec<&Compared> = compared.iter().filter(|it| of(it)).collect();
            let some = all.iter().filter(|it| that(it)).count();
            (!all.is_empty()).then(|| 100.0 * some as f64 / all.len() as f64)
        };
        let longer = |it: &Compared| it.queue_is_longer() && it.read_s > 0.0;
        match self {
            Self::QueueLongerWhereFaster => share(&Compared::is_faster, &Compared::queue_is_longer),
            Self::FasterWhereQueueLonger => share(&longer, &Compared::is_faster),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_the_cases_that_they_name() {
        let case = |ttft_percent, queue_s, read_s| Compared {
            point: Point(vec![]),
            ttft_percent,
            cost_percent: 0.0,
            queue_s,
            read_s,
        };
        // Faster with a long queue, faster with a short one, slower with a long one, and one that reads nothing.
        let all = [case(20.0, 5.0, 1.0), case(2.0, 0.5, 1.0), case(-3.0, 9.0, 2.0), case(0.0, 1.0, 0.0)];
        assert_eq!(Share::QueueLongerWhereFaster.percent(&all), Some(50.0));
        assert_eq!(Share::FasterWhereQueueLonger.percent(&all), Some(50.0));
        assert_eq!(Share::QueueLongerWhereFaster.percent(&all[2..]), None);
    }
}
