//! Promotion: a prefetch copies blocks from far tiers to the nearest one, for a request that waits.

use crate::admit::prefill_fs;
use crate::instance::{Instance, Noticed};
use crate::request::{Phase, Promoted, block_at};
use crate::residency::Found;
use crate::scenario::LoadDecision;
use crate::world::{Kind, Move, World, access};
use kv_core::BlockId;
use kv_core::policy::{PrefetchStart, PrefetchStop, Slot};
use kv_core::units::FS_PER_NS;

/// A block in a far tier: tier, slot, position in the request, block.
type Far = (usize, Slot, u32, BlockId);

impl Instance {
    /// The nearest of the far tiers that has a block which the nearest tier can be given: one whose lease is over
    /// there, while something still holds it, cannot come a second time.
    pub(crate) fn find_far(&self, world: &mut World<'_>, block: BlockId) -> Option<(usize, Slot)> {
        if world.residency(0, self.id).has(block) {
            return None;
        }
        (1..world.scenario.tiers.len()).find_map(|tier| match world.residency(tier, self.id).find(block) {
            Found::Ready(slot) => Some((tier, slot)),
            Found::Incoming | Found::Absent => None,
        })
    }

    /// Starts prefetches for waiting requests, first come first served, while the prompts before theirs in the queue
    /// would fill less than half of the nearest tier: what those write would push an earlier prefetch out again.
    pub(crate) fn start_prefetches(&mut self, world: &mut World<'_>, now_ns: u64) {
        let limit = match world.scenario.tiers.first() {
            Some(nearest) if world.scenario.tiers.len() > 1 => {
                nearest.capacity_blocks.map_or(u32::MAX, |n| n / 2)
            }
            _ => return self.promotion_queue.clear(),
        };
        while let Some(&(id, index, before)) = self.promotion_queue.front() {
            if before > self.blocks_admitted + u64::from(limit) {
                break;
            }
            self.promotion_queue.pop_front();
            let live = &self.live[id as usize];
            if live.index == index && live.phase == Phase::Waiting && live.promoted == Promoted::No {
                self.prefetch(world, id, now_ns);
            }
        }
    }

    /// Starts a prefetch for a waiting request, where the tier's rules say so.
    fn prefetch(&mut self, world: &mut World<'_>, id: u32, now_ns: u64) {
        let scenario = world.scenario;
        let live = &self.live[id as usize];
        let view = world.trace.request(live.index as usize);
        let most = ((live.prompt - 1) / world.trace.block_tokens()) as usize;
        let mut far: Vec<Far> = Vec::new();
        for position in 0..most {
            let Some(block) = block_at(&view, scenario.generated, position) else { break };
            if self.pool.find(block).is_some() || world.residency(0, self.id).find(block) != Found::Absent {
                continue;
            }
            match self.find_far(world, block) {
                Some((tier, slot)) => far.push((tier, slot, position as u32, block)),
                None => break,
            }
        }
        far.retain(|(tier, ..)| scenario.tiers[*tier].prefetch.start == PrefetchStart::Enqueue);
        let Some(&(tier, _, first, _)) = far.first() else { return };
        let tokens = far.len() as u64 * u64::from(world.trace.block_tokens());
        if tokens < u64::from(scenario.tiers[tier].prefetch.min_tokens) {
            world.unread[tier].too_short = true;
            return;
        }
        if scenario.load_decision == LoadDecision::LoadOrRecompute
            && self.computed_before_promotion(world, id, tier, first, far.len() as u32, now_ns)
        {
            world.unread[tier].computed_sooner = true;
            return;
        }
        self.promote(world, id, &far, now_ns);
    }

    /// Starts copying blocks up; false if there is no room for them.
    pub(crate) fn promote(&mut self, world: &mut World<'_>, id: u32, far: &[Far], now_ns: u64) -> bool {
        // Pinned before room is made, which may evict from the tiers that they are in.
        for &(tier, source, ..) in far {
            world.residency(tier, self.id).pin(source);
        }
        let fits = world.make_room(0, self.id, far.len() as u32, now_ns);
        let request = self.live[id as usize].index;
        for tier in 1..world.scenario.tiers.len() {
            let mut moves = world.moves();
            for &(_, source, depth, block) in far.iter().filter(|f| f.0 == tier) {
                if fits {
                    let access = access(world.scenario, block, depth, request, now_ns);
                    let target = Some(world.residency(0, self.id).reserve(&access));
                    moves.push(Move { block, depth, source: Some(source), target, hbm: None });
                } else {
                    world.unread[tier].no_room = true;
                    world.residency(tier, self.id).unpin(source, now_ns);
                }
            }
            if moves.is_empty() {
                world.recycle(moves);
                continue;
            }
            let link = world.read_link(tier, self.id);
            let kind = Kind::Promotion { tier: tier as u32, instance: self.id, live: id };
            let job = world.plan(kind, link, request, moves);
            world.submit(job, now_ns);
            self.live[id as usize].promotion.transfers.push(job);
        }
        let live = &mut self.live[id as usize];
        live.promoted = Promoted::Asked;
        live.promotion.start_ns = now_ns;
        live.promotion.blocks = far.len() as u32;
        self.recheck.copies_begin();
        fits
    }

    /// Blocks of a prefetch have arrived.
    pub(crate) fn promoted(&mut self, world: &mut World<'_>, job: u32, now_ns: u64) {
        let transfer = world.take(job);
        let Kind::Promotion { tier, live, .. } = transfer.kind else { unreachable!("a prefetch") };
        self.live[live as usize].promotion.transfers.retain(|&other| other != job);
        self.settle_promotion(world, live, tier as usize, &transfer.moves, transfer.request, now_ns);
        world.recycle(transfer.moves);
        self.notice(world, now_ns, Noticed::AtPoll);
    }

