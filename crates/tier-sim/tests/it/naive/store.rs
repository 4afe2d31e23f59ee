//! Stores from HBM to the nearest tier, and what it tells the tiers about requests that have ended.

use super::engine::Step;
use super::request::Phase;
use super::{Kind, Move, Twin};
use tier_sim::{Contents, Generated, WritePolicy};

impl Twin<'_> {
    pub(super) fn stores_output(&self) -> bool {
        self.scenario.tiers.first().is_some_and(|tier| tier.contents == Contents::PromptAndOutput)
    }

    /// Stores the blocks that the step fills, after those that found no room before.
    pub(super) fn store_blocks(&mut self, e: usize, step: &mut Step, now: u64) {
        let threshold = match self.scenario.tiers.first().map(|tier| tier.write_policy) {
            Some(WritePolicy::Through) => 0,
            Some(WritePolicy::Selective(n)) => n,
            Some(WritePolicy::Back) | None => return,
        };
        for r in std::mem::take(&mut self.engines[e].unstored) {
            let req = &self.requests[r];
            if req.phase == Phase::Running && req.decodes && !req.is_ending() {
                let full = req.named;
                self.store_request(e, r, full, threshold, step, now);
            }
        }
        for (r, full) in std::mem::take(&mut step.filled) {
            self.store_request(e, r, full, threshold, step, now);
        }
    }

    fn store_request(&mut self, e: usize, r: usize, full: usize, threshold: u8, step: &mut Step, now: u64) {
        if self.requests[r].table.is_empty() {
            return; // preempted after it was served
        }
        let full = match self.scenario.tiers[0].contents {
            Contents::Prompt => full.min(self.trace.request(r).prompt_blocks.len()),
            Contents::PromptAndOutput => full,
        };
        let (mut moves, mut resident): (Vec<Move>, Vec<_>) = (Vec::new(), Vec::new());
        for depth in self.requests[r].next_store..full {
            let Some(block) = self.block(r, depth) else { break };
            if threshold > 1 && self.engines[e].uses.get(&block).is_none_or(|&uses| uses < threshold) {
                continue;
            }
            if self.residency_ref(0, e).is_ready(block) {
                resident.push(block);
                continue;
            }
            if self.residency_ref(0, e).has(block) {
                continue;
            }
            let extends = moves.last().is_some_and(|m| m.depth + 1 == depth);
            if !extends && !self.takes(0, e, block, now) {
                let refused = full.saturating_sub(depth.max(self.requests[r].refused));
                self.residency(0, e).rejections += refused as u64;
                break;
            }
            let hbm = Some(self.requests[r].table[depth]);
            moves.push(Move { block, depth, hbm, pinned: false });
        }
        if !moves.is_empty() {
            // What it has there must not make room for the rest of it.
            resident.iter().for_each(|&block| self.residency(0, e).pin(block));
            let fits = self.make_room(0, e, moves.len(), now);
            resident.iter().for_each(|&block| self.residency(0, e).unpin(block, now));
            if !fits {
                let refused = self.requests[r].refused;
                self.residency(0, e).rejections += moves.iter().filter(|m| m.depth >= refused).count() as u64;
                self.requests[r].refused = refused.max(full);
                if !self.engines[e].unstored.contains(&r) {
                    self.engines[e].unstored.push(r);
                }
                return;
            }
            for m in &moves {
                let access = self.access(m.block, m.depth, r, now);
                self.residency(0, e).reserve(&access);
            }
            let link = self.write_link(0, e);
            let id = self.transfer(Kind::Store, e, r, link, moves);
            self.requests[r].jobs.insert(id);
            step.stores.push(id);
        }
        self.requests[r].next_store = self.requests[r].next_store.max(full);
    }

    /// Requests that have ended were the last to use their blocks, the head of the prefix most recently.
    pub(super) fn settle_ended(&mut self, e: usize, now: u64) {
        for r in std::mem::take(&mut self.engines[e].ended) {
            let req = &self.requests[r];
            let full = ((req.prompt + req.output - 1) / self.block_tokens) as usize;
            let view = self.trace.request(r);
            let outputs = match self.scenario.generated {
                Generated::Addressable => view.output_blocks.len(),
                Generated::Anonymous => 0,
            };
            let named = full.min(view.prompt_blocks.len() + outputs);
            let first = req.first_told;
            for tier in 0..self.scenario.tiers.len() {
                for depth in (if tier == 0 { first } else { 0 }..named).rev() {
                    let block = self.block(r, depth).expect("it has an id");
                    let access = self.access(block, depth, r, now);
                    self.residency(tier, e).use_ends(&access);
                }
            }
        }
    }
}
