//! Prefetch from a far tier: what a file says of it, and what the engine does where the file says nothing.

use kv_core::policy::{EngineDefaults, Prefetch, PrefetchStart, PrefetchStop};
use toml::Spanned;

use crate::choices::{STARTS, STOPS, StopKind};
use crate::file as wire;
use crate::problem::{Problem, Source};
use crate::scalars::{duration_ns, named};

/// What was chosen of a tier's prefetch. What was not chosen is the default of the scheduler's engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PrefetchChoice {
    /// When a prefetch starts.
    pub start: Option<PrefetchStart>,
    /// Fewest tokens for which a prefetch starts on arrival \[tokens\].
    pub min_tokens: Option<u32>,
    /// How an incomplete prefetch ends.
    pub(crate) stop: Option<StopKind>,
    /// How long a request waits, as a [`PrefetchStop::Timeout`].
    pub timeout: Option<PrefetchStop>,
}

impl PrefetchChoice {
    /// The choice of a file, checked as far as the scheduler has no part in it.
    pub(crate) fn read(source: &Source, wire: &Spanned<wire::Prefetch>) -> Result<Self, Problem> {
        let prefetch = wire.get_ref();
        let read = Self {
            start: named(source, STARTS, "start", prefetch.start.as_ref())?,
            min_tokens: prefetch.min_tokens,
            stop: named(source, STOPS, "stop", prefetch.stop.as_ref())?,
            timeout: timeout(source, prefetch)?,
        };
        let useless = match (read.stop, read.timeout) {
            (Some(StopKind::BestEffort | StopKind::WaitComplete), Some(_)) => Some(
                "`timeout_base` and `timeout_per_token` have no effect with this `stop`; allowed: with `stop = \
                 \"timeout\"`, or without `stop`"
                    .to_owned(),
            ),
            _ => read.without_effect(),
        };
        useless.map_or(Ok(read), |message| Err(source.error(wire.span(), message, "here")))
    }

    /// The prefetch of a tier under a scheduler's engine.
    ///
    /// # Errors
    /// Returns a message that says which part has no effect, or is missing.
    pub(crate) fn resolve(&self, engine: EngineDefaults) -> Result<Prefetch, String> {
        if let Some(message) = self.without_effect() {
            return Err(message);
        }
        let default = engine.prefetch;
        // Whoever says how an early prefetch ends wants one.
        let start = if self.speaks_of_early() { PrefetchStart::Enqueue } else { default.start };
        let stop = match self.stop.or(self.timeout.map(|_| StopKind::Timeout)) {
            None => default.stop,
            Some(StopKind::BestEffort) => PrefetchStop::BestEffort,
            Some(StopKind::WaitComplete) => PrefetchStop::WaitComplete,
            Some(StopKind::Timeout) => {
                let of_engine =
                    Some(default.stop).filter(|stop| matches!(stop, PrefetchStop::Timeout { .. }));
                self.timeout.or(of_engine).ok_or(
                    "`timeout`; allowed where the tier's `prefetch` has `timeout_base` or `timeout_per_token`",
                )?
            }
        };
        Ok(Prefetch {
            start: self.start.unwrap_or(start),
            min_tokens: self.min_tokens.unwrap_or(default.min_tokens),
            stop,
        })
    }

    /// Whether a part was chosen that only a prefetch on arrival has.
    fn speaks_of_early(&self) -> bool {
        self.stop.is_some() || self.min_tokens.is_some() || self.timeout.is_some()
    }

    fn without_effect(&self) -> Option<String> {
        let late = self.start == Some(PrefetchStart::Scheduling) && self.speaks_of_early();
        late.then(|| {
            "`start = \"scheduling\"`, where a request waits for all its blocks and `min_tokens`, `stop` and timeouts \
             have no effect; allowed: these with `start = \"enqueue\"`"
                .to_owned()
        })
    }
}

