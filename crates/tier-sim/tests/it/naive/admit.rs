//! Who joins a step from the queues.

use super::engine::Step;
use super::request::Phase;
use super::{Kind, Move, Twin};
use kv_core::BlockId;
use tier_sim::step::{Chunk, Work};
use tier_sim::{Load, LoadDecision, PrefetchStart, WritePolicy};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Admitted,
    Skipped,
    Blocked,
}

impl Twin<'_> {
    /// Admits in order: requests that hold blocks for a load first, then the waiting ones.
    pub(super) fn admit(&mut self, e: usize, step: &mut Step, budget: &mut u32, now: u64) {
        let seats = self.scenario.engine.max_seqs as usize;
        let mut asked = Vec::new();
        loop {
            let engine = &self.engines[e];
            let mut order = engine.holding.iter().chain(&engine.waiting).copied();
            let next = order.find(|r| !asked.contains(r));
            let Some(r) = next.filter(|_| *budget > 0 && engine.running.len() < seats) else { return };
            asked.push(r);
            let outcome = self.try_admit(e, r, step, budget, now);
            let engine = &mut self.engines[e];
            match self.requests[r].phase {
                Phase::Running => {
                    engine.holding.retain(|&other| other != r);
                    engine.waiting.retain(|&other| other != r);
                }
                // A load that starts now joins the queue of those that hold blocks.
                Phase::Loading if engine.waiting.contains(&r) => {
                    engine.waiting.retain(|&other| other != r);
                    engine.holding.push(r);
                }
                _ => {}
            }
            if outcome == Outcome::Blocked {
                // Two that have loaded, and do not fit together, may not wait for each other.
                let loaded = |r: &&usize| self.requests[**r].phase == Phase::Loaded;
                let last = self.engines[e].holding.iter().rev().find(loaded).copied();
                match last.filter(|&last| last != r && self.engines[e].running.is_empty()) {
                    Some(last) if self.requests[r].phase == Phase::Loaded => {
                        self.engines[e].holding.retain(|&other| other != last);
                        self.put_back(last, step);
                        asked.retain(|&other| other != r);
                    }
                    _ => return,
                }
            }
        }
    }

    fn try_admit(&mut self, e: usize, r: usize, step: &mut Step, budget: &mut u32, now: u64) -> Outcome {
        match self.requests[r].phase {
            Phase::Loading => Outcome::Skipped,
            Phase::Loaded => self.admit_loaded(e, r, step, budget),
            _ => self.admit_waiting(e, r, step, budget, now),
        }
    }

    fn admit_loaded(&mut self, e: usize, r: usize, step: &mut Step, budget: &mut u32) -> Outcome {
        let loaded = (self.requests[r].computed.div_ceil(self.block_tokens)) as usize;
        self.name(r, loaded);
        let req = &mut self.requests[r];
        let known = req.known();
        req.computed = req.computed.min(known - 1); // the last token is computed for its logits
        if known.div_ceil(self.block_tokens) as usize - req.table.len() > self.engines[e].pool.free() {
            return Outcome::Blocked;
        }
        let new = (known - req.computed).min(*budget);
        let blocks = (req.computed + new).div_ceil(self.block_tokens) as usize;
        let missing = blocks.saturating_sub(req.table.len());
        self.grow(e, r, missing, step);
        self.join(e, r, new, step, budget);
        Outcome::Admitted
    }

    fn admit_waiting(&mut self, e: usize, r: usize, step: &mut Step, budget: &mut u32, now: u64) -> Outcome {
        let known = self.requests[r].known();
        let hits = self.lookup_hbm(e, r);
        let pool = &self.engines[e].pool;
        let idle = hits.iter().filter(|&&slot| pool.is_free(slot)).count();
        // The whole prompt must fit, though only this step's part is taken.
        let fits = known.div_ceil(self.block_tokens) as usize - hits.len() + idle <= pool.free();
        if !fits && !self.requests[r].promotions.is_empty() {
            return Outcome::Blocked; // its prefetch goes on
        }
        if fits && !self.promotion_is_over(e, r, now) {
            return Outcome::Skipped;
        }
        let Some(mut loads) = self.lookup_lower(e, r, hits.len(), now) else { return Outcome::Skipped };
        if !fits {
            return Outcome::Blocked;
        }
        if self.recompute_is_sooner(e, r, hits.len(), loads.len(), now) {
            loads.clear();
            self.unread[0].computed_sooner = true;
        }
        let found = hits.len() + loads.len();
        let blocking = !loads.is_empty() && self.scenario.tiers[0].load == Load::Blocking;
        let computed = (found as u32 * self.block_tokens).min(known - 1);
        let new = (known - computed).min(*budget);
        let (blocks, reserved) = if blocking {
            (found, self.lacking(e))
        } else {
            (found.max((computed + new).div_ceil(self.block_tokens) as usize), 0)
        };
        if blocks - hits.len() + idle + reserved > self.engines[e].pool.free() {
            return Outcome::Blocked;
        }
        loads.iter().for_each(|&block| self.residency(0, e).pin(block)); // the use may end its lease
        self.take_hits(e, r, &hits, loads.len(), now);
        self.grow(e, r, blocks - hits.len(), step);
        self.start_load(e, r, hits.len(), &loads, step);
        if blocking {
            self.requests[r].phase = Phase::Loading;
            self.requests[r].load_since = now;
            self.requests[r].computed = found as u32 * self.block_tokens;
            return Outcome::Skipped;
        }
        self.requests[r].computed = computed;
        self.join(e, r, new, step, budget);
        Outcome::Admitted
    }

    fn join(&mut self, e: usize, r: usize, new: u32, step: &mut Step, budget: &mut u32) {
        self.requests[r].phase = Phase::Running;
        self.engines[e].running.push(r);
        self.serve(r, new, step);
        *budget -= new;
    }

    /// Blocks that prefills and loads under way still lack.
    fn lacking(&self, e: usize) -> usize {
        let prefilling = self.engines[e].running.iter().filter(|&&r| {
            let req = &self.requests[r];
            !req.decodes
        });
        let held = self.engines[e].holding.iter().chain(prefilling);
        held.map(|&r| {
            let req = &self.requests[r];
            (req.known().div_ceil(self.block_tokens) as usize).saturating_sub(req.table.len())
        })
        .sum()
    }

    /// HBM slots of the leading blocks that are there, short of the last token.
    fn lookup_hbm(&self, e: usize, r: usize) -> Vec<usize> {
        let most = (self.requests[r].known() - 1) / self.block_tokens;
        (0..most as usize).map_while(|position| self.engines[e].pool.find(self.key(r, position))).collect()
    }

    /// Blocks of the nearest tier that continue what HBM has; `None` to ask again later.
    fn lookup_lower(&mut self, e: usize, r: usize, local: usize, now: u64) -> Option<Vec<BlockId>> {
        let Some(nearest) = self.scenario.tiers.first() else { return Some(Vec::new()) };
        let blocking = nearest.load == Load::Blocking;
        if blocking && !self.requests[r].jobs.is_empty() {
            return None;
        }
        let mut far_tiers = self.scenario.tiers.iter().skip(1);
        let promotes = far_tiers.any(|t| t.prefetch.start == PrefetchStart::Scheduling)
            && !self.requests[r].promoted_at_turn;
        let (mut later, mut far, mut run) = (false, Vec::new(), Vec::new());
        for position in local..(self.requests[r].known() / self.block_tokens) as usize {
            let Some(block) = self.block(r, position) else { break };
            if self.residency_ref(0, e).is_ready(block) {
                if far.is_empty() {
                    run.push(block);
                }
            } else if self.residency_ref(0, e).is_incoming(block) {
                later = true;
                if !blocking {
                    break;
                }
            } else if let Some(tier) = self.find_far(e, block).filter(|_| promotes) {
                far.push((tier, position, block));
            } else {
                break;
            }
        }
        if !far.is_empty() && self.promote(e, r, &far, now) {
            self.requests[r].promoted_at_turn = true;
            return None;
        }
        let loading = self.transfers.values().filter(|t| {
            t.kind == Kind::Load && t.engine == e && self.requests[t.request].phase == Phase::Loading
        });
        let busy: Vec<BlockId> = loading.flat_map(|t| &t.moves).map(|m| m.block).collect();
        if blocking && (later || run.iter().any(|block| busy.contains(block))) {
            return None;
        }
        Some(run)
    }

    fn take_hits(&mut self, e: usize, r: usize, hits: &[usize], loads: usize, now: u64) {
        hits.iter().for_each(|&slot| self.engines[e].pool.acquire(slot));
        let req = &mut self.requests[r];
        req.table = hits.to_vec();
        req.named = hits.len();
        let found = ((hits.len() + loads) as u32 * self.block_tokens).min(req.known() - 1);
        let record = &mut self.records[r];
        if req.admitted {
            record.recomputed_tokens += req.was_computed.saturating_sub(found);
        } else {
            req.admitted = true;
            record.scheduled_ns = now.max(record.arrival_ns);
            record.hit_hbm_tokens = hits.len() as u32 * self.block_tokens;
            record.hit_lower_tokens = found - record.hit_hbm_tokens;
            for (tier, depth) in std::mem::take(&mut req.promoted) {
                if (hits.len()..hits.len() + loads).contains(&depth) {
                    let rest = req.prompt - 1 - depth as u32 * self.block_tokens;
                    self.promoted_tokens[tier] += u64::from(rest.min(self.block_tokens));
                }
            }
            let blocks = self.trace.request(r).prompt_blocks;
            self.engines[e].blocks_admitted += blocks.len() as u64;
            for &block in blocks {
                let uses = self.engines[e].uses.entry(block).or_default();
                *uses = uses.saturating_add(1);
            }
        }
        self.use_begins(e, r, now);
    }

    /// The lower tiers hear of the use, deepest block first, and may be asked to copy down.
    fn use_begins(&mut self, e: usize, r: usize, now: u64) {
        let blocks = self.trace.request(r).prompt_blocks;
        for tier in 0..self.scenario.tiers.len() {
            let wanted_from = match self.scenario.tiers.get(tier + 1).map(|t| t.write_policy) {
                Some(WritePolicy::Through) => Some(0),
                Some(WritePolicy::Selective(n)) => Some(u32::from(n)),
                Some(WritePolicy::Back) | None => None,
            };
            let mut wanted = Vec::new();
            for (depth, &block) in blocks.iter().enumerate().rev() {
                if !self.residency_ref(tier, e).is_ready(block) {
                    continue;
                }
                let access = self.access(block, depth, r, now);
                let uses = u32::from(self.residency(tier, e).use_begins(&access)) + 1;
                if wanted_from.is_some_and(|n| uses >= n) && !self.residency_ref(tier + 1, e).has(block) {
                    wanted.insert(0, Move { block, depth, hbm: None, pinned: false });
                }
            }
            if !wanted.is_empty() {
                self.copy_down(tier + 1, e, &wanted, r, now);
            }
        }
    }

    fn start_load(&mut self, e: usize, r: usize, local: usize, loads: &[BlockId], step: &mut Step) {
        if loads.is_empty() {
            return;
        }
        let mut moves = Vec::new();
        for (place, &block) in loads.iter().enumerate() {
            moves.push(Move { block, depth: local + place, hbm: None, pinned: true });
        }
        let next = local + loads.len();
        self.requests[r].next_store = self.requests[r].next_store.max(next);
        let link = self.read_link(0, e);
        if self.scenario.tiers[0].load == Load::Blocking {
            let id = self.transfer(Kind::Load, e, r, link, moves);
            self.requests[r].jobs.insert(id);
            self.requests[r].first_told = local;
            step.loads.push(id);
        } else {
            let id = self.transfer(Kind::Layers, e, r, link, moves);
            step.layers.push((id, r));
        }
    }

    fn recompute_is_sooner(&self, e: usize, r: usize, local: usize, loads: usize, now: u64) -> bool {
        if loads == 0 || self.scenario.load_decision == LoadDecision::Always {
            return false;
        }
        let known = self.requests[r].known();
        let link = &self.links[self.read_link(0, e)];
        let done = link.estimate_ns(now, self.block_bytes[0] * loads as u64, loads as u64);
        let load = u128::from(done - now) * super::FS_PER_NS;
        let from = |blocks: usize| self.prefill_fs((blocks as u32 * self.block_tokens).min(known - 1), known);
        let (all, rest) = (from(local), from(local + loads));
        let layers = u128::from(self.scenario.layers);
        let with_load = match self.scenario.tiers[0].load {
            Load::Blocking => load + rest,
            Load::Layerwise => (load / layers + rest).max(load + rest / layers),
        };
        all <= with_load
    }

    /// Time to prefill tokens `from..to` alone.
    pub(super) fn prefill_fs(&self, from: u32, to: u32) -> u128 {
        if from >= to {
            return 0;
        }
        let new = (to - from).min(self.scenario.engine.max_batched_tokens);
        let chunks = [Chunk { new, context: from }];
        let work = Work { chunks: &chunks, decodes: 0, decode_context: 0 };
        u128::from(self.scenario.engine.step.step_fs(&work)) + self.prefill_fs(from + new, to)
    }
}
