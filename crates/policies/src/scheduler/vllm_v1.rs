//! vLLM's V1 scheduler: running requests first, then waiting ones in order of arrival.
//!
//! Chunks of prompts share steps with decodes. In a step that preempts somebody, nobody is admitted.
//!
//! ```
//! use policies::testing::{Queue, play_step};
//! // A step of at most 1000 tokens: three decodes, the rest of a prompt, and what fits of the one that waits.
//! let queue = Queue { decoding: 3, prefilling: &[400], waiting: &[2000, 50] };
//! assert_eq!(play_step("vllm-v1", 1000, queue), "3d 400p 597a");
//! ```

use kv_core::policy::{Build, EngineDefaults, Scheduler, Spec, StepChoice};

pub(super) const SPEC: Spec = Spec {
    name: "vllm-v1",
    summary: "running requests first, then waiting ones; prefill chunks share steps with decodes",
    source: "vLLM's V1 scheduler, read in versions 0.19 and 0.32",
    params: &[],
    revision: crate::revision::of(module_path!()),
    build: Build::Scheduler(EngineDefaults::VLLM, |_, _| Box::new(VllmV1)),
};

struct VllmV1;

impl Scheduler for VllmV1 {
    fn choose(&mut self, step: &mut dyn StepChoice) {
        step.serve_decodes();
        step.continue_prefills();
        if !step.has_preempted() {
            step.admit_waiting();
        }
    }
}
