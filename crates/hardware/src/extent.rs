//! How much is measured.

use serde::Serialize;

use crate::measure::Repeats;

/// 1 KiB \[B\].
pub(crate) const KIB: u64 = 1 << 10;
/// 1 MiB \[B\].
pub(crate) const MIB: u64 = 1 << 20;
/// 1 GiB \[B\].
pub(crate) const GIB: u64 = 1 << 30;

/// How much is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// Everything; takes minutes.
    Full,
    /// A few small transfers, which show that everything works. Their figures say little.
    Quick,
}

impl Extent {
    /// How often transfers within memory and to a GPU are repeated.
    #[must_use]
    pub(crate) fn repeats(self) -> Repeats {
        match self {
            Self::Full => Repeats { warm_up: 2, least: 5, most: 30, budget_s: 0.25 },
            Self::Quick => Repeats { warm_up: 1, least: 3, most: 3, budget_s: 0.0 },
        }
    }

    /// The same for a disk, which is slower and has more chance in it.
    #[must_use]
    pub(crate) fn disk_repeats(self) -> Repeats {
        match self {
            Self::Full => Repeats { warm_up: 1, least: 3, most: 12, budget_s: 0.4 },
            Self::Quick => self.repeats(),
        }
    }
}
