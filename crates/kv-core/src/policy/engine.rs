//! What an engine does unless its operator says otherwise: a scheduler declares it where it is registered.
//!
//! A scheduler stands for an engine. Which tiers a request waits for, and how many copies of a block a tier keeps, are habits
//! of that engine. A file may set them otherwise.

/// The habits of the engine that a scheduler is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EngineDefaults {
    /// How blocks of far tiers reach the nearest one.
    pub prefetch: Prefetch,
    /// Copies of a block in the tier nearest to HBM.
    pub nearest_copies: Copies,
    /// Copies of a block in the tiers after that one.
    pub far_copies: Copies,
}

impl EngineDefaults {
    /// vLLM 0.32 with tiered offloading. A request whose blocks lie in a far tier starts their promotion when its turn comes,
    /// and waits for all of them. Every rank stores what it has.
    pub const VLLM: Self = Self {
        prefetch: Prefetch {
            start: PrefetchStart::Scheduling,
            min_tokens: Prefetch::MIN_TOKENS,
            stop: PrefetchStop::WaitComplete,
        },
        nearest_copies: Copies::EachRank,
        far_copies: Copies::EachRank,
    };

    /// SGLang 0.5.23 with hierarchical caching. A prefetch starts when a request arrives, and the request waits for it at most
    /// 1 s and 0.25 s more for each 1,024 tokens. Host memory is of each rank. Of a latent (MLA), which is the same on every
    /// rank, one rank alone writes to storage.
    pub const SGLANG: Self = Self {
        prefetch: Prefetch {
            start: PrefetchStart::Enqueue,
            min_tokens: Prefetch::MIN_TOKENS,
            stop: PrefetchStop::Timeout { base_ns: 1_000_000_000, per_1024_tokens_ns: 250_000_000 },
        },
        nearest_copies: Copies::EachRank,
        far_copies: Copies::OneOfLatent,
    };
}

/// How many copies of the same KV a tier keeps, where several ranks of an engine hold the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copies {
    /// As in HBM: every rank stores what it has.
    EachRank,
    /// One copy of everything.
    One,
    /// One copy of a latent (MLA), and of heads what every rank has.
    OneOfLatent,
}

impl Copies {
    /// All of them by the names that files give them.
    pub const NAMES: [(&str, Self); 3] =
        [("each-rank", Self::EachRank), ("one", Self::One), ("one-of-latent", Self::OneOfLatent)];

    /// The name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, copies)| *copies == self).map_or("", |(name, _)| name)
    }
}

/// How blocks are promoted from a far tier while their request waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prefetch {
    /// When it starts.
    pub start: PrefetchStart,
    /// Fewest tokens \[tokens\] for which a prefetch starts on arrival.
    pub min_tokens: u32,
    /// What happens to a prefetch that is not complete when its request could be scheduled.
    pub stop: PrefetchStop,
}

impl Prefetch {
    /// The threshold of SGLang and HiSim \[tokens\].
    pub const MIN_TOKENS: u32 = 256;
}

/// When a prefetch starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrefetchStart {
    /// When the request reaches its instance, so that blocks are promoted while it waits.
    Enqueue,
    /// When the request could be scheduled for the first time (vLLM's tiered offloading). It then waits for all of them.
    Scheduling,
}

/// What happens to a prefetch that is incomplete when its request could be scheduled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrefetchStop {
    /// What has arrived is taken, the rest dropped.
    BestEffort,
    /// The request waits for all of it; others pass.
    WaitComplete,
    /// The request waits at most `base_ns + per_1024_tokens_ns * tokens / 1024` from the start of the prefetch.
    Timeout {
        /// Fixed part \[ns\].
        base_ns: u64,
        /// Part for each 1,024 prefetched tokens \[ns\].
        per_1024_tokens_ns: u64,
    },
}

impl PrefetchStop {
    /// When a request no longer waits for a prefetch of `tokens` tokens that started at `start_ns` \[ns\]. `None` where no
    /// clock decides. A time beyond the range of the clock is its last nanosecond.
    #[must_use]
    pub fn until_ns(self, start_ns: u64, tokens: u64) -> Option<u64> {
        let Self::Timeout { base_ns, per_1024_tokens_ns } = self else { return None };
        let by_tokens = u128::from(per_1024_tokens_ns) * u128::from(tokens) / 1024;
        let ns = u128::from(start_ns) + u128::from(base_ns) + by_tokens;
        Some(u64::try_from(ns).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_grows_with_the_tokens_and_never_overflows() {
        let sglang = EngineDefaults::SGLANG.prefetch.stop;
        assert_eq!(sglang.until_ns(5, 2048), Some(5 + 1_500_000_000));
        assert_eq!(sglang.until_ns(0, 1), Some(1_000_000_000 + 244_140));
        let longest = PrefetchStop::Timeout { base_ns: u64::MAX, per_1024_tokens_ns: u64::MAX };
        assert_eq!(longest.until_ns(u64::MAX, u64::MAX), Some(u64::MAX));
        assert_eq!(PrefetchStop::WaitComplete.until_ns(0, 1), None);
    }
}
