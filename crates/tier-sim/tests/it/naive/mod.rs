//! The naive twin: what the simulator must equal to the nanosecond and the byte.
//!
//! It takes one engine step at a time, sums contexts afresh in each, scans whole tiers for what has expired, and
//! searches the pool for every block. It shares only public types with the simulator. It is slow on purpose; where
//! the two differ, the meaning in the documentation decides which of them is wrong.

mod admit;
mod engine;
pub(crate) mod generate;
mod link;
mod lower;
mod pool;
mod promote;
mod request;
mod schedule;
mod stats;
mod store;
mod tier;

use engine::Engine;
use kv_core::policy::{Fleet, Router, Scheduler};
use kv_core::{BlockId, Group, Trace};
use link::Link;
use request::Req;
use std::collections::BTreeMap;
use tier::Residency;
use tier_sim::{Arrivals, Generated, RequestRecord, RunStats, Scenario, Scope, Unread};

const FS_PER_NS: u128 = 1_000_000;

/// What a transfer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Store,
    Load,
    Layers,
    Promotion { tier: usize },
    Demotion { tier: usize },
}

/// A block on its way.
#[derive(Debug, Clone, Copy)]
struct Move {
    block: BlockId,
    depth: usize,
    /// The HBM slot that a store reads.
    hbm: Option<usize>,
    /// Whether its source in a lower tier is pinned for it.
    pinned: bool,
}

#[derive(Debug)]
struct Transfer {
    kind: Kind,
    engine: usize,
    request: usize,
    link: usize,
    moves: Vec<Move>,
    submitted: bool,
    arrived: bool,
    gates_step: bool,
}

struct Twin<'a> {
    scenario: &'a Scenario,
    trace: &'a Trace,
    block_tokens: u32,
    /// Of each lower tier \[B\].
    block_bytes: Vec<u64>,
    /// By tier and owner.
    tiers: Vec<Vec<Residency>>,
    links: Vec<Link>,
    engines: Vec<Engine>,
    requests: Vec<Req>,
    records: Vec<RequestRecord>,
    /// By number, which only grows.
    transfers: BTreeMap<u64, Transfer>,
    next_transfer: u64,
    promoted_tokens: Vec<u64>,
    read_blocks: Vec<u64>,
    unread: Vec<Unread>,
    ended: usize,
    router: Option<Box<dyn Router>>,
    schedulers: Vec<Option<Box<dyn Scheduler>>>,
}

/// Replays `trace` through `scenario`, slowly.
pub(crate) fn simulate(scenario: &Scenario, trace: &Trace) -> RunStats {
    Twin::new(scenario, trace).run()
}

