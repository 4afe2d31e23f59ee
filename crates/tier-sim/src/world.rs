//! What instances share: lower tiers, links and transfers, and the demotions from tier to tier.

use crate::link::Link;
use crate::observe::Observer;
use crate::residency::{Found, Residency};
use crate::scenario::{Duplex, LoadDecision, Scenario, Scope, WritePolicy};
use crate::stats::{RequestRecord, Unread};
use kv_core::policy::{Access, Build, Context, Slot};
use kv_core::{BlockId, Group, Trace};

/// What a transfer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// HBM to the nearest tier, for a request.
    Store { instance: u32, live: u32 },
    /// The nearest tier to HBM, before the request joins a step.
    Load { instance: u32, live: u32 },
    /// The nearest tier to HBM, during a step.
    Layers { instance: u32 },
    /// A far tier to the nearest one, for a request that waits.
    Promotion { tier: u32, instance: u32, live: u32 },
    /// Into a tier from the one above; from HBM where the tier is the nearest.
    Demotion { tier: u32, instance: u32 },
}

impl Kind {
    /// The lower tier whose link it uses.
    fn tier(self) -> usize {
        match self {
            Self::Store { .. } | Self::Load { .. } | Self::Layers { .. } => 0,
            Self::Promotion { tier, .. } | Self::Demotion { tier, .. } => tier as usize,
        }
    }
}

/// One block of a transfer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Move {
    pub(crate) block: BlockId,
    pub(crate) depth: u32,
    /// Pinned where it comes from, if that is a lower tier.
    pub(crate) source: Option<Slot>,
    /// Reserved where it goes, if that is a lower tier.
    pub(crate) target: Option<Slot>,
    /// The HBM slot it is stored from.
    pub(crate) hbm: Option<u32>,
}

/// Blocks on their way from one tier to another.
#[derive(Debug)]
pub(crate) struct Transfer {
    pub(crate) kind: Kind,
    pub(crate) link: u32,
    /// The request that caused it, by position in the trace.
    pub(crate) request: u32,
    pub(crate) moves: Vec<Move>,
    pub(crate) submitted: Submitted,
    /// A step of the instance cannot start before this ends.
    pub(crate) gates_start: bool,
}

/// Whether a transfer is on its link yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Submitted {
    /// Its link has it.
    Yes,
    /// Planned; handed over when the step after its own starts.
    NotYet,
    /// Its bytes have arrived; the instance has not noticed yet.
    Done,
}

/// A use of a block, as policies see it.
pub(crate) fn access(scenario: &Scenario, block: BlockId, depth: u32, request: u32, now_ns: u64) -> Access {
    let group = scenario.groups.as_ref().map_or(Group::REST, |groups| groups[block.index()]);
    Access { block, depth, group, request, now_ns }
}

/// Where the residencies and links of a tier begin.
#[derive(Debug, Clone, Copy)]
struct Place {
    residency: u32,
    link: u32,
    scope: Scope,
    duplex: Duplex,
}

/// Lower tiers, links and transfers of the cluster.
pub(crate) struct World<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) trace: &'a Trace,
    /// KV of a block in each lower tier \[B\].
    pub(crate) tier_block_bytes: Vec<u64>,
    pub(crate) residencies: Vec<Residency>,
    pub(crate) links: Vec<Link>,
    places: Vec<Place>,
    transfers: Vec<Option<Transfer>>,
    vacant: Vec<u32>,
    spare_moves: Vec<Vec<Move>>,
    pub(crate) records: Vec<RequestRecord>,
    /// Requests that have made their last token.
    pub(crate) ended: usize,
    /// Prompt tokens that were loaded after a promotion from each tier for their request.
    pub(crate) promoted_tokens: Vec<u64>,
    /// Blocks that were copied out of each tier, towards HBM.
    pub(crate) read_blocks: Vec<u64>,
    /// Why blocks of each tier were not read.
    pub(crate) unread: Vec<Unread>,
    /// Links whose next event may have changed.
    pub(crate) touched: Vec<u32>,
    pub(crate) observer: Observer<'a>,
    /// A buffer for what it is told: prompt tokens found in each tier.
    pub(crate) hit_tokens: Vec<u32>,
}

