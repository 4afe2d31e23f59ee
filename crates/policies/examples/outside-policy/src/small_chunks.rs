//! small-chunks: as vLLM's scheduler, with few tokens of prefill in a step that has decodes, so that these stay fast.

use kv_core::policy::{Build, EngineDefaults, ParamKind, ParamSpec, Scheduler, Spec, StepChoice};

/// The row for the registry.
pub const SPEC: Spec = Spec {
    name: "small-chunks",
    summary: "at most chunk_tokens of prefill in a step that has decodes",
    source: "an example, after Agrawal et al.: Sarathi-Serve, OSDI 2024",
    params: &[ParamSpec {
        name: "chunk_tokens",
        unit: "tokens",
        default: Some(512.0),
        min: 1.0,
        max: 1_000_000.0,
        kind: ParamKind::Whole,
        doc: "tokens of prefill that a step with decodes may have",
    }],
    revision: kv_core::Revision::Unstated,
    // Prefetch and copies as vLLM has them; a scheduler of another engine declares other habits here.
    build: Build::Scheduler(EngineDefaults::VLLM, |params, _| {
        Box::new(SmallChunks { chunk_tokens: params.whole("chunk_tokens") as u32 })
    }),
};

struct SmallChunks {
    chunk_tokens: u32,
}

impl Scheduler for SmallChunks {
    fn choose(&mut self, step: &mut dyn StepChoice) {
        step.serve_decodes();
        if step.decoding() > 0 {
            step.limit_tokens(self.chunk_tokens);
        }
        step.continue_prefills();
        if !step.has_preempted() {
            step.admit_waiting();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::SPEC;
    use policies::testing::{Queue, play_step_spec};

    #[test]
    fn decodes_keep_chunks_small() {
        let step = |decoding| {
            let queue = Queue { decoding, prefilling: &[900], waiting: &[500] };
            play_step_spec(&SPEC, &[("chunk_tokens", 256.0)], 2048, queue)
        };
        assert_eq!([step(3), step(0)], ["3d 256p", "900p 500a"]);
    }
}