impl Twin<'_> {
    fn run(mut self) -> RunStats {
        let mut events = 0;
        let served = (0..self.trace.len()).filter(|&index| self.is_served(index)).count();
        while self.ended < served {
            events += 1;
            assert!(events < 30_000, "time goes on, and nobody ends");
            let link = (0..self.links.len()).filter_map(|n| self.links[n].next_ns().map(|ns| (ns, n))).min();
            let engine =
                (0..self.engines.len()).filter_map(|n| self.engines[n].next_ns.map(|ns| (ns, n))).min();
            let arrival = self.trace.arrivals_ns().get(self.records.len()).copied();
            // At equal times: links, arrivals, engines.
            let first = [link.map(|e| e.0), arrival, engine.map(|e| e.0)].into_iter().flatten().min();
            let now = first.expect("something is to happen while requests wait");
            if let Some((_, n)) = link.filter(|(ns, _)| *ns == now) {
                self.link_event(n, now);
            } else if arrival == Some(now) {
                self.arrive(now);
            } else {
                let (_, n) = engine.expect("it is the first");
                self.early_arrivals(n, now);
                self.wake(n, now);
            }
            self.nudge_idle(now);
        }
        // Whoever is refused after the last token changes nothing.
        while self.records.len() < self.trace.len() {
            self.record();
        }
        self.stats()
    }

    /// Whether an engine takes a request: it fits the window, and its KV fits an empty HBM. The token that is generated last
    /// leaves no KV.
    fn is_served(&self, index: usize) -> bool {
        let view = self.trace.request(index);
        let tokens = u64::from(view.prompt_tokens) + u64::from(view.output_tokens.max(1));
        let blocks = (tokens - 1).div_ceil(u64::from(self.block_tokens));
        let in_window = self.scenario.engine.window_tokens.is_none_or(|window| tokens <= u64::from(window));
        in_window && blocks <= u64::from(self.scenario.hbm_blocks)
    }

    /// Arrivals stamped at the engine's own poll belong to the nearest poll.
    fn early_arrivals(&mut self, engine: usize, now: u64) {
        if self.scenario.engine.arrivals == Arrivals::AsGiven {
            return;
        }
        let Some(step) = &self.engines[engine].executing else { return };
        let ahead = (now - ns(step.start_fs)) / 2;
        let in_reach = |ns: &u64| ahead > 0 && *ns <= now + ahead;
        while self.trace.arrivals_ns().get(self.records.len()).is_some_and(in_reach) {
            self.arrive(now);
        }
    }

    fn arrive(&mut self, now: u64) {
        self.expire(now);
        let (index, engine) = self.record();
        if self.records[index].rejected {
            return;
        }
        let view = self.trace.request(index);
        let before = self.engines[engine].blocks_queued;
        self.engines[engine].waiting.push(index);
        self.engines[engine].promotion_queue.push((index, before));
        self.engines[engine].blocks_queued += view.prompt_blocks.len() as u64;
        self.start_prefetches(engine, now);
        self.notice(engine, now);
    }

    /// Sends the next request to an engine, and begins its record.
    fn record(&mut self) -> (usize, usize) {
        let index = self.records.len();
        let view = self.trace.request(index);
        let engine = self.route(index);
        self.records.push(RequestRecord {
            arrival_ns: view.arrival_ns,
            prompt_tokens: view.prompt_tokens,
            output_tokens: view.output_tokens.max(1),
            instance: engine as u32,
            rejected: !self.is_served(index),
            ..RequestRecord::default()
        });
        self.requests.push(Req::new(engine, view.prompt_tokens, view.output_tokens.max(1)));
        (index, engine)
    }

    /// Where instances share the nearest tier, an idle one looks again whenever a block has come,
    /// left or changed its state there, even where all is as before in the end.
    fn nudge_idle(&mut self, now: u64) {
        if self.scenario.tiers.first().is_none_or(|tier| tier.scope == Scope::Instance) {
            return;
        }
        let idle = |engine: &Engine| engine.executing.is_none() && engine.planned.is_none();
        while let Some(other) = (0..self.engines.len()).find(|&other| {
            let engine = &self.engines[other];
            let changed = engine.seen_changes != self.residency_ref(0, other).changes;
            idle(engine) && engine.load() > 0 && engine.next_ns.is_none_or(|ns| ns > now) && changed
        }) {
            self.wake(other, now);
        }
    }

    fn route(&mut self, index: usize) -> usize {
        if self.engines.len() == 1 {
            return 0;
        }
        let mut router = self.router.take().expect("only this takes it");
        let chosen = router.choose(&self.trace.request(index), &Instances { twin: self, index });
        self.router = Some(router);
        chosen
    }

    /// Leading prompt blocks that an instance has anywhere.
    fn cached(&self, engine: usize, index: usize) -> usize {
        let anywhere = |block: &&BlockId| {
            self.engines[engine].pool.find(pool::Key::Block(**block)).is_some()
                || (0..self.tiers.len()).any(|tier| self.residency_ref(tier, engine).is_ready(**block))
        };
        self.trace.request(index).prompt_blocks.iter().take_while(anywhere).count()
    }

    /// What the block at a position of a request is called.
    fn key(&self, request: usize, position: usize) -> pool::Key {
        match self.block(request, position) {
            Some(block) => pool::Key::Block(block),
            None => pool::Key::Private(request, position),
        }
    }

    /// The trace's id of the block at a position of a request.
    fn block(&self, request: usize, position: usize) -> Option<BlockId> {
        let view = self.trace.request(request);
        let outputs = match self.scenario.generated {
            Generated::Addressable => view.output_blocks,
            Generated::Anonymous => &[],
        };
        view.prompt_blocks.iter().chain(outputs).nth(position).copied()
    }

    fn group(&self, block: BlockId) -> Group {
        self.scenario.groups.as_ref().map_or(Group::REST, |groups| groups[block.index()])
    }
}

/// The instances as a router sees them when a request arrives.
struct Instances<'t, 's> {
    twin: &'t Twin<'s>,
    index: usize,
}

impl Fleet for Instances<'_, '_> {
    fn instances(&self) -> usize {
        self.twin.engines.len()
    }

    fn load(&self, instance: usize) -> usize {
        self.twin.engines[instance].load()
    }

    fn cached_blocks(&self, instance: usize) -> usize {
        self.twin.cached(instance, self.index)
    }
}

fn ns(fs: u128) -> u64 {
    u64::try_from(fs / FS_PER_NS).expect("below 584 years")
}
