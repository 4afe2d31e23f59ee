//! Who joins the next step from the queues: prefix lookup in every tier, loads, and the engine's gates.

use crate::instance::{Instance, Step};
use crate::lookup::Lower;
use crate::observe::RequestState;
use crate::request::{Phase, block_at};
use crate::residency::Found;
use crate::scenario::{Load, LoadDecision, WritePolicy};
use crate::step::{Chunk, Work};
use crate::world::{Kind, Move, World, access};
use kv_core::policy::Slot;
use kv_core::units::FS_PER_NS;

/// What became of the head of a queue.
enum Outcome {
    Admitted,
    /// It must wait, and others may pass.
    Skipped,
    /// It must wait, and so must those behind it.
    Blocked,
}

impl Instance {
    /// Admits requests in order while there is budget, seats and memory.
    pub(crate) fn admit(&mut self, world: &mut World<'_>, step: &mut Step, budget: &mut u32, now_ns: u64) {
        let max_seqs = world.scenario.engine.max_seqs as usize;
        let mut skipped_waiting = Vec::new();
        while *budget > 0 && self.running.len() < max_seqs {
            let from_holding = !self.holding.is_empty();
            let queue = if from_holding { &mut self.holding } else { &mut self.waiting };
            let Some(id) = queue.pop_front() else { break };
            let known = self.live[id as usize].known();
            let outcome = match self.live[id as usize].phase {
                Phase::Loading => Outcome::Skipped,
                Phase::Loaded => self.admit_loaded(world, step, id, budget),
                _ => self.admit_waiting(world, step, id, budget, now_ns),
            };
            match outcome {
                Outcome::Admitted => {}
                Outcome::Skipped if self.live[id as usize].phase == Phase::Waiting => {
                    skipped_waiting.push(id)
                }
                Outcome::Skipped => self.passed.push(id),
                Outcome::Blocked => {
                    let queue = if from_holding { &mut self.holding } else { &mut self.waiting };
                    queue.push_front(id);
                    if !from_holding || !self.running.is_empty() || !self.give_way(world, step) {
                        break;
                    }
                }
            }
            if !from_holding && self.live[id as usize].phase != Phase::Waiting {
                self.waiting_tokens -= u64::from(known);
            }
        }
        self.passed.drain(..).rev().for_each(|id| self.holding.push_front(id));
        skipped_waiting.into_iter().rev().for_each(|id| self.waiting.push_front(id));
    }

    /// While nothing runs, what was loaded for the last in the queue goes back, if the first does not fit beside it:
    /// else both would wait for ever.
    fn give_way(&mut self, world: &mut World<'_>, step: &mut Step) -> bool {
        let loaded = |&place: &usize| self.live[self.holding[place] as usize].phase == Phase::Loaded;
        let Some(place) = (1..self.holding.len()).rev().find(loaded) else { return false };
        let id = self.holding.remove(place).expect("its place was just found");
        self.put_back(world, step, id);
        true
    }

    /// A request whose blocking load is done: its blocks become addressable, and it needs blocks for the rest.
    fn admit_loaded(&mut self, world: &mut World<'_>, step: &mut Step, id: u32, budget: &mut u32) -> Outcome {
        let block_tokens = world.trace.block_tokens();
        let live = &mut self.live[id as usize];
        let known = live.known();
        if live.computed == known {
            live.computed -= 1; // the last token is computed again, for its logits
        }
        let (computed, held) = (live.computed, live.table.len() as u32);
        self.name_blocks(world, id, computed.div_ceil(block_tokens).min(held).min(known / block_tokens));
        if known.div_ceil(block_tokens) - held > self.pool.free() {
            return Outcome::Blocked;
        }
        let new = (known - computed).min(*budget);
        let missing = (computed + new).div_ceil(block_tokens).saturating_sub(held);
        self.grow(world, step, id, missing);
        self.join(world, step, id, new, budget);
        Outcome::Admitted
    }

    fn admit_waiting(
        &mut self,
        world: &mut World<'_>,
        step: &mut Step,
        id: u32,
        budget: &mut u32,
        now_ns: u64,
    ) -> Outcome {
        if self.recheck.still_does_not_fit(id, self.pool.version()) {
            return Outcome::Blocked;
        }
        let mut hits = std::mem::take(&mut self.hits);
        let outcome = self.admit_with(world, step, id, budget, now_ns, &mut hits);
        self.hits = hits;
        outcome
    }

