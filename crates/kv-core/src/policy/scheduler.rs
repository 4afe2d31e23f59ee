//! The scheduler role: choose who takes part in an engine's next step.
//!
//! A scheduler decides by calling the primitives of [`StepChoice`] in the order that it likes. The engine carries each
//! of them out: it finds HBM blocks, takes requests off the engine where there are none, looks prefixes up, starts loads.

/// What a scheduler may know when it is built. Every instance has a scheduler of its own.
#[derive(Debug, Clone, Copy)]
pub struct SchedulerContext {
    /// New tokens that one step may serve \[tokens\]; at least `max_seqs`.
    pub max_batched_tokens: u32,
    /// Requests that may run at once \[requests\].
    pub max_seqs: u32,
    /// Seed of the scheduler's own stream of random numbers.
    pub seed: u64,
}

/// A step that is being chosen: what it has so far, and what can be added to it.
///
/// A request *runs* from its admission to its last token. While it runs it is first *prefilling* (tokens that it knows
/// are not computed yet) and then *decoding* (each step makes its next token). Other requests *wait*.
///
/// The order of calls is limited, so that whoever is in the step never loses its blocks to somebody who joins later:
/// `serve_decodes` comes before any prefill of the step, and `admit_waiting` after `continue_prefills`. The engine
/// panics where a scheduler breaks one of the rules below.
pub trait StepChoice {
    /// Adds all decoding requests, with one token each. Where one of them needs an HBM block and none is free, the
    /// request that was admitted last is preempted: it loses its blocks and waits again.
    ///
    /// MUST be called at most once, and only while the step has no prefill.
    fn serve_decodes(&mut self);

    /// Adds the next chunk of every prefilling request, in order of admission, while there are tokens left. It preempts
    /// as [`StepChoice::serve_decodes`] does.
    fn continue_prefills(&mut self);

    /// Admits waiting requests, first come first served, while there are tokens, places and HBM blocks left. Each joins
    /// the step with its first chunk, or starts to load what a lower tier holds of its prefix.
    ///
    /// MUST NOT be called in a step that has preempted somebody, nor while a prefilling request is not in the step.
    fn admit_waiting(&mut self);

    /// Sets the tokens that are left to `tokens` where there are more. Decodes are served nevertheless.
    fn limit_tokens(&mut self, tokens: u32);

    /// New tokens that the step can still take \[tokens\].
    fn tokens_left(&self) -> u32;

    /// Whether a chunk of a prompt is in the step.
    fn has_prefill(&self) -> bool;

    /// Whether somebody was preempted for the step.
    fn has_preempted(&self) -> bool;

    /// Requests that decode: those in the step, or those that could be while it has none.
    fn decoding(&self) -> u32;

    /// Requests that are prefilling: not counted are those whose last chunk is in the step.
    fn prefilling(&self) -> u32;

    /// Requests that wait, loading ones included.
    fn waiting(&self) -> u32;
}

/// Who takes part in a step. One scheduler serves one instance.
///
/// Contract:
/// - It keeps the rules of [`StepChoice`].
/// - While requests wait or run, it must at some time add somebody to a step; else the simulation stops with an
///   assertion.
/// - Nothing but the answers of `step` and earlier calls may influence what it does.
/// - A call that adds nobody to the step leaves the scheduler as it was. An idle engine asks as often as it likes, and how
///   often is not defined.
pub trait Scheduler: Send {
    /// Chooses the next step. The engine may call it again at once, where a step only preempted somebody.
    fn choose(&mut self, step: &mut dyn StepChoice);

    /// Whether a step of decodes alone is chosen again as long as the answers of [`StepChoice`] stay the same.
    ///
    /// Then the simulator sums many such steps at once, and does not ask in between. A scheduler that counts steps must
    /// say false; the simulation then takes every step by itself, which is slower.
    fn repeats(&self) -> bool {
        true
    }
}
