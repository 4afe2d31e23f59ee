//! The event loop: arrivals, link completions and engine steps on one integer clock.
//!
//! At equal times links come first, then arrivals, then engines, each in order of number: an engine that polls at
//! t sees what happened at t.

use crate::clock::HORIZON_NS;
use crate::instance::{Instance, Noticed};
use crate::observe::{Observer, RequestState};
use crate::router::Route;
use crate::scenario::{Duplex, Scenario, ScenarioError, Scope, request_tokens};
use crate::stats::{LinkStats, RequestRecord, RunStats, TierStats};
use crate::tell::Levels;
use crate::world::{Kind, World};
use kv_core::Trace;

/// A time later than any event; private to the event loop.
const NEVER: u64 = u64::MAX;

/// A simulation under way.
pub(crate) struct Sim<'a> {
    world: World<'a>,
    instances: Vec<Instance>,
    route: Route,
    /// Next event of each link.
    link_ns: Vec<u64>,
    /// Next event of each instance.
    instance_ns: Vec<u64>,
    next_arrival: usize,
    /// The longest request that an instance takes \[tokens\].
    longest_tokens: u32,
    /// Requests that are served.
    served: usize,
    levels: Levels,
}

impl<'a> Sim<'a> {
    pub(crate) fn new(scenario: &'a Scenario, trace: &'a Trace, observer: Observer<'a>) -> Self {
        let world = World::new(scenario, trace, observer);
        let longest_tokens = scenario.longest_request_tokens(trace.block_tokens());
        let Served { requests, blocks } = Served::of(trace, longest_tokens);
        // Slots beyond what all requests together could fill would never be used, so memory follows the trace.
        let slots =
            u32::try_from(blocks).map_or(scenario.hbm_blocks, |blocks| blocks.min(scenario.hbm_blocks));
        let instance = |id| Instance::new(id, scenario, slots, trace.unique_blocks());
        let instances: Vec<_> = (0..scenario.instances).map(instance).collect();
        Self {
            link_ns: vec![NEVER; world.links.len()],
            instance_ns: vec![NEVER; instances.len()],
            route: Route::new(scenario, trace),
            world,
            instances,
            next_arrival: 0,
            longest_tokens,
            served: requests,
            levels: Levels::default(),
        }
    }

    /// Replays the whole trace.
    ///
    /// # Errors
    /// Only [`ScenarioError::NeverEnds`].
    pub(crate) fn run(mut self) -> Result<RunStats, ScenarioError> {
        // What the links still carry when the last request has ended concerns nobody.
        while self.world.ended < self.served {
            let (link, link_ns) = first(&self.link_ns);
            let (instance, instance_ns) = first(&self.instance_ns);
            let arrivals = self.world.trace.arrivals_ns();
            let arrival_ns = arrivals.get(self.next_arrival).copied().unwrap_or(NEVER);
            let now_ns = link_ns.min(arrival_ns).min(instance_ns);
            if now_ns > HORIZON_NS && now_ns != NEVER {
                let (ended, requests) = (self.world.ended, self.served);
                return Err(ScenarioError::NeverEnds { ended, requests });
            }
            if link_ns <= arrival_ns && link_ns <= instance_ns {
                assert!(link_ns != NEVER, "requests wait, and nothing will ever happen");
                self.link_event(link, link_ns);
            } else if arrival_ns <= instance_ns {
                self.arrive(arrival_ns);
            } else {
                let ahead_ns = self.instances[instance].half_step_ns(self.world.scenario);
                self.arrive_until(instance_ns, ahead_ns);
                self.instances[instance].wake(&mut self.world, instance_ns);
                self.refresh(instance);
            }
            self.nudge_idle(now_ns);
            self.refresh_links();
            if self.world.observer.is_some() {
                self.levels.tell(&mut self.world, &self.instances, now_ns);
            }
        }
        // Requests after the last token, all of them refused.
        while self.next_arrival < self.world.trace.len() {
            self.routed();
        }
        Ok(self.finish())
    }