fn timeout(source: &Source, wire: &wire::Prefetch) -> Result<Option<PrefetchStop>, Problem> {
    let base_ns = duration_ns(source, wire.timeout_base.as_ref())?;
    let per_token_ns = duration_ns(source, wire.timeout_per_token.as_ref())?;
    if base_ns.or(per_token_ns).is_none() {
        return Ok(None);
    }
    let (base_ns, per_token_ns) = (base_ns.unwrap_or(0), per_token_ns.unwrap_or(0));
    let Some(per_1024_tokens_ns) = per_token_ns.checked_mul(1024) else {
        let text = wire.timeout_per_token.as_ref().expect("it is not 0");
        let message = format!("timeout_per_token is {}; allowed: at most 200 d", text.get_ref());
        return Err(source.error(text.span(), message, "here"));
    };
    Ok(Some(PrefetchStop::Timeout { base_ns, per_1024_tokens_ns }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMEOUT: PrefetchStop = PrefetchStop::Timeout { base_ns: 1, per_1024_tokens_ns: 2 };

    fn resolved(engine: EngineDefaults, choice: PrefetchChoice) -> (PrefetchStart, u32, PrefetchStop) {
        let Prefetch { start, min_tokens, stop } = choice.resolve(engine).expect("a sound choice");
        (start, min_tokens, stop)
    }

    #[test]
    fn each_engine_has_its_own_default() {
        let none = PrefetchChoice::default();
        let (vllm, sglang) = (EngineDefaults::VLLM, EngineDefaults::SGLANG);
        assert_eq!(none.resolve(vllm), Ok(vllm.prefetch));
        assert_eq!(none.resolve(sglang), Ok(sglang.prefetch));
        let early = PrefetchChoice { start: Some(PrefetchStart::Enqueue), ..none };
        assert_eq!(resolved(vllm, early), (PrefetchStart::Enqueue, 256, PrefetchStop::WaitComplete));
    }

    #[test]
    fn who_says_how_an_early_prefetch_ends_gets_one() {
        let vllm = EngineDefaults::VLLM;
        let none = PrefetchChoice::default();
        let stop = |kind| PrefetchChoice { stop: Some(kind), ..none };
        let best_effort = (PrefetchStart::Enqueue, 256, PrefetchStop::BestEffort);
        assert_eq!(resolved(vllm, stop(StopKind::BestEffort)), best_effort);
        let long = PrefetchChoice { min_tokens: Some(9), ..none };
        assert_eq!(resolved(vllm, long), (PrefetchStart::Enqueue, 9, PrefetchStop::WaitComplete));
        let timed = PrefetchChoice { timeout: Some(TIMEOUT), ..none };
        assert_eq!(resolved(vllm, timed), (PrefetchStart::Enqueue, 256, TIMEOUT));
        // An axis chooses another end where the file gives times.
        let other = PrefetchChoice { stop: Some(StopKind::BestEffort), ..timed };
        assert_eq!(resolved(vllm, other), best_effort);
    }

    #[test]
    fn a_timeout_has_times() {
        let timeout = PrefetchChoice { stop: Some(StopKind::Timeout), ..PrefetchChoice::default() };
        assert!(timeout.resolve(EngineDefaults::VLLM).unwrap_err().starts_with("`timeout`; allowed where"));
        let sglang = EngineDefaults::SGLANG;
        assert_eq!(timeout.resolve(sglang), Ok(sglang.prefetch));
    }

    #[test]
    fn what_has_no_effect_is_refused() {
        let late = PrefetchChoice { start: Some(PrefetchStart::Scheduling), ..PrefetchChoice::default() };
        assert_eq!(resolved(EngineDefaults::SGLANG, late).0, PrefetchStart::Scheduling);
        for useless in [
            PrefetchChoice { min_tokens: Some(1), ..late },
            PrefetchChoice { stop: Some(StopKind::WaitComplete), ..late },
            PrefetchChoice { timeout: Some(TIMEOUT), ..late },
        ] {
            assert!(useless.resolve(EngineDefaults::VLLM).unwrap_err().contains("have no effect"));
        }
    }
}