impl<'a> World<'a> {
    pub(crate) fn new(scenario: &'a Scenario, trace: &'a Trace, observer: Observer<'a>) -> Self {
        let (mut residencies, mut links, mut places) = (Vec::new(), Vec::new(), Vec::new());
        for (number, tier) in scenario.tiers.iter().enumerate() {
            places.push(Place {
                residency: residencies.len() as u32,
                link: links.len() as u32,
                scope: tier.scope,
                duplex: tier.duplex,
            });
            let owners = if tier.scope == Scope::Cluster { 1 } else { scenario.instances };
            for owner in 0..owners {
                let context = Context {
                    trace,
                    capacity_blocks: tier.capacity_blocks,
                    seed: scenario.seed ^ (u64::from(owner) << 32 | (number as u64 + 1) << 16),
                    group_leases: &tier.group_leases,
                };
                let Build::Eviction(eviction) = tier.eviction.spec.build else { unreachable!("checked") };
                let Build::Lease(lease) = tier.lease.spec.build else { unreachable!("checked") };
                let mut residency = Residency::new(
                    tier.capacity_blocks,
                    trace.unique_blocks(),
                    eviction(&tier.eviction.params, &context),
                    lease(&tier.lease.params, &context),
                );
                if observer.is_some() {
                    residency.keep_expired();
                }
                residencies.push(residency);
                links.push(Link::new(tier.read));
                if tier.duplex == Duplex::Full {
                    links.push(Link::new(tier.write));
                }
            }
        }
        Self {
            scenario,
            trace,
            tier_block_bytes: scenario
                .tiers
                .iter()
                .map(|tier| scenario.bytes_per_token(Some(tier)) * u64::from(trace.block_tokens()))
                .collect(),
            residencies,
            links,
            places,
            transfers: Vec::new(),
            vacant: Vec::new(),
            spare_moves: Vec::new(),
            records: Vec::with_capacity(trace.len()),
            ended: 0,
            promoted_tokens: vec![0; scenario.tiers.len()],
            read_blocks: vec![0; scenario.tiers.len()],
            unread: vec![Unread::default(); scenario.tiers.len()],
            touched: Vec::new(),
            observer,
            hit_tokens: vec![0; scenario.tiers.len() + 1],
        }
    }

    /// The residency of a tier that an instance uses, as an index.
    pub(crate) fn residency_index(&self, tier: usize, instance: u32) -> usize {
        let place = self.places[tier];
        (place.residency + if place.scope == Scope::Cluster { 0 } else { instance }) as usize
    }

    pub(crate) fn residency(&mut self, tier: usize, instance: u32) -> &mut Residency {
        let index = self.residency_index(tier, instance);
        &mut self.residencies[index]
    }

    /// The link out of a tier, upwards.
    pub(crate) fn read_link(&self, tier: usize, instance: u32) -> u32 {
        let place = self.places[tier];
        let owner = if place.scope == Scope::Cluster { 0 } else { instance };
        place.link + owner * if place.duplex == Duplex::Full { 2 } else { 1 }
    }

    /// The link into a tier, from above.
    pub(crate) fn write_link(&self, tier: usize, instance: u32) -> u32 {
        self.read_link(tier, instance) + u32::from(self.places[tier].duplex == Duplex::Full)
    }

    /// The owner of the tier that an instance uses; `None` where the cluster shares it.
    pub(crate) fn owner(&self, tier: usize, instance: u32) -> Option<u32> {
        Some(instance).filter(|_| self.places[tier].scope == Scope::Instance)
    }

    /// Drops what has expired anywhere.
    pub(crate) fn expire(&mut self, now_ns: u64) {
        self.residencies.iter_mut().for_each(|residency| residency.expire(now_ns));
    }

    pub(crate) fn moves(&mut self) -> Vec<Move> {
        self.spare_moves.pop().unwrap_or_default()
    }

    pub(crate) fn recycle(&mut self, mut moves: Vec<Move>) {
        moves.clear();
        self.spare_moves.push(moves);
    }

