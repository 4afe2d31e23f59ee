//! What a step serves, request by request.

use super::Twin;
use super::engine::Step;
use super::request::{Phase, Req};
use kv_core::policy::StepChoice;
use tier_sim::step::Chunk;

impl Twin<'_> {
    /// Chooses a step; `None` if there is nothing to compute.
    pub(super) fn plan(&mut self, e: usize, now: u64) -> Option<Step> {
        let mut step = Step::default();
        self.engines[e].wake_ns = None;
        loop {
            step.preempted = false;
            self.choose(e, &mut step, now);
            if !step.preempted || !step.chunks.is_empty() || !step.decodes.is_empty() {
                break;
            }
        }
        self.start_prefetches(e, now);
        self.store_blocks(e, &mut step, now);
        self.settle_ended(e, now);
        let lost = std::mem::take(&mut self.engines[e].lost);
        if !lost.is_empty() {
            self.write_back(0, e, &lost, now);
        }
        if step.chunks.is_empty() && step.decodes.is_empty() {
            step.loads.iter().for_each(|&id| self.submit(id, now));
            if !self.tiers.is_empty() && !self.engines[e].waiting.is_empty() {
                let expiry = self.residency_ref(0, e).next_expiry_ns();
                self.engines[e].wake_ns = self.engines[e].wake_ns.into_iter().chain(expiry).min();
            }
            return None;
        }
        Some(step)
    }

    fn choose(&mut self, e: usize, step: &mut Step, now: u64) {
        let mut scheduler = self.schedulers[e].take().expect("only this takes it");
        let budget = self.scenario.engine.max_batched_tokens;
        scheduler.choose(&mut Choice { twin: self, e, step, budget, now });
        self.schedulers[e] = Some(scheduler);
    }

    /// The running requests, in order of admission, as far as they are `chosen` and there is budget.
    fn serve_running(&mut self, e: usize, step: &mut Step, budget: &mut u32, chosen: fn(&Req) -> bool) {
        let mut place = 0;
        while place < self.engines[e].running.len() && *budget > 0 {
            let r = self.engines[e].running[place];
            place += 1;
            let req = &self.requests[r];
            if req.is_ending() || !chosen(req) {
                continue;
            }
            let new = (req.known() - req.computed).min(*budget);
            let blocks = (req.computed + new).div_ceil(self.block_tokens) as usize;
            if req.decodes {
                self.name_before_decode(r, step);
            }
            let missing = blocks.saturating_sub(self.requests[r].table.len());
            while self.engines[e].pool.free() < missing {
                if self.preempt_last(e, step) == r {
                    return;
                }
            }
            self.grow(e, r, missing, step);
            self.serve(r, new, step);
            *budget -= new;
        }
    }

    /// Running requests of an engine that have a token to come and are `chosen`.
    fn count_running(&self, e: usize, chosen: fn(&Req) -> bool) -> u32 {
        let requests = self.engines[e].running.iter().map(|&r| &self.requests[r]);
        requests.filter(|req| !req.is_ending() && chosen(req)).count() as u32
    }

    /// The blocks that earlier decodes have filled become addressable.
    fn name_before_decode(&mut self, r: usize, step: &mut Step) {
        let full = (self.requests[r].computed / self.block_tokens) as usize;
        if full > self.requests[r].named {
            self.name(r, full);
            if self.stores_output() {
                step.filled.push((r, full));
            }
        }
    }

    /// Computes `new` tokens of a request, for which it has blocks.
    pub(super) fn serve(&mut self, r: usize, new: u32, step: &mut Step) {
        let req = &mut self.requests[r];
        let context = req.computed;
        req.computed += new;
        let full = (req.computed / self.block_tokens) as usize;
        let was_decoding = req.decodes;
        if was_decoding {
            step.decodes.push(context);
        } else {
            step.chunks.push(Chunk { new, context });
        }
        if req.computed == req.known() {
            req.decodes = true;
            req.generated += 1;
            step.samples.push(r);
            if req.is_ending() {
                step.ending.push(r);
            }
        }
        if !was_decoding {
            self.name(r, full);
            step.filled.push((r, full));
        }
    }

    pub(super) fn grow(&mut self, e: usize, r: usize, blocks: usize, step: &mut Step) {
        for _ in 0..blocks {
            let (slot, lost) = self.engines[e].pool.take();
            self.requests[r].table.push(slot);
            let storing = self.transfers.iter().filter(|(_, transfer)| {
                transfer.engine == e && transfer.moves.iter().any(|m| m.hbm == Some(slot))
            });
            step.waits.extend(storing.map(|(&id, _)| id));
            if self.writes_back(0) {
                self.engines[e].lost.extend(lost);
            }
        }
    }

    /// Makes the leading `full` blocks of a request addressable.
    pub(super) fn name(&mut self, r: usize, full: usize) {
        let e = self.requests[r].engine;
        for position in self.requests[r].named..full {
            let key = self.key(r, position);
            let slot = self.requests[r].table[position];
            self.engines[e].pool.register(slot, key);
        }
        self.requests[r].named = self.requests[r].named.max(full);
    }

    /// The last admitted request starts again from the front of the queue.
    fn preempt_last(&mut self, e: usize, step: &mut Step) -> usize {
        let r = self.engines[e].running.pop().expect("a request that needs a block is running");
        self.put_back(r, step);
        r
    }

    /// A request loses its blocks, and waits again.
    pub(super) fn put_back(&mut self, r: usize, step: &mut Step) {
        let e = self.requests[r].engine;
        step.preempted = true;
        self.records[r].preemptions += 1;
        let full = (self.requests[r].computed / self.block_tokens) as usize;
        self.name(r, full);
        let req = &mut self.requests[r];
        step.waits.extend(&req.jobs);
        req.was_computed = req.computed;
        req.computed = 0;
        req.named = 0;
        req.decodes = false;
        req.promoted_at_turn = false;
        let table = std::mem::take(&mut req.table);
        self.engines[e].pool.release(&table);
        // A last token that is in a step under way will be delivered.
        if !self.requests[r].is_ending() {
            self.requests[r].phase = Phase::Waiting;
            self.engines[e].waiting.insert(0, r);
        }
    }
}