    fn admit_with(
        &mut self,
        world: &mut World<'_>,
        step: &mut Step,
        id: u32,
        budget: &mut u32,
        now_ns: u64,
        hits: &mut Vec<u32>,
    ) -> Outcome {
        self.lookup_hbm(world, id, hits);
        let block_tokens = world.trace.block_tokens();
        let known = self.live[id as usize].known();
        let idle = hits.iter().filter(|&&slot| self.pool.is_free(slot)).count() as u32;
        let fits = known.div_ceil(block_tokens) - hits.len() as u32 + idle <= self.pool.free();
        // A prefetch goes on while there is no memory for its request. Lower tiers could only turn the no into a
        // "later".
        let promoting = !self.live[id as usize].promotion.transfers.is_empty();
        if !fits && (promoting || !self.recheck.tiers_say_later()) {
            self.recheck.does_not_fit(id, self.pool.version());
            return Outcome::Blocked;
        }
        if !self.promotion_is_over(world, id, now_ns) {
            return Outcome::Skipped;
        }
        let mut loads = match self.lookup_lower(world, id, hits.len(), now_ns) {
            Lower::Blocks(loads) => loads,
            Lower::Later => {
                self.waits_for_tiers(world);
                return Outcome::Skipped;
            }
        };
        if !fits {
            self.recheck.waits_for_tiers(false); // the end of a lease lets nobody pass
            return Outcome::Blocked;
        }
        if self.recompute_is_sooner(world, id, hits.len() as u32, loads.len() as u32, now_ns) {
            loads.clear();
            world.unread[0].computed_sooner = true;
        }
        let found = (hits.len() + loads.len()) as u32;
        let blocking = !loads.is_empty() && world.scenario.tiers[0].load == Load::Blocking;
        let computed = (found * block_tokens).min(known - 1);
        let new = if blocking { 0 } else { (known - computed).min(*budget) };
        let blocks = if blocking { found } else { (computed + new).div_ceil(block_tokens).max(found) };
        let reserved = if blocking { self.lacking(world) } else { 0 };
        if u64::from(blocks - hits.len() as u32 + idle) + reserved > u64::from(self.pool.free()) {
            if world.scenario.load_decision == LoadDecision::LoadOrRecompute {
                self.recheck.holds_one_step();
            } else {
                self.waits_for_tiers(world);
            }
            return Outcome::Blocked;
        }
        // A lease policy may drop a block as soon as it is used: what is to be loaded stays until then.
        loads.iter().for_each(|&source| world.residency(0, self.id).pin(source));
        self.take_hits(world, id, hits, loads.len() as u32, now_ns);
        self.grow(world, step, id, blocks - hits.len() as u32);
        if !loads.is_empty() {
            self.start_load(world, step, id, hits.len() as u32, &loads);
        }
        let live = &mut self.live[id as usize];
        if blocking {
            live.phase = Phase::Loading;
            live.load_since_ns = now_ns;
            live.computed = found * block_tokens;
            world.tell_request(live.index, self.id, now_ns, RequestState::Loading);
            return Outcome::Skipped;
        }
        live.computed = computed;
        self.join(world, step, id, new, budget);
        Outcome::Admitted
    }

    /// Puts an admitted request into the step.
    fn join(&mut self, world: &mut World<'_>, step: &mut Step, id: u32, new: u32, budget: &mut u32) {
        self.admissions += 1;
        let live = &mut self.live[id as usize];
        live.order = self.admissions;
        live.phase = Phase::Prefill;
        world.tell_request(live.index, self.id, step.start.ns, RequestState::Prefill);
        self.running.push(id);
        self.chunk(world, step, id, new);
        *budget -= new;
        if self.live[id as usize].phase == Phase::Prefill {
            self.prefilling.push(id);
        }
    }

    /// Blocks that prefills and loads under way still lack for what they know.
    fn lacking(&self, world: &World<'_>) -> u64 {
        let block_tokens = world.trace.block_tokens();
        let held = self.holding.iter().chain(&self.passed).chain(&self.prefilling);
        held.map(|&id| {
            let live = &self.live[id as usize];
            u64::from(live.known().div_ceil(block_tokens).saturating_sub(live.table.len() as u32))
        })
        .sum()
    }

    /// Takes the HBM hits, records the first admission, and tells leases that the blocks are in use.
    fn take_hits(&mut self, world: &mut World<'_>, id: u32, hits: &[u32], loads: u32, now_ns: u64) {
        hits.iter().for_each(|&slot| self.pool.acquire(slot));
        let block_tokens = world.trace.block_tokens();
        let live = &mut self.live[id as usize];
        live.table.extend_from_slice(hits);
        live.named = hits.len() as u32;
        let record = &mut world.records[live.index as usize];
        let found = ((hits.len() as u32 + loads) * block_tokens).min(live.known() - 1);
        if !live.admitted {
            record.scheduled_ns = now_ns.max(record.arrival_ns);
            record.hit_hbm_tokens = hits.len() as u32 * block_tokens;
            record.hit_lower_tokens = found - record.hit_hbm_tokens;
            live.admitted = true;
            world.hit_tokens.fill(0);
            // A load that began in a far tier is that tier's hit.
            let loaded = hits.len() as u32..hits.len() as u32 + loads;
            for (tier, depth) in live.promotion.arrived.drain(..).filter(|(_, depth)| loaded.contains(depth))
            {
                let tokens = block_tokens.min(live.prompt - 1 - depth * block_tokens);
                world.promoted_tokens[tier as usize] += u64::from(tokens);
                world.hit_tokens[tier as usize + 1] += tokens;
            }
            world.tell_hits(live.index);
            self.blocks_admitted += u64::from(live.prompt / block_tokens);
            self.count_uses(world, id);
        } else {
            record.recomputed_tokens += live.was_computed.saturating_sub(found);
        }
        self.use_begins(world, id, now_ns);
    }