    /// Registers a transfer; it is handed to its link by [`World::submit`].
    pub(crate) fn plan(&mut self, kind: Kind, link: u32, request: u32, moves: Vec<Move>) -> u32 {
        let transfer =
            Transfer { kind, link, request, moves, submitted: Submitted::NotYet, gates_start: false };
        match self.vacant.pop() {
            Some(id) => {
                self.transfers[id as usize] = Some(transfer);
                id
            }
            None => {
                self.transfers.push(Some(transfer));
                u32::try_from(self.transfers.len() - 1).expect("transfers in flight are counted in u32")
            }
        }
    }

    /// Hands a planned transfer to its link; once only, further calls do nothing.
    pub(crate) fn submit(&mut self, id: u32, now_ns: u64) {
        let transfer = self.transfer(id);
        if transfer.submitted != Submitted::NotYet {
            return;
        }
        transfer.submitted = Submitted::Yes;
        let transfer_tier = transfer.kind.tier();
        let (link, blocks) = (transfer.link, transfer.moves.len() as u32);
        let bytes = self.tier_block_bytes[transfer_tier] * u64::from(blocks);
        self.links[link as usize].submit(now_ns, id, bytes, blocks);
        self.touched.push(link);
    }

    pub(crate) fn transfer(&mut self, id: u32) -> &mut Transfer {
        self.transfers[id as usize].as_mut().expect("a transfer that is under way")
    }

    /// Ends a transfer and hands out what it carried.
    pub(crate) fn take(&mut self, id: u32) -> Transfer {
        self.vacant.push(id);
        self.transfers[id as usize].take().expect("a transfer that is under way")
    }

    /// Makes room in a tier. What leaves is demoted to the next tier if that one is written back.
    pub(crate) fn make_room(&mut self, tier: usize, instance: u32, count: u32, now_ns: u64) -> bool {
        let residency = self.residency_index(tier, instance);
        if !self.writes_back(tier + 1) {
            return self.residencies[residency].make_room(count, now_ns, None);
        }
        let mut evicted = Vec::new();
        let fits = self.residencies[residency].make_room(count, now_ns, Some(&mut evicted));
        if !evicted.is_empty() {
            self.write_back(tier + 1, instance, &evicted, now_ns);
        }
        fits
    }

    /// Whether a tier takes what the one above evicts.
    pub(crate) fn writes_back(&self, tier: usize) -> bool {
        self.scenario.tiers.get(tier).is_some_and(|tier| tier.write_policy == WritePolicy::Back)
    }

    /// Demotes blocks that the tier above has just evicted. A staging buffer holds them until their copies have arrived.
    pub(crate) fn write_back(&mut self, tier: usize, instance: u32, blocks: &[BlockId], now_ns: u64) {
        // An eviction is no request's use; policies are told of the latest arrival, so that one which knows the
        // future looks on from there.
        let request = self.records.len() as u32 - 1;
        // The deepest leave first, so what is written back cannot be asked for its parent.
        let mut moves = self.moves();
        let has_time = self.has_time(tier, instance, now_ns);
        for &block in blocks {
            if self.residency(tier, instance).has(block) || !has_time {
                continue;
            }
            if !self.make_room(tier, instance, 1, now_ns) {
                self.residency(tier, instance).reject(1);
                continue;
            }
            let depth = self.depth(block);
            let access = access(self.scenario, block, depth, request, now_ns);
            let target = Some(self.residency(tier, instance).reserve(&access));
            moves.push(Move { block, depth, source: None, target, hbm: None });
        }
        self.demote(tier, instance, request, moves, now_ns);
    }

    /// Blocks before this one in its prefix.
    fn depth(&self, block: BlockId) -> u32 {
        std::iter::successors(self.trace.parent(block), |&b| self.trace.parent(b)).count() as u32
    }

