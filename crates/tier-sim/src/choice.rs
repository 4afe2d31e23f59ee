//! The primitives from which a scheduler makes a step, carried out on one instance.

use crate::instance::{Instance, Step};
use crate::world::World;
use kv_core::policy::StepChoice;

/// A step that its scheduler is choosing.
struct Choice<'c, 'w> {
    instance: &'c mut Instance,
    world: &'c mut World<'w>,
    step: &'c mut Step,
    now_ns: u64,
    /// Tokens that the step can still take.
    budget: u32,
    /// `step.preempted` when the choice began.
    preempted_before: u32,
    decodes_served: bool,
    prefills_continued: bool,
    /// The pool's version after the waiting requests were asked, if they were.
    asked_at_version: Option<u64>,
}

impl Instance {
    /// Lets the scheduler choose who takes part in the step.
    pub(crate) fn choose(&mut self, world: &mut World<'_>, step: &mut Step, now_ns: u64) {
        let mut scheduler = self.scheduler.take().expect("only this takes it");
        let mut choice = Choice {
            budget: world.scenario.engine.max_batched_tokens,
            preempted_before: step.preempted,
            decodes_served: false,
            prefills_continued: false,
            asked_at_version: None,
            instance: self,
            world,
            step,
            now_ns,
        };
        scheduler.choose(&mut choice);
        let asked_at_version = choice.asked_at_version;
        if asked_at_version.is_some_and(|version| version != self.pool.version()) {
            self.recheck.holds_one_step(); // somebody took blocks after the waiting requests had been asked
        }
        self.scheduler = Some(scheduler);
    }
}

impl StepChoice for Choice<'_, '_> {
    fn serve_decodes(&mut self) {
        assert!(!self.has_prefill(), "a scheduler serves decodes before any prefill of the step");
        assert!(!self.decodes_served, "a scheduler serves decodes once in a step");
        self.decodes_served = true;
        self.instance.plan_decodes(self.world, self.step);
        self.budget = self.budget.saturating_sub(self.step.decodes);
    }

    fn continue_prefills(&mut self) {
        self.prefills_continued = true;
        self.instance.plan_chunks(self.world, self.step, &mut self.budget);
    }

    fn admit_waiting(&mut self) {
        assert!(!self.has_preempted(), "a scheduler admits nobody in a step that has preempted somebody");
        assert!(
            self.prefills_continued || self.instance.prefilling.is_empty(),
            "a scheduler continues prefills before it admits somebody"
        );
        self.instance.admit(self.world, self.step, &mut self.budget, self.now_ns);
        self.asked_at_version = Some(self.instance.pool.version());
    }

    fn limit_tokens(&mut self, tokens: u32) {
        self.budget = self.budget.min(tokens);
    }

    fn tokens_left(&self) -> u32 {
        self.budget
    }

    fn has_prefill(&self) -> bool {
        !self.step.chunks.is_empty()
    }

    fn has_preempted(&self) -> bool {
        self.step.preempted > self.preempted_before
    }

    fn decoding(&self) -> u32 {
        if self.decodes_served { self.step.decodes } else { self.instance.decode.count }
    }

    fn prefilling(&self) -> u32 {
        self.instance.prefilling.len() as u32
    }

    fn waiting(&self) -> u32 {
        (self.instance.waiting.len() + self.instance.holding.len()) as u32
    }
}
