//! What a step serves: what the scheduler has chosen is carried out here, in the order in which vLLM does it.
//!
//! Decodes are known by their sums, so a step costs time only for what changes in it: a decode that needs a block
//! or makes its last token, a prefill chunk, an admission.

use crate::clock::Clock;
use crate::instance::{Instance, Step};
use crate::observe::RequestState;
use crate::request::{Phase, Promoted, block_at};
use crate::scenario::Arrivals;
use crate::step::Chunk;
use crate::world::World;
use std::cmp::Reverse;

impl Instance {
    /// Chooses the next step, or run of steps; `None` if there is nothing to compute.
    pub(crate) fn plan(&mut self, world: &mut World<'_>, now_ns: u64) -> Option<Step> {
        let mut step = self.blank_step();
        step.start = Clock::at(now_ns);
        self.recheck.choice_begins();
        loop {
            let before = step.preempted;
            self.choose(world, &mut step, now_ns);
            // A step that only took requests off the engine is no step: it chooses again at once.
            if step.has_work() || step.preempted == before {
                break;
            }
        }
        self.start_prefetches(world, now_ns);
        self.store_blocks(world, &mut step, now_ns);
        self.settle_ended(world, now_ns);
        let lost = std::mem::take(&mut self.lost);
        if !lost.is_empty() {
            world.write_back(0, self.id, &lost, now_ns);
            self.recheck.copies_begin();
        }
        if !step.has_work() {
            step.loads.iter().for_each(|&id| world.submit(id, now_ns));
            self.discard(step);
            if !world.scenario.tiers.is_empty() {
                self.recheck.nothing_chosen(world.residency(0, self.id).next_expiry_ns());
            }
            return None;
        }
        self.advance(world, &mut step);
        Some(step)
    }

    /// All decodes, with those first that need a block or make their last token.
    pub(crate) fn plan_decodes(&mut self, world: &mut World<'_>, step: &mut Step) {
        while let Some(&Reverse((counter, _, id, epoch))) = self.decode.events.peek() {
            if counter > self.decode.counter {
                break;
            }
            self.decode.events.pop();
            let live = &self.live[id as usize];
            if live.epoch == epoch && live.phase == Phase::Decode {
                self.decode_due(world, step, id);
            }
        }
        step.decodes = self.decode.count;
        step.context = self.decode.context;
    }

    fn decode_due(&mut self, world: &mut World<'_>, step: &mut Step, id: u32) {
        let counter = self.decode.counter;
        let block_tokens = u64::from(world.trace.block_tokens());
        let live = &self.live[id as usize];
        let blocks = live.table.len() as u32;
        if live.computed_at(counter) == u64::from(blocks) * block_tokens {
            if live.named < blocks {
                self.name_blocks(world, id, blocks);
                if self.stores_output(world) {
                    step.filled.push((id, blocks));
                }
            }
            while self.pool.free() == 0 {
                if self.preempt_last(world, step) == id {
                    return;
                }
            }
            self.grow(world, step, id, 1);
        }
        let live = &mut self.live[id as usize];
        if live.last_step() == counter {
            live.phase = Phase::Ending;
            step.ending.push(id);
        } else {
            self.schedule_event(id, block_tokens);
        }
    }

    /// Sets when a decoding request next needs attention.
    fn schedule_event(&mut self, id: u32, block_tokens: u64) {
        let live = &self.live[id as usize];
        let full = live.entry + (live.table.len() as u64 * block_tokens - u64::from(live.computed));
        let counter = full.min(live.last_step());
        self.decode.events.push(Reverse((counter, live.order, id, live.epoch)));
    }

    /// The next chunk of every running request that is not through its prompt.
    pub(crate) fn plan_chunks(&mut self, world: &mut World<'_>, step: &mut Step, budget: &mut u32) {
        let block_tokens = world.trace.block_tokens();
        let mut place = 0;
        while place < self.prefilling.len() && *budget > 0 {
            let id = self.prefilling[place];
            let live = &self.live[id as usize];
            let new = (live.known() - live.computed).min(*budget);
            let blocks = (live.computed + new).div_ceil(block_tokens);
            let missing = blocks.saturating_sub(live.table.len() as u32);
            while self.pool.free() < missing {
                if self.preempt_last(world, step) == id {
                    return;
                }
            }
            self.grow(world, step, id, missing);
            self.chunk(world, step, id, new);
            *budget -= new;
            if self.live[id as usize].phase == Phase::Prefill {
                place += 1;
            } else {
                self.prefilling.remove(place);
            }
        }
    }

    /// Puts a chunk of `new` tokens, for which there are blocks, into the step.
    pub(crate) fn chunk(&mut self, world: &mut World<'_>, step: &mut Step, id: u32, new: u32) {
        let live = &mut self.live[id as usize];
        step.chunks.push(Chunk { new, context: live.computed });
        live.computed += new;
        let full = live.computed / world.trace.block_tokens();
        step.filled.push((id, full));
        if live.computed == live.known() {
            live.generated += 1;
            step.prefilled.push(id);
            if live.generated == live.output {
                live.phase = Phase::Ending;
                step.ending.push(id);
            } else {
                live.phase = Phase::Decode;
            }
        }
        self.name_blocks(world, id, full);
    }

