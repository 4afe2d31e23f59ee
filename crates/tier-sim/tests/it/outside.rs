//! A router and schedulers that are in no registry: habits that those of the catalogue lack.

use kv_core::RequestView;
use kv_core::policy::{
    Build, EngineDefaults, Fleet, ParamSpec, Params, Role, Router, Scheduler, Spec, StepChoice,
};
use tier_sim::Policy;

/// Every router of the catalogue and of this file, with default parameters.
pub(crate) fn routers() -> Vec<Policy> {
    with_defaults(policies::routers().of_role(Role::Router).chain(&[LAST_HIT]))
}

/// Every scheduler of the catalogue and of this file, with default parameters.
pub(crate) fn schedulers() -> Vec<Policy> {
    let outside = [ALTERNATE, SMALL_CHUNKS, FEW_DECODES, DECODES_LAST];
    with_defaults(policies::schedulers().of_role(Role::Scheduler).chain(&outside))
}

fn with_defaults<'a>(specs: impl Iterator<Item = &'a Spec>) -> Vec<Policy> {
    let checked = |spec: &Spec| {
        let params: Params = spec.params(&[]).expect("parameters have defaults, so that it can be compared");
        Policy { spec: *spec, params }
    };
    specs.map(checked).collect()
}

const fn spec(name: &'static str, params: &'static [ParamSpec], build: Build) -> Spec {
    Spec {
        name,
        summary: "for tests",
        source: "an example",
        params,
        revision: kv_core::Revision::Unstated,
        build,
    }
}

/// The last instance with any hit, after all loads were asked for; else the one after the last choice.
const LAST_HIT: Spec = spec("last-hit", &[], Build::Router(|_, _| Box::new(LastHit { last: 0 })));

struct LastHit {
    last: usize,
}

impl Router for LastHit {
    fn choose(&mut self, _: &RequestView<'_>, fleet: &dyn Fleet) -> usize {
        let hit = (0..fleet.instances()).rev().find(|&instance| fleet.cached_blocks(instance) > 0);
        self.last = hit.unwrap_or((self.last + 1) % fleet.instances());
        self.last
    }
}

/// Steps of decodes and steps of prefill by turns: it counts those to which it has added somebody, so no step repeats.
const ALTERNATE: Spec =
    spec("alternate", &[], Build::Scheduler(EngineDefaults::VLLM, |_, _| Box::new(Alternate { turn: 0 })));

struct Alternate {
    turn: u32,
}

impl Scheduler for Alternate {
    fn choose(&mut self, step: &mut dyn StepChoice) {
        let decodes_turn = self.turn % 2 == 1 && step.decoding() > 0;
        if !decodes_turn {
            step.continue_prefills();
            if !step.has_preempted() {
                step.admit_waiting();
            }
        }
        if !step.has_prefill() {
            step.serve_decodes();
        }
        self.turn += u32::from(step.has_prefill() || step.decoding() > 0);
    }

    fn repeats(&self) -> bool {
        false
    }
}

/// As `vllm-v1`, with few tokens of prefill in a step that has decodes.
const SMALL_CHUNKS: Spec = spec(
    "small-chunks",
    &[ParamSpec {
        name: "chunk_tokens",
        unit: "tokens",
        default: Some(6.0),
        min: 1.0,
        max: 1e6,
        kind: kv_core::policy::ParamKind::Whole,
        doc: "",
    }],
    Build::Scheduler(EngineDefaults::VLLM, |params, _| {
        Box::new(SmallChunks { tokens: params.get("chunk_tokens") as u32 })
    }),
);

struct SmallChunks {
    tokens: u32,
}

impl Scheduler for SmallChunks {
    fn choose(&mut self, step: &mut dyn StepChoice) {
        step.serve_decodes();
        if step.decoding() > 0 {
            step.limit_tokens(self.tokens);
        }
        step.continue_prefills();
        if !step.has_preempted() {
            step.admit_waiting();
        }
    }
}

/// Admits nobody while three decode, and prefers waiting requests to the last token of the budget.
const FEW_DECODES: Spec =
    spec("few-decodes", &[], Build::Scheduler(EngineDefaults::VLLM, |_, _| Box::new(FewDecodes)));

struct FewDecodes;

impl Scheduler for FewDecodes {
    fn choose(&mut self, step: &mut dyn StepChoice) {
        let few = step.decoding() < 3;
        step.serve_decodes();
        step.continue_prefills();
        if few && !step.has_preempted() && step.tokens_left() > 0 && step.waiting() > 0 {
            step.admit_waiting();
        }
    }
}

/// Whoever waits is asked before a decode can take blocks, in steps without prefill too. Prefills pause while two decode.
const DECODES_LAST: Spec =
    spec("decodes-last", &[], Build::Scheduler(EngineDefaults::VLLM, |_, _| Box::new(DecodesLast)));

struct DecodesLast;

impl Scheduler for DecodesLast {
    fn choose(&mut self, step: &mut dyn StepChoice) {
        if step.prefilling() == 0 && step.decoding() < 2 {
            step.admit_waiting();
        }
        if !step.has_prefill() {
            step.serve_decodes();
        }
        if step.decoding() < 2 && !step.has_prefill() {
            step.continue_prefills();
        }
    }
}