    /// Copies blocks that have just arrived in `tier - 1` into `tier`, where it is written through.
    pub(crate) fn cascade(
        &mut self,
        tier: usize,
        instance: u32,
        arrived: &[Move],
        request: u32,
        now_ns: u64,
    ) {
        let through = match self.scenario.tiers.get(tier).map(|t| t.write_policy) {
            Some(WritePolicy::Through | WritePolicy::Selective(0 | 1)) => true,
            Some(WritePolicy::Selective(_) | WritePolicy::Back) | None => false,
        };
        if through {
            self.copy_down(tier, instance, arrived, request, now_ns);
        }
    }

    /// Whether a tier takes copies now; see [`crate::Tier::write_backlog_ns`].
    pub(crate) fn has_time(&mut self, tier: usize, instance: u32, now_ns: u64) -> bool {
        let link = self.write_link(tier, instance) as usize;
        let limit = self.scenario.tiers[tier].write_backlog_ns;
        limit.is_none_or(|limit_ns| self.links[link].backlog_ns(now_ns) <= limit_ns)
    }

    /// Whether a tier that keeps whole prefixes lacks the block before this one.
    pub(crate) fn lacks_parent(&self, tier: usize, residency: usize, block: BlockId) -> bool {
        self.scenario.tiers[tier].write_backlog_ns.is_some()
            && self.trace.parent(block).is_some_and(|parent| !self.residencies[residency].has(parent))
    }

    /// Copies resident blocks of `tier - 1` into `tier`; their sources stay pinned until they have arrived.
    pub(crate) fn copy_down(
        &mut self,
        tier: usize,
        instance: u32,
        blocks: &[Move],
        request: u32,
        now_ns: u64,
    ) {
        let (upper, lower) = (self.residency_index(tier - 1, instance), self.residency_index(tier, instance));
        let has_time = self.has_time(tier, instance, now_ns);
        let mut moves = self.moves();
        for m in blocks {
            let Found::Ready(source) = self.residencies[upper].find(m.block) else { continue };
            if self.residencies[lower].has(m.block) {
                continue;
            }
            if !has_time || self.lacks_parent(tier, lower, m.block) {
                self.residencies[lower].reject(1);
                continue;
            }
            if !self.make_room(tier, instance, 1, now_ns) {
                self.residencies[lower].reject(1);
                continue;
            }
            let access = access(self.scenario, m.block, m.depth, request, now_ns);
            let target = Some(self.residencies[lower].reserve(&access));
            self.residencies[upper].pin(source);
            moves.push(Move { source: Some(source), target, hbm: None, ..*m });
        }
        self.demote(tier, instance, request, moves, now_ns);
    }

    fn demote(&mut self, tier: usize, instance: u32, request: u32, moves: Vec<Move>, now_ns: u64) {
        if moves.is_empty() {
            return self.recycle(moves);
        }
        let link = self.write_link(tier, instance);
        let id = self.plan(Kind::Demotion { tier: tier as u32, instance }, link, request, moves);
        self.submit(id, now_ns);
    }

    /// The copies of a transfer into `tier` have arrived: they can be found, and go on to the tier below.
    pub(crate) fn arrive(&mut self, tier: usize, instance: u32, moves: &[Move], request: u32, now_ns: u64) {
        let residency = self.residency_index(tier, instance);
        for m in moves {
            let access = access(self.scenario, m.block, m.depth, request, now_ns);
            let target = m.target.expect("it goes to a lower tier");
            self.residencies[residency].arrive(target, &access);
        }
        self.cascade(tier + 1, instance, moves, request, now_ns);
    }

    /// Notes that a prefetch from `tier` was given up, with so many blocks that had not arrived.
    pub(crate) fn gives_up(&mut self, tier: usize, blocks: usize) {
        match self.scenario.load_decision {
            _ if blocks == 0 => {}
            LoadDecision::Always => self.unread[tier].dropped = true,
            LoadDecision::LoadOrRecompute => self.unread[tier].computed_sooner = true,
        }
    }

    /// Lets go of the sources of a transfer out of `tier`.
    pub(crate) fn unpin_sources(&mut self, tier: usize, instance: u32, moves: &[Move], now_ns: u64) {
        let residency = self.residency_index(tier, instance);
        for source in moves.iter().filter_map(|m| m.source) {
            self.residencies[residency].unpin(source, now_ns);
        }
    }
}
