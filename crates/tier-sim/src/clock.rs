//! An instance's clock: nanoseconds and the femtoseconds beyond them, so that sums of step times stay exact.

use kv_core::units::FS_PER_NS;

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
                Self { ns: self.ns + total / FS_PER_NS, frac_fs: total % FS_PER_NS }
            }
            // Longer than five hours at once: rare, so the slow division is no matter.
            _ => {
                let total = u128::from(self.frac_fs) + fs;
                let ns =
                    u64::try_from(total / u128::from(FS_PER_NS)).expect("simulated time is below 584 years");
                Self { ns: self.ns + ns, frac_fs: (total % u128::from(FS_PER_NS)) as u64 }
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
}