    /// Gives a request HBM slots, which are free.
    pub(crate) fn grow(&mut self, world: &World<'_>, step: &mut Step, id: u32, blocks: u32) {
        for _ in 0..blocks {
            let (slot, lost) = self.pool.take();
            self.live[id as usize].table.push(slot);
            if let Some(store) = self.store_of_slot.get(slot as usize).copied().flatten() {
                step.waits.push(store); // its content is still being copied
            }
            if let Some(block) = lost {
                self.totals.hbm_evictions += 1;
                if world.writes_back(0) {
                    self.lost.push(block);
                }
            }
        }
    }

    /// Makes the leading `full` blocks of a request addressable.
    pub(crate) fn name_blocks(&mut self, world: &World<'_>, id: u32, full: u32) {
        let live = &mut self.live[id as usize];
        let view = world.trace.request(live.index as usize);
        for position in live.named..full {
            let slot = live.table[position as usize];
            match block_at(&view, world.scenario.generated, position as usize) {
                Some(block) => self.pool.name(slot, block),
                None => self.pool.seal(slot),
            }
            self.totals.hbm_insertions += 1;
        }
        live.named = live.named.max(full);
    }

    /// Takes the last admitted request off the engine; it starts again from the front of the queue.
    fn preempt_last(&mut self, world: &mut World<'_>, step: &mut Step) -> u32 {
        let id = self.running.pop().expect("a request that needs a block is running");
        let counter = self.decode.counter;
        let live = &mut self.live[id as usize];
        match live.phase {
            Phase::Decode => {
                let computed = live.computed_at(counter);
                self.decode.count -= 1;
                self.decode.context -= computed;
                live.generated += (counter - live.entry) as u32;
                live.computed = computed as u32;
            }
            Phase::Prefill => self.prefilling.retain(|&other| other != id),
            // Its last token is in a step under way, and will be delivered; its blocks are full up to that one.
            Phase::Ending => live.computed = live.prompt + live.output - 1,
            phase => unreachable!("a running request in phase {phase:?}"),
        }
        self.put_back(world, step, id);
        id
    }

    /// Takes a request's blocks; they stay addressable while nobody reuses them.
    pub(crate) fn put_back(&mut self, world: &mut World<'_>, step: &mut Step, id: u32) {
        step.preempted += 1;
        let live = &mut self.live[id as usize];
        world.records[live.index as usize].preemptions += 1;
        live.epoch += 1;
        live.was_computed = std::mem::take(&mut live.computed);
        let own = (live.prompt / world.trace.block_tokens()) as usize;
        let full = live.was_computed / world.trace.block_tokens();
        self.name_blocks(world, id, full);
        let live = &mut self.live[id as usize];
        live.left.clear();
        for &slot in live.table.get(own..live.named as usize).unwrap_or_default() {
            live.left.push((slot, self.pool.stamp(slot)));
        }
        live.table.iter().rev().for_each(|&slot| self.pool.release(slot));
        live.table.clear();
        live.named = 0;
        if live.promoted == Promoted::AtScheduling {
            live.promoted = Promoted::Asked;
        }
        step.waits.extend(&live.jobs);
        if live.phase != Phase::Ending {
            live.phase = Phase::Waiting;
            self.waiting_tokens += u64::from(live.known());
            self.waiting.push_front(id);
            let request = live.index;
            world.tell_request(request, self.id, step.start.ns, RequestState::Preempted);
        }
    }

    /// Moves the sums on by the step, and makes it a run if nothing can change for longer.
    fn advance(&mut self, world: &World<'_>, step: &mut Step) {
        // The step after this one hands over its stores.
        let quiet = step.chunks.is_empty() && step.ending.is_empty() && step.stores.is_empty();
        let quiet = quiet && step.preempted == 0;
        // A transfer that is done is noticed at the end of this step, and a store that found no room is tried again in each.
        if quiet && self.recheck.holds_until_noticed() && self.inbox.is_empty() && self.unstored.is_empty() {
            let next = self.decode.events.peek().map(|Reverse((counter, ..))| *counter);
            let run = next.map_or(1, |next| next - self.decode.counter);
            if world.scenario.engine.arrivals == Arrivals::AsGiven && self.repeats() {
                step.count = run.max(1);
            }
        }
        if step.decodes > 0 {
            self.decode.counter += step.count;
            self.decode.context += step.count * u64::from(step.decodes);
        }
        for &id in &step.ending {
            let live = &self.live[id as usize];
            if step.prefilled.contains(&id) {
                continue; // it never decoded
            }
            self.decode.count -= 1;
            self.decode.context -= live.computed_at(self.decode.counter);
        }
        for index in 0..step.prefilled.len() {
            let id = step.prefilled[index];
            let live = &mut self.live[id as usize];
            if live.phase == Phase::Decode {
                live.entry = self.decode.counter;
                self.decode.count += 1;
                self.decode.context += u64::from(live.computed);
                self.schedule_event(id, u64::from(world.trace.block_tokens()));
            }
        }
    }
}