    /// A link's next event: a latency that is over, or a transfer that is done.
    fn link_event(&mut self, link: usize, now_ns: u64) {
        let done = self.world.links[link].step(now_ns);
        self.world.touched.push(link as u32);
        let Some(id) = done else { return };
        self.world.expire(now_ns);
        let blocks = self.world.transfer(id).moves.len() as u32;
        self.world.tell_transfer(id, blocks, now_ns);
        let instance = match self.world.transfer(id).kind {
            Kind::Store { instance, .. } | Kind::Load { instance, .. } => {
                self.instances[instance as usize].transfer_done(&mut self.world, id, now_ns);
                instance
            }
            Kind::Layers { instance } => {
                let transfer = self.world.take(id);
                self.instances[instance as usize].layers_done(&mut self.world, &transfer, now_ns);
                self.world.recycle(transfer.moves);
                instance
            }
            Kind::Promotion { instance, .. } => {
                self.instances[instance as usize].promoted(&mut self.world, id, now_ns);
                instance
            }
            Kind::Demotion { tier, instance } => {
                let transfer = self.world.take(id);
                if tier > 0 {
                    self.world.unpin_sources(tier as usize - 1, instance, &transfer.moves, now_ns);
                }
                self.world.arrive(tier as usize, instance, &transfer.moves, transfer.request, now_ns);
                self.world.recycle(transfer.moves);
                if tier == 0 {
                    // A request may wait for what was written back.
                    self.instances[instance as usize].notice(&mut self.world, now_ns, Noticed::AtPoll);
                }
                instance
            }
        };
        self.refresh(instance as usize);
    }

    /// The next request reaches the service.
    fn arrive(&mut self, now_ns: u64) {
        self.world.expire(now_ns);
        let (index, instance) = self.routed();
        if self.world.records[index as usize].rejected {
            return; // the engine answers at once that it will not serve it
        }
        self.world.tell_request(index, instance as u32, now_ns, RequestState::Queued);
        let target = &mut self.instances[instance];
        target.enqueue(&mut self.world, index, now_ns);
        self.refresh(instance);
    }

    /// The next request, and the instance that it is sent to. It has a record from now on.
    fn routed(&mut self) -> (u32, usize) {
        let index = self.next_arrival;
        self.next_arrival += 1;
        let view = self.world.trace.request(index);
        let instance = self.route.choose(&view, &self.instances, &self.world);
        self.world.records.push(RequestRecord {
            arrival_ns: view.arrival_ns,
            prompt_tokens: view.prompt_tokens,
            output_tokens: view.output_tokens.max(1),
            instance: instance as u32,
            rejected: request_tokens(&view) > u64::from(self.longest_tokens),
            ..RequestRecord::default()
        });
        (index as u32, instance)
    }

    /// Takes the arrivals that a poll at `now_ns` accepts, though they are stamped up to `ahead_ns` later.
    fn arrive_until(&mut self, now_ns: u64, ahead_ns: u64) {
        if ahead_ns == 0 {
            return; // arrivals as given, or an idle engine
        }
        let arrivals = self.world.trace.arrivals_ns();
        while arrivals.get(self.next_arrival).is_some_and(|&ns| ns <= now_ns.saturating_add(ahead_ns)) {
            self.arrive(now_ns);
        }
    }

    /// Wakes idle instances whose shared nearest tier another instance has just changed: see [`crate::recheck`].
    fn nudge_idle(&mut self, now_ns: u64) {
        let shared = self.world.scenario.tiers.first().is_some_and(|tier| tier.scope == Scope::Cluster);
        if !shared {
            return;
        }
        let waits = |instance: &Instance, version| {
            let asked = instance.next_ns.is_some_and(|ns| ns <= now_ns);
            !instance.busy() && instance.load() > 0 && !asked && instance.recheck.missed(version)
        };
        loop {
            let version = self.world.residency(0, 0).version();
            let Some(idle) = self.instances.iter().position(|instance| waits(instance, version)) else {
                return;
            };
            self.instances[idle].wake(&mut self.world, now_ns);
            self.refresh(idle);
        }
    }

    fn refresh(&mut self, instance: usize) {
        self.instance_ns[instance] = self.instances[instance].next_ns.unwrap_or(NEVER);
    }

    fn refresh_links(&mut self) {
        for link in self.world.touched.drain(..) {
            self.link_ns[link as usize] = self.world.links[link as usize].next_ns().unwrap_or(NEVER);
        }
    }

    fn finish(mut self) -> RunStats {
        let end_ns = self.instances.iter().map(|i| i.totals.last_ns).max().unwrap_or(0);
        RunStats {
            makespan_ns: end_ns,
            steps: self.instances.iter().map(|i| i.totals.steps).sum(),
            computed_tokens: self.instances.iter().map(|i| i.totals.computed_tokens).sum(),
            busy_ns: total(self.instances.iter().map(|i| i.totals.busy_ns)),
            tiers: self.tier_stats(end_ns),
            links: self.link_stats(),
            longest_request_tokens: self.longest_tokens,
            requests: self.world.records,
        }
    }

