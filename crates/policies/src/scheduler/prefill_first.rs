//! Prefill first: while a prompt can be prefilled, steps hold prefill only and decodes pause.
//!
//! New requests get their first token sooner, and those that decode wait for it.
//!
//! ```
//! use policies::testing::{Queue, play_step};
//! let queue = Queue { decoding: 3, prefilling: &[400], waiting: &[2000, 50] };
//! assert_eq!(play_step("prefill-first", 1000, queue), "400p 600a");
//! let queue = Queue { decoding: 3, prefilling: &[], waiting: &[] };
//! assert_eq!(play_step("prefill-first", 1000, queue), "3d");
//! ```

use kv_core::policy::{Build, EngineDefaults, Scheduler, Spec, StepChoice};

pub(super) const SPEC: Spec = Spec {
    name: "prefill-first",
    summary: "steps of prefill only while there is any; decodes pause",
    source: "the default of SGLang (Zheng et al., NeurIPS 2024)",
    params: &[],
    revision: crate::revision::of(module_path!()),
    build: Build::Scheduler(EngineDefaults::SGLANG, |_, _| Box::new(PrefillFirst)),
};

struct PrefillFirst;

impl Scheduler for PrefillFirst {
    fn choose(&mut self, step: &mut dyn StepChoice) {
        step.continue_prefills();
        if !step.has_preempted() {
            step.admit_waiting();
        }
        if !step.has_prefill() {
            step.serve_decodes();
        }
    }
}
