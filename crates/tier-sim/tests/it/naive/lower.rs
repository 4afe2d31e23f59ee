//! The lower tiers and the flows between them.

use super::request::Phase;
use super::tier::Residency;
use super::{Kind, Move, Transfer, Twin};
use kv_core::BlockId;
use kv_core::policy::Access;
use tier_sim::{Duplex, Scope, WritePolicy};

impl Twin<'_> {
    fn owner(&self, tier: usize, e: usize) -> usize {
        if self.scenario.tiers[tier].scope == Scope::Cluster { 0 } else { e }
    }

    pub(super) fn residency(&mut self, tier: usize, e: usize) -> &mut Residency {
        let owner = self.owner(tier, e);
        &mut self.tiers[tier][owner]
    }

    pub(super) fn residency_ref(&self, tier: usize, e: usize) -> &Residency {
        &self.tiers[tier][self.owner(tier, e)]
    }

    /// Links are numbered by tier, then owner, then direction.
    pub(super) fn read_link(&self, tier: usize, e: usize) -> usize {
        let each = |t: usize| if self.scenario.tiers[t].duplex == Duplex::Full { 2 } else { 1 };
        let before: usize = (0..tier).map(|t| each(t) * self.tiers[t].len()).sum();
        before + self.owner(tier, e) * each(tier)
    }

    pub(super) fn write_link(&self, tier: usize, e: usize) -> usize {
        self.read_link(tier, e) + usize::from(self.scenario.tiers[tier].duplex == Duplex::Full)
    }

    pub(super) fn expire(&mut self, now: u64) {
        self.tiers.iter_mut().flatten().for_each(|store| store.expire(now));
    }

    pub(super) fn access(&self, block: BlockId, depth: usize, request: usize, now: u64) -> Access {
        Access { block, depth: depth as u32, group: self.group(block), request: request as u32, now_ns: now }
    }

    pub(super) fn transfer(
        &mut self,
        kind: Kind,
        engine: usize,
        request: usize,
        link: usize,
        moves: Vec<Move>,
    ) -> u64 {
        self.next_transfer += 1;
        let transfer = Transfer {
            kind,
            engine,
            request,
            link,
            moves,
            submitted: false,
            arrived: false,
            gates_step: false,
        };
        self.transfers.insert(self.next_transfer, transfer);
        self.next_transfer
    }

    /// Hands a transfer to its link, once; one that is over is left alone.
    pub(super) fn submit(&mut self, id: u64, now: u64) {
        let Some(transfer) = self.transfers.get_mut(&id).filter(|t| !t.submitted) else { return };
        transfer.submitted = true;
        let blocks = transfer.moves.len() as u64;
        let tier = match transfer.kind {
            Kind::Store | Kind::Load | Kind::Layers => 0,
            Kind::Promotion { tier } | Kind::Demotion { tier } => tier,
        };
        self.links[transfer.link].submit(now, id, blocks * self.block_bytes[tier], blocks);
    }

    pub(super) fn link_event(&mut self, link: usize, now: u64) {
        let id = self.links[link].pop_done(now).expect("its next event is a completion");
        self.expire(now);
        let transfer = self.transfers.get_mut(&id).expect("it is under way");
        transfer.arrived = true;
        let (kind, e, gates) = (transfer.kind, transfer.engine, transfer.gates_step);
        if matches!(kind, Kind::Store | Kind::Load) {
            self.engines[e].inbox.push((now, id));
            self.notice(e, now);
            if gates {
                self.gate_opens(e, now);
            }
            return;
        }
        let transfer = self.transfers.remove(&id).expect("it is under way");
        match kind {
            Kind::Layers => {
                self.read_blocks[0] += transfer.moves.len() as u64;
                self.unpin_sources(0, e, &transfer.moves, now);
                self.layers_done(e, now);
            }
            Kind::Promotion { tier } => {
                self.requests[transfer.request].promotions.retain(|&other| other != id);
                self.promotion_arrives(e, tier, &transfer.moves, transfer.request, now);
                self.notice(e, now);
            }
            Kind::Demotion { tier } => {
                if tier > 0 {
                    self.unpin_sources(tier - 1, e, &transfer.moves, now);
                }
                self.arrive_in(tier, e, &transfer.moves, transfer.request, now);
                if tier == 0 {
                    self.notice(e, now); // a request may wait for what is written back
                }
            }
            Kind::Store | Kind::Load => unreachable!("handled above"),
        }
    }

    pub(super) fn writes_back(&self, tier: usize) -> bool {
        self.scenario.tiers.get(tier).is_some_and(|t| t.write_policy == WritePolicy::Back)
    }

    pub(super) fn make_room(&mut self, tier: usize, e: usize, count: usize, now: u64) -> bool {
        let Some(evicted) = self.residency(tier, e).make_room(count, now) else { return false };
        if !evicted.is_empty() && self.writes_back(tier + 1) {
            self.write_back(tier + 1, e, &evicted, now);
        }
        true
    }

    fn in_reach(&self, tier: usize, e: usize, now: u64) -> bool {
        let backlog = self.links[self.write_link(tier, e)].left_ns(now);
        self.scenario.tiers[tier].write_backlog_ns.is_none_or(|limit| backlog <= limit)
    }

    /// Copies what the tier above has just dropped.
    pub(super) fn write_back(&mut self, tier: usize, e: usize, blocks: &[BlockId], now: u64) {
        let mut moves = Vec::new();
        let latest = self.records.len() - 1;
        for &block in blocks {
            let wanted = !self.residency(tier, e).has(block) && self.in_reach(tier, e, now);
            if !wanted {
                continue;
            }
            if !self.make_room(tier, e, 1, now) {
                self.residency(tier, e).rejections += 1;
                continue;
            }
            let mut depth = 0;
            let mut parent = self.trace.parent(block);
            while let Some(block) = parent {
                depth += 1;
                parent = self.trace.parent(block);
            }
            let access = self.access(block, depth, latest, now);
            self.residency(tier, e).reserve(&access);
            moves.push(Move { block, depth, hbm: None, pinned: false });
        }
        self.demote(tier, e, latest, moves, now);
    }

    /// Whether a tier takes a copy: its queue is short, and it keeps whole prefixes.
    pub(super) fn takes(&self, tier: usize, e: usize, block: BlockId, now: u64) -> bool {
        self.scenario.tiers[tier].write_backlog_ns.is_none()
            || (self.in_reach(tier, e, now)
                && self.trace.parent(block).is_none_or(|parent| self.residency_ref(tier, e).has(parent)))
    }

    /// Copies resident blocks of the tier above into a tier.
    pub(super) fn copy_down(&mut self, tier: usize, e: usize, blocks: &[Move], request: usize, now: u64) {
        let mut moves = Vec::new();
        for m in blocks {
            if !self.residency_ref(tier - 1, e).is_ready(m.block) || self.residency_ref(tier, e).has(m.block)
            {
                continue;
            }
            if !self.takes(tier, e, m.block, now) || !self.make_room(tier, e, 1, now) {
                self.residency(tier, e).rejections += 1;
                continue;
            }
            let access = self.access(m.block, m.depth, request, now);
            self.residency(tier, e).reserve(&access);
            self.residency(tier - 1, e).pin(m.block);
            moves.push(Move { hbm: None, pinned: true, ..*m });
        }
        self.demote(tier, e, request, moves, now);
    }

    fn demote(&mut self, tier: usize, e: usize, request: usize, moves: Vec<Move>, now: u64) {
        if !moves.is_empty() {
            let link = self.write_link(tier, e);
            let id = self.transfer(Kind::Demotion { tier }, e, request, link, moves);
            self.submit(id, now);
        }
    }

    /// Copies have arrived in a tier, and go on to the next one where that is written through.
    pub(super) fn arrive_in(&mut self, tier: usize, e: usize, moves: &[Move], request: usize, now: u64) {
        for m in moves {
            let access = self.access(m.block, m.depth, request, now);
            self.residency(tier, e).arrive(&access);
        }
        let below = self.scenario.tiers.get(tier + 1).map(|t| t.write_policy);
        if matches!(below, Some(WritePolicy::Through | WritePolicy::Selective(0 | 1))) {
            self.copy_down(tier + 1, e, moves, request, now);
        }
    }

    pub(super) fn unpin_sources(&mut self, tier: usize, e: usize, moves: &[Move], now: u64) {
        for m in moves.iter().filter(|m| m.pinned) {
            self.residency(tier, e).unpin(m.block, now);
        }
    }

    /// Whether a request waits in the queue with nothing in its hands.
    pub(super) fn waits(&self, r: usize) -> bool {
        self.requests[r].phase == Phase::Waiting
    }
}