    fn tier_stats(&mut self, end_ns: u64) -> Vec<TierStats> {
        let scenario = self.world.scenario;
        let bytes = scenario.kv_bytes_per_token * u64::from(self.world.trace.block_tokens());
        let hits = |of: fn(&RequestRecord) -> u32| self.world.records.iter().map(|r| u64::from(of(r))).sum();
        let mut hbm = TierStats {
            name: "hbm".to_owned(),
            capacity_bytes: Some(bytes * u64::from(scenario.hbm_blocks) * u64::from(scenario.instances)),
            hit_tokens: hits(|r| r.hit_hbm_tokens),
            ..TierStats::default()
        };
        let lower_hits = hits(|r| r.hit_lower_tokens);
        for instance in &mut self.instances {
            instance.count_hbm(end_ns);
            let totals = &instance.totals;
            hbm.peak_bytes += bytes * u64::from(totals.hbm_peak);
            hbm.byte_ns = hbm.byte_ns.saturating_add(u128::from(bytes).saturating_mul(totals.hbm_block_ns));
            hbm.insertions += totals.hbm_insertions;
            hbm.evictions += totals.hbm_evictions;
        }
        let mut all = vec![hbm];
        let mut far_hits = 0;
        for (number, tier) in scenario.tiers.iter().enumerate() {
            let owners = if tier.scope == Scope::Cluster { 1 } else { scenario.instances };
            let bytes = self.world.tier_block_bytes[number];
            let capacity = tier.capacity_blocks.map(|n| bytes * u64::from(n) * u64::from(owners));
            let mut stats =
                TierStats { name: tier.name.clone(), capacity_bytes: capacity, ..TierStats::default() };
            stats.hit_tokens = self.world.promoted_tokens[number];
            stats.read_blocks = self.world.read_blocks[number];
            stats.unread = self.world.unread[number];
            far_hits += stats.hit_tokens;
            for owner in 0..owners {
                let totals = self.world.residency(number, owner).totals(end_ns);
                let peak_bytes = bytes.saturating_mul(u64::from(totals.peak));
                stats.peak_bytes = stats.peak_bytes.saturating_add(peak_bytes);
                let byte_ns = u128::from(bytes).saturating_mul(totals.block_ns);
                stats.byte_ns = stats.byte_ns.saturating_add(byte_ns);
                stats.insertions += totals.insertions;
                stats.evictions += totals.evictions;
                stats.expiries += totals.expiries;
                stats.rejections += totals.rejections;
            }
            all.push(stats);
        }
        if let Some(nearest) = all.get_mut(1) {
            nearest.hit_tokens = lower_hits - far_hits;
        }
        all
    }

    fn link_stats(&self) -> Vec<LinkStats> {
        let scenario = self.world.scenario;
        let mut all = Vec::new();
        for (number, tier) in scenario.tiers.iter().enumerate() {
            let owners = if tier.scope == Scope::Cluster { 1 } else { scenario.instances };
            let directions: &[&str] =
                if tier.duplex == Duplex::Full { &["read", "write"] } else { &["both"] };
            for direction in directions {
                let mut stats = LinkStats {
                    name: format!("{} {direction}", tier.name),
                    links: owners,
                    ..LinkStats::default()
                };
                for owner in 0..owners {
                    let link = match *direction {
                        "write" => self.world.write_link(number, owner),
                        _ => self.world.read_link(number, owner),
                    };
                    let totals = self.world.links[link as usize].totals();
                    stats.transfers += totals.transfers;
                    stats.bytes = stats.bytes.saturating_add(totals.bytes);
                    stats.busy_ns = stats.busy_ns.saturating_add(totals.busy_ns);
                    stats.queue_ns = stats.queue_ns.saturating_add(totals.queue_ns);
                }
                all.push(stats);
            }
        }
        all
    }
}

/// What of a trace is served.
struct Served {
    requests: usize,
    /// HBM blocks that all of them could fill together.
    blocks: u64,
}

impl Served {
    fn of(trace: &Trace, longest_tokens: u32) -> Self {
        let block_tokens = u64::from(trace.block_tokens());
        let lengths = trace.requests().map(|view| request_tokens(&view));
        let served = lengths.filter(|tokens| *tokens <= u64::from(longest_tokens));
        served.fold(Self { requests: 0, blocks: 0 }, |sum, tokens| Self {
            requests: sum.requests + 1,
            blocks: sum.blocks + tokens.div_ceil(block_tokens),
        })
    }
}

/// A sum of times of many instances, which may leave the range though each of them is in it.
fn total(ns: impl Iterator<Item = u64>) -> u64 {
    ns.fold(0, u64::saturating_add)
}

/// The first of the least times.
fn first(times: &[u64]) -> (usize, u64) {
    let mut best = (0, NEVER);
    for (index, &ns) in times.iter().enumerate() {
        if ns < best.1 {
            best = (index, ns);
        }
    }
    best
}
