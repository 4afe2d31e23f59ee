//! Prefetch from far tiers for requests that wait.

use super::{FS_PER_NS, Kind, Move, Twin, pool};
use kv_core::BlockId;
use tier_sim::{LoadDecision, PrefetchStart, PrefetchStop};

/// (tier, position, block)
type Far = (usize, usize, BlockId);

impl Twin<'_> {
    /// The nearest far tier that has a block which is nowhere in the nearest tier, not even about to leave it.
    pub(super) fn find_far(&self, e: usize, block: BlockId) -> Option<usize> {
        if self.residency_ref(0, e).has(block) {
            return None;
        }
        (1..self.scenario.tiers.len()).find(|&tier| self.residency_ref(tier, e).is_ready(block))
    }

    /// In order of arrival, while the prompts before would fill less than half of the nearest tier.
    pub(super) fn start_prefetches(&mut self, e: usize, now: u64) {
        if self.scenario.tiers.len() < 2 {
            self.engines[e].promotion_queue.clear();
            return;
        }
        let half = self.scenario.tiers[0].capacity_blocks.map_or(u64::from(u32::MAX), |n| u64::from(n / 2));
        while let Some(&(r, before)) = self.engines[e].promotion_queue.first() {
            if before > self.engines[e].blocks_admitted + half {
                break;
            }
            self.engines[e].promotion_queue.remove(0);
            if self.waits(r) && !self.requests[r].asked_far {
                self.prefetch(e, r, now);
            }
        }
    }

    fn prefetch(&mut self, e: usize, r: usize, now: u64) {
        let most = ((self.requests[r].prompt - 1) / self.block_tokens) as usize;
        let mut far: Vec<Far> = Vec::new();
        for position in 0..most {
            let Some(block) = self.block(r, position) else { break };
            let in_hbm = self.engines[e].pool.find(pool::Key::Block(block)).is_some();
            let near = self.residency_ref(0, e);
            if in_hbm || near.is_ready(block) || near.is_incoming(block) {
                continue;
            }
            let Some(tier) = self.find_far(e, block) else { break };
            far.push((tier, position, block));
        }
        far.retain(|(tier, ..)| self.scenario.tiers[*tier].prefetch.start == PrefetchStart::Enqueue);
        let Some(&(tier, first, _)) = far.first() else { return };
        let tokens = far.len() as u64 * u64::from(self.block_tokens);
        if tokens < u64::from(self.scenario.tiers[tier].prefetch.min_tokens) {
            self.unread[tier].too_short = true;
            return;
        }
        if self.scenario.load_decision == LoadDecision::LoadOrRecompute
            && self.computed_before_promotion(e, r, tier, first, far.len(), now)
        {
            self.unread[tier].computed_sooner = true;
            return;
        }
        self.promote(e, r, &far, now);
    }

    /// Starts copying blocks up; false if there is no room.
    pub(super) fn promote(&mut self, e: usize, r: usize, far: &[Far], now: u64) -> bool {
        far.iter().for_each(|&(tier, _, block)| self.residency(tier, e).pin(block));
        let fits = self.make_room(0, e, far.len(), now);
        for tier in 1..self.scenario.tiers.len() {
            let mut moves = Vec::new();
            for &(_, depth, block) in far.iter().filter(|f| f.0 == tier) {
                if !fits {
                    self.unread[tier].no_room = true;
                    self.residency(tier, e).unpin(block, now);
                    continue;
                }
                let access = self.access(block, depth, r, now);
                self.residency(0, e).reserve(&access);
                moves.push(Move { block, depth, hbm: None, pinned: true });
            }
            if !moves.is_empty() {
                let link = self.read_link(tier, e);
                let id = self.transfer(Kind::Promotion { tier }, e, r, link, moves);
                self.submit(id, now);
                self.requests[r].promotions.push(id);
            }
        }
        let req = &mut self.requests[r];
        req.asked_far = true;
        req.promotion_start_ns = now;
        req.promotion_blocks = far.len();
        fits
    }

    pub(super) fn promotion_arrives(&mut self, e: usize, tier: usize, moves: &[Move], r: usize, now: u64) {
        self.read_blocks[tier] += moves.len() as u64;
        self.unpin_sources(tier, e, moves, now);
        for m in moves {
            self.requests[r].promoted.retain(|(_, depth)| *depth != m.depth);
            self.requests[r].promoted.push((tier, m.depth));
        }
        self.arrive_in(0, e, moves, r, now);
    }

    /// Whether a request need not wait for its prefetch any more; what has not arrived is dropped.
    pub(super) fn promotion_is_over(&mut self, e: usize, r: usize, now: u64) -> bool {
        let req = &self.requests[r];
        let Some(first) = req.promotions.first() else { return true };
        let Kind::Promotion { tier } = self.transfers[first].kind else { panic!("a prefetch") };
        let prefetch = self.scenario.tiers[tier].prefetch;
        let tokens = req.promotion_blocks as u64 * u64::from(self.block_tokens);
        let wait = match (req.promoted_at_turn, self.scenario.load_decision, prefetch.stop) {
            (true, ..) => true,
            (_, LoadDecision::LoadOrRecompute, _) => self.rest_arrives_sooner(r, now),
            (_, _, PrefetchStop::BestEffort) => false,
            (_, _, PrefetchStop::WaitComplete) => true,
            (_, _, PrefetchStop::Timeout { base_ns, per_1024_tokens_ns }) => {
                let until = req.promotion_start_ns + base_ns + per_1024_tokens_ns * tokens / 1024;
                if now < until {
                    let wake = &mut self.engines[e].wake_ns;
                    *wake = Some(wake.map_or(until, |ns| ns.min(until)));
                }
                now < until
            }
        };
        if !wait {
            for id in std::mem::take(&mut self.requests[r].promotions) {
                let transfer = self.transfers.remove(&id).expect("it is under way");
                let Kind::Promotion { tier } = transfer.kind else { panic!("a prefetch") };
                let arrived = self.links[transfer.link].cancel(now, id);
                let (there, not) = transfer.moves.split_at(arrived);
                if !not.is_empty() && self.scenario.load_decision == LoadDecision::LoadOrRecompute {
                    self.unread[tier].computed_sooner = true;
                } else if !not.is_empty() {
                    self.unread[tier].dropped = true;
                }
                self.promotion_arrives(e, tier, there, r, now);
                self.unpin_sources(tier, e, not, now);
                not.iter().for_each(|m| self.residency(0, e).withdraw(m.block, now));
            }
        }
        !wait
    }

    fn rest_arrives_sooner(&self, r: usize, now: u64) -> bool {
        let promotions = self.requests[r].promotions.iter().map(|id| (*id, &self.transfers[id]));
        let done = promotions.clone().map(|(id, t)| self.links[t.link].done_estimate_ns(now, id)).max();
        let depths: Vec<u32> = promotions.flat_map(|(_, t)| &t.moves).map(|m| m.depth as u32).collect();
        let (first, last) = (*depths.iter().min().expect("a block"), *depths.iter().max().expect("a block"));
        let compute = self.prefill_fs(first * self.block_tokens, (last + 1) * self.block_tokens);
        u128::from(done.expect("a transfer") - now) * FS_PER_NS < compute
    }

    fn computed_before_promotion(
        &self,
        e: usize,
        r: usize,
        tier: usize,
        first: usize,
        blocks: usize,
        now: u64,
    ) -> bool {
        let link = &self.links[self.read_link(tier, e)];
        let done = link.estimate_ns(now, self.block_bytes[tier] * blocks as u64, blocks as u64);
        let others = self.engines[e].waiting.iter().filter(|&&other| other != r);
        let ahead: u64 = others.map(|&other| u64::from(self.requests[other].known())).sum();
        let budget = self.scenario.engine.max_batched_tokens;
        let backlog = self.prefill_fs(0, budget) * u128::from(ahead) / u128::from(budget);
        let from = first as u32 * self.block_tokens;
        let own = self.prefill_fs(from, from + blocks as u32 * self.block_tokens);
        u128::from(done - now) * FS_PER_NS >= backlog + own
    }
}