    fn settle_promotion(
        &mut self,
        world: &mut World<'_>,
        id: u32,
        tier: usize,
        arrived: &[Move],
        request: u32,
        now_ns: u64,
    ) {
        world.read_blocks[tier] += arrived.len() as u64;
        world.unpin_sources(tier, self.id, arrived, now_ns);
        let promotion = &mut self.live[id as usize].promotion;
        // A block that was evicted and promoted again counts for where it came from last.
        promotion.arrived.retain(|(_, depth)| !arrived.iter().any(|m| m.depth == *depth));
        promotion.arrived.extend(arrived.iter().map(|m| (tier as u32, m.depth)));
        world.arrive(0, self.id, arrived, request, now_ns);
    }

    /// Whether a request need not wait for its prefetch any more; what has not arrived then is dropped.
    pub(crate) fn promotion_is_over(&mut self, world: &mut World<'_>, id: u32, now_ns: u64) -> bool {
        let live = &self.live[id as usize];
        let Some(&job) = live.promotion.transfers.first() else { return true };
        let Kind::Promotion { tier, .. } = world.transfer(job).kind else { unreachable!("a prefetch") };
        let prefetch = world.scenario.tiers[tier as usize].prefetch;
        let tokens = u64::from(live.promotion.blocks) * u64::from(world.trace.block_tokens());
        let wait = match (world.scenario.load_decision, prefetch.stop) {
            _ if live.promoted == Promoted::AtScheduling => true,
            (LoadDecision::LoadOrRecompute, _) => {
                self.recheck.holds_one_step();
                self.rest_arrives_sooner(world, id, now_ns)
            }
            (LoadDecision::Always, PrefetchStop::BestEffort) => false,
            (LoadDecision::Always, PrefetchStop::WaitComplete) => true,
            (LoadDecision::Always, stop @ PrefetchStop::Timeout { .. }) => {
                let until_ns = stop.until_ns(live.promotion.start_ns, tokens).expect("a timeout");
                if now_ns < until_ns {
                    self.recheck.waits_until(until_ns);
                }
                now_ns < until_ns
            }
        };
        if !wait {
            self.stop_promotion(world, id, now_ns);
        }
        !wait
    }

    fn stop_promotion(&mut self, world: &mut World<'_>, id: u32, now_ns: u64) {
        for job in std::mem::take(&mut self.live[id as usize].promotion.transfers) {
            let link = world.transfer(job).link as usize;
            let arrived = world.links[link].cancel(now_ns, job) as usize;
            world.tell_transfer(job, arrived as u32, now_ns);
            let transfer = world.take(job);
            let Kind::Promotion { tier, .. } = transfer.kind else { unreachable!("a prefetch") };
            world.touched.push(transfer.link);
            let (there, not) = transfer.moves.split_at(arrived);
            world.gives_up(tier as usize, not.len());
            self.settle_promotion(world, id, tier as usize, there, transfer.request, now_ns);
            world.unpin_sources(tier as usize, self.id, not, now_ns);
            for m in not {
                world.residency(0, self.id).withdraw(m.target.expect("it was reserved"), now_ns);
            }
            world.recycle(transfer.moves);
        }
    }

    /// Load or recompute, at the queue's head: whether what is still to come is there before it is computed.
    fn rest_arrives_sooner(&self, world: &mut World<'_>, id: u32, now_ns: u64) -> bool {
        let live = &self.live[id as usize];
        let mut done_ns = now_ns;
        let (mut first, mut last) = (u32::MAX, 0);
        for &job in &live.promotion.transfers {
            let transfer = world.transfer(job);
            let depths = transfer.moves.iter().map(|m| m.depth);
            first = depths.clone().min().map_or(first, |depth| first.min(depth));
            last = depths.max().map_or(last, |depth| last.max(depth));
            let link = transfer.link;
            let estimate = world.links[link as usize].done_estimate_ns(now_ns, job);
            done_ns = done_ns.max(estimate.unwrap_or(now_ns));
        }
        let block_tokens = world.trace.block_tokens();
        let compute = prefill_fs(world, first * block_tokens, (last + 1) * block_tokens);
        u128::from(done_ns - now_ns) * u128::from(FS_PER_NS) < compute
    }

    /// Load or recompute, at enqueue: whether the engine would have computed the blocks, after all that waits
    /// before the request, by the time they could be here.
    fn computed_before_promotion(
        &self,
        world: &World<'_>,
        id: u32,
        tier: usize,
        first: u32,
        blocks: u32,
        now_ns: u64,
    ) -> bool {
        let block_tokens = world.trace.block_tokens();
        let link = &world.links[world.read_link(tier, self.id) as usize];
        let arrival_ns = link.estimate_ns(now_ns, world.tier_block_bytes[tier] * u64::from(blocks), blocks);
        let ahead = self.waiting_tokens - u64::from(self.live[id as usize].known());
        let budget = world.scenario.engine.max_batched_tokens;
        let backlog = prefill_fs(world, 0, budget) * u128::from(ahead) / u128::from(budget);
        let own = prefill_fs(world, first * block_tokens, (first + blocks) * block_tokens);
        u128::from(arrival_ns - now_ns) * u128::from(FS_PER_NS) >= backlog + own
    }
}