/// A step that its scheduler is choosing.
struct Choice<'c, 's> {
    twin: &'c mut Twin<'s>,
    e: usize,
    step: &'c mut Step,
    budget: u32,
    now: u64,
}

fn decodes(req: &Req) -> bool {
    req.decodes
}

fn prefills(req: &Req) -> bool {
    !req.decodes
}

impl StepChoice for Choice<'_, '_> {
    fn serve_decodes(&mut self) {
        // vLLM goes through its running requests once. That is the same, while no decode stands behind a prefill.
        let running = self.twin.engines[self.e].running.iter().map(|&r| &self.twin.requests[r]);
        assert!(running.filter(|req| !req.is_ending()).is_sorted_by_key(|req| !req.decodes));
        let mut enough = self.twin.scenario.engine.max_batched_tokens;
        self.twin.serve_running(self.e, self.step, &mut enough, decodes);
        self.budget = self.budget.saturating_sub(self.step.decodes.len() as u32);
    }

    fn continue_prefills(&mut self) {
        self.twin.serve_running(self.e, self.step, &mut self.budget, prefills);
    }

    fn admit_waiting(&mut self) {
        self.twin.admit(self.e, self.step, &mut self.budget, self.now);
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
        self.step.preempted
    }

    fn decoding(&self) -> u32 {
        match self.step.decodes.len() {
            0 => self.twin.count_running(self.e, decodes),
            n => n as u32,
        }
    }

    fn prefilling(&self) -> u32 {
        self.twin.count_running(self.e, prefills)
    }

    fn waiting(&self) -> u32 {
        let engine = &self.twin.engines[self.e];
        (engine.waiting.len() + engine.holding.len()) as u32
    }
}