    fn count_uses(&mut self, world: &World<'_>, id: u32) {
        if !self.uses.is_empty() {
            let view = world.trace.request(self.live[id as usize].index as usize);
            for block in view.prompt_blocks {
                let uses = &mut self.uses[block.index()];
                *uses = uses.saturating_add(1);
            }
        }
    }

    /// Blocks of the prompt that lower tiers hold are in use from now, deepest first; what the tier below wants and
    /// does not have (after so many uses, or because it could not take it before) is copied down.
    fn use_begins(&mut self, world: &mut World<'_>, id: u32, now_ns: u64) {
        let index = self.live[id as usize].index;
        let view = world.trace.request(index as usize);
        for tier in 0..world.scenario.tiers.len() {
            let threshold = match world.scenario.tiers.get(tier + 1).map(|t| t.write_policy) {
                Some(WritePolicy::Selective(n)) => Some(n),
                Some(WritePolicy::Through) => Some(0),
                Some(WritePolicy::Back) | None => None,
            };
            let mut wanted = world.moves();
            let residency = world.residency_index(tier, self.id);
            for (depth, &block) in view.prompt_blocks.iter().enumerate().rev() {
                let Found::Ready(slot) = world.residencies[residency].find(block) else { continue };
                let depth = depth as u32;
                let access = access(world.scenario, block, depth, index, now_ns);
                let uses = world.residencies[residency].use_begins(slot, &access);
                // The copy that brought it here was its first use.
                if threshold.is_some_and(|n| u32::from(uses) + 1 >= u32::from(n))
                    && !world.residency(tier + 1, self.id).has(block)
                {
                    wanted.push(Move { block, depth, source: None, target: None, hbm: None });
                }
            }
            if !wanted.is_empty() {
                wanted.reverse();
                world.copy_down(tier + 1, self.id, &wanted, index, now_ns);
            }
            world.recycle(wanted);
        }
    }

    /// Plans the load of the blocks after the first `local`, which are pinned.
    fn start_load(&mut self, world: &mut World<'_>, step: &mut Step, id: u32, local: u32, loads: &[Slot]) {
        let live = &self.live[id as usize];
        let request = live.index;
        let view = world.trace.request(request as usize);
        let mut moves = world.moves();
        for (depth, &source) in (local..).zip(loads) {
            let block =
                block_at(&view, world.scenario.generated, depth as usize).expect("it was found by its id");
            moves.push(Move { block, depth, source: Some(source), target: None, hbm: None });
        }
        let link = world.read_link(0, self.id);
        let live = &mut self.live[id as usize];
        live.next_store = live.next_store.max(local + loads.len() as u32);
        match world.scenario.tiers[0].load {
            Load::Blocking => {
                let job = world.plan(Kind::Load { instance: self.id, live: id }, link, request, moves);
                live.jobs.push(job);
                live.first_told = local;
                step.loads.push(job);
                loads.iter().for_each(|&source| self.loading.begins(source));
            }
            Load::Layerwise => {
                let job = world.plan(Kind::Layers { instance: self.id }, link, request, moves);
                step.layers.push((job, id));
            }
        }
    }

    /// Whether computing a run of `loads` blocks would be over before loading it, with all that is queued.
    fn recompute_is_sooner(&self, world: &World<'_>, id: u32, local: u32, loads: u32, now_ns: u64) -> bool {
        if loads == 0 || world.scenario.load_decision == LoadDecision::Always {
            return false;
        }
        let block_tokens = world.trace.block_tokens();
        let known = self.live[id as usize].known();
        let link = &world.links[world.read_link(0, self.id) as usize];
        let bytes = world.tier_block_bytes[0] * u64::from(loads);
        let load_fs = u128::from(link.estimate_ns(now_ns, bytes, loads) - now_ns) * u128::from(FS_PER_NS);
        let from = (local + loads) * block_tokens;
        let all = prefill_fs(world, local * block_tokens, known);
        let rest = prefill_fs(world, from.min(known - 1), known);
        let with_load = match world.scenario.tiers[0].load {
            Load::Blocking => load_fs + rest,
            Load::Layerwise => {
                let layers = u128::from(world.scenario.layers);
                (load_fs / layers + rest).max(load_fs + rest / layers)
            }
        };
        all <= with_load
    }
}

/// Time to prefill tokens `from..to` alone on an idle engine \[fs\].
pub(crate) fn prefill_fs(world: &World<'_>, from: u32, to: u32) -> u128 {
    let engine = &world.scenario.engine;
    let (mut context, mut fs) = (from, 0);
    while context < to {
        let new = (to - context).min(engine.max_batched_tokens);
        let chunks = [Chunk { new, context }];
        fs += u128::from(engine.step.step_fs(&Work { chunks: &chunks, decodes: 0, decode_context: 0 }));
        context += new;
    }
    fs
}
