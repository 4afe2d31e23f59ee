//! One step in miniature: what a scheduler puts into it, and whether it keeps the rules of [`StepChoice`].

use super::script::checked;
use kv_core::policy::{Build, Role, SchedulerContext, Spec, StepChoice};

/// Requests before a step. There are HBM blocks and places for all of them.
#[derive(Debug, Clone, Copy)]
pub struct Queue<'a> {
    /// Requests that decode.
    pub decoding: u32,
    /// Tokens that each prefilling request has still to compute.
    pub prefilling: &'a [u32],
    /// Prompt tokens of each waiting request.
    pub waiting: &'a [u32],
}

/// The step that a scheduler of the catalogue, with default parameters, chooses within `max_batched_tokens`.
///
/// In the answer `3d` are three decodes, `512p` is a chunk of a prefilling request, `100a` the first chunk of one that is
/// admitted, in the order in which they joined the step.
///
/// # Panics
/// On an unknown scheduler, one with a required parameter, or one that breaks a rule.
#[must_use]
pub fn play_step(scheduler: &str, max_batched_tokens: u32, queue: Queue<'_>) -> String {
    let registry = crate::schedulers();
    let spec = registry.find(Role::Scheduler, scheduler).expect("a scheduler of the catalogue");
    play_step_spec(spec, &[], max_batched_tokens, queue)
}

/// As [`play_step`], for a scheduler that is not in the catalogue.
///
/// # Panics
/// If the spec is not that of a scheduler, a parameter is outside its range, or a rule is broken.
#[must_use]
pub fn play_step_spec(
    spec: &Spec,
    params: &[(&str, f64)],
    max_batched_tokens: u32,
    queue: Queue<'_>,
) -> String {
    let Build::Scheduler(_, build) = spec.build else { panic!("`{}` is not a scheduler", spec.name) };
    let context = SchedulerContext { max_batched_tokens, max_seqs: max_batched_tokens, seed: 1 };
    let mut step = Step {
        decoding: queue.decoding,
        prefilling: queue.prefilling.to_vec(),
        waiting: queue.waiting.to_vec(),
        tokens: max_batched_tokens,
        continued: false,
        words: Vec::new(),
    };
    build(&checked(spec, params), &context).choose(&mut step);
    step.words.join(" ")
}

struct Step {
    decoding: u32,
    prefilling: Vec<u32>,
    waiting: Vec<u32>,
    tokens: u32,
    continued: bool,
    words: Vec<String>,
}

impl Step {
    /// A chunk for each, first come first served, while there are tokens; what is left of those not through.
    fn chunks(&mut self, requests: &[u32], kind: char) -> Vec<u32> {
        let mut left = Vec::new();
        for &tokens in requests {
            let new = tokens.min(self.tokens);
            self.tokens -= new;
            if new > 0 {
                self.words.push(format!("{new}{kind}"));
            }
            if new < tokens {
                left.push(tokens - new);
            }
        }
        left
    }
}

impl StepChoice for Step {
    fn serve_decodes(&mut self) {
        assert!(!self.has_prefill(), "decodes are served before any prefill of a step");
        assert!(!self.words.iter().any(|word| word.ends_with('d')), "decodes are served once in a step");
        if self.decoding > 0 {
            self.words.push(format!("{}d", self.decoding));
            self.tokens = self.tokens.saturating_sub(self.decoding);
        }
    }

    fn continue_prefills(&mut self) {
        let requests = std::mem::take(&mut self.prefilling);
        self.prefilling = self.chunks(&requests, 'p');
        self.continued = true;
    }

    fn admit_waiting(&mut self) {
        assert!(self.continued || self.prefilling.is_empty(), "prefills go on before anybody is admitted");
        let requests = std::mem::take(&mut self.waiting);
        self.waiting = self.chunks(&requests, 'a');
    }

    fn limit_tokens(&mut self, tokens: u32) {
        self.tokens = self.tokens.min(tokens);
    }

    fn tokens_left(&self) -> u32 {
        self.tokens
    }

    fn has_prefill(&self) -> bool {
        self.words.iter().any(|word| word.ends_with(['p', 'a']))
    }

    fn has_preempted(&self) -> bool {
        false
    }

    fn decoding(&self) -> u32 {
        self.decoding
    }

    fn prefilling(&self) -> u32 {
        self.prefilling.len() as u32
    }

    fn waiting(&self) -> u32 {
        self.waiting.len() as u32
    }
}
