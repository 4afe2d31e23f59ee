//! An instance's clock: nanoseconds and the femtoseconds beyond them, so that sums of step times stay exact.
//!
//! A sum beyond the range of the clock is [`LAST_NS`]. A run ends with an error before that time comes: see [`HORIZON_NS`].

use kv_core::units::FS_PER_NS;

/// Where a run ends with an error \[ns\]: 292 years. Every sum up to here is exact. The last arrival that a trace may have
/// ([`kv_core::LATEST_ARRIVAL_NS`]) leaves half of this time for the requests.
pub(crate) const HORIZON_NS: u64 = 1 << 63;
/// The last moment that the clock can tell \[ns\].
pub(crate) const LAST_NS: u64 = u64::MAX - 1;

/// A moment `ns` after another one \[ns\].
pub(crate) fn later(moment_ns: u64, ns: u64) -> u64 {
    moment_ns.saturating_add(ns).min(LAST_NS)
}

/// Nanoseconds of any size as a moment or a span of the clock.
pub(crate) fn clamped(ns: u128) -> u64 {
    u64::try_from(ns).map_or(LAST_NS, |ns| ns.min(LAST_NS))
}

/// A moment, from the start of the trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Clock {
    /// Whole nanoseconds: what events and records see.
    pub(crate) ns: u64,
    frac_fs: u64,
}

impl Clock {
    /// The moment at a whole nanosecond.
    pub(crate) fn at(ns: u64) -> Self {
        Self { ns, frac_fs: 0 }
    }

    /// This much later.
    pub(crate) fn plus_fs(self, fs: u128) -> Self {
        match u64::try_from(fs) {
            Ok(fs) if fs < u64::MAX - FS_PER_NS => {
                let total = self.frac_fs + fs;
                Self { ns: later(self.ns, total / FS_PER_NS), frac_fs: total % FS_PER_NS }
            }
            // Longer than five hours at once: rare, so the slow division is no matter.
            _ => {
                let total = u128::from(self.frac_fs).saturating_add(fs);
                let ns = clamped(total / u128::from(FS_PER_NS));
                Self { ns: later(self.ns, ns), frac_fs: (total % u128::from(FS_PER_NS)) as u64 }
            }
        }
    }

    /// Femtoseconds until the start of the nanosecond `ns`; 0 if that has begun.
    pub(crate) fn fs_until(self, ns: u64) -> u128 {
        let ahead = u128::from(ns.saturating_sub(self.ns)) * u128::from(FS_PER_NS);
        ahead.saturating_sub(u128::from(self.frac_fs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_kept() {
        let clock = Clock::at(5).plus_fs(1_500_000).plus_fs(500_000);
        assert_eq!(clock, Clock::at(7));
        assert_eq!(Clock::at(5).plus_fs(1_500_000).fs_until(8), 1_500_000);
        assert_eq!(Clock::at(5).plus_fs(1).fs_until(5), 0);
    }

    #[test]
    fn long_spans_do_not_overflow() {
        let day_fs = 86_400_u128 * 1_000_000_000_000_000;
        assert_eq!(Clock::at(1).plus_fs(day_fs), Clock::at(1 + 86_400_000_000_000));
    }

    #[test]
    fn a_sum_beyond_the_clock_is_its_last_moment() {
        assert_eq!(Clock::at(HORIZON_NS).plus_fs(u128::MAX).ns, LAST_NS);
        assert_eq!(Clock::at(LAST_NS).plus_fs(5_000_000).ns, LAST_NS);
    }
}
