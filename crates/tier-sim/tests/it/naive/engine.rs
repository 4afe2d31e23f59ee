//! An engine that takes one step after another, and what it notices in between.

use super::link::Link;
use super::pool::Pool;
use super::request::Phase;
use super::tier::Residency;
use super::{FS_PER_NS, Kind, Twin, ns};
use kv_core::BlockId;
use kv_core::policy::{Build, Context, RouterContext, Scheduler, SchedulerContext};
use std::collections::{BTreeMap, BTreeSet};
use tier_sim::step::{Chunk, Work};
use tier_sim::{Duplex, Pipelining, Scenario, Scope, Unread};

/// One step.
#[derive(Debug, Default)]
pub(super) struct Step {
    pub(super) chunks: Vec<Chunk>,
    /// Context of each decode.
    pub(super) decodes: Vec<u32>,
    /// Requests that make a token in it.
    pub(super) samples: Vec<usize>,
    /// Those that make their last.
    pub(super) ending: Vec<usize>,
    pub(super) preempted: bool,
    pub(super) filled: Vec<(usize, usize)>,
    pub(super) stores: Vec<u64>,
    pub(super) loads: Vec<u64>,
    pub(super) layers: Vec<(u64, usize)>,
    pub(super) waits: BTreeSet<u64>,
    pub(super) start_fs: u128,
    pub(super) end_fs: u128,
    gates: usize,
    layers_open: usize,
    loads_done_ns: u64,
}

#[derive(Debug)]
pub(super) struct Engine {
    pub(super) pool: Pool,
    pub(super) waiting: Vec<usize>,
    pub(super) holding: Vec<usize>,
    pub(super) running: Vec<usize>,
    pub(super) executing: Option<Step>,
    pub(super) planned: Option<Step>,
    /// Transfers that are done and not noticed, and when they were.
    pub(super) inbox: Vec<(u64, u64)>,
    pub(super) ended: Vec<usize>,
    pub(super) unstored: Vec<usize>,
    pub(super) lost: Vec<BlockId>,
    pub(super) uses: BTreeMap<BlockId, u8>,
    /// Requests that may want a prefetch, with the prompt blocks that arrived before theirs.
    pub(super) promotion_queue: Vec<(usize, u64)>,
    pub(super) blocks_queued: u64,
    pub(super) blocks_admitted: u64,
    pub(super) wake_ns: Option<u64>,
    pub(super) next_ns: Option<u64>,
    /// How often the nearest tier had changed when the engine last found nothing to do.
    pub(super) seen_changes: u64,
    counted_ns: u64,
    pub(super) steps: u64,
    pub(super) computed_tokens: u64,
    pub(super) busy_ns: u64,
    pub(super) last_ns: u64,
    pub(super) peak: u64,
    pub(super) block_ns: u128,
}

impl Engine {
    fn new(scenario: &Scenario) -> Self {
        Self {
            pool: Pool::new(scenario.hbm_blocks, scenario.engine.free_order),
            waiting: Vec::new(),
            holding: Vec::new(),
            running: Vec::new(),
            executing: None,
            planned: None,
            inbox: Vec::new(),
            ended: Vec::new(),
            unstored: Vec::new(),
            lost: Vec::new(),
            uses: BTreeMap::new(),
            promotion_queue: Vec::new(),
            blocks_queued: 0,
            blocks_admitted: 0,
            wake_ns: None,
            next_ns: None,
            seen_changes: 0,
            counted_ns: 0,
            steps: 0,
            computed_tokens: 0,
            busy_ns: 0,
            last_ns: 0,
            peak: 0,
            block_ns: 0,
        }
    }

    pub(super) fn load(&self) -> usize {
        self.waiting.len() + self.holding.len() + self.running.len()
    }

    pub(super) fn count(&mut self, now: u64) {
        let held = self.pool.held();
        self.block_ns += u128::from(held) * u128::from(now - self.counted_ns);
        self.peak = self.peak.max(held);
        self.counted_ns = now;
    }
}

fn scheduler(scenario: &Scenario, id: u32) -> Box<dyn Scheduler> {
    let engine = &scenario.engine;
    let Build::Scheduler(_, build) = engine.scheduler.spec.build else { panic!("a scheduler") };
    let context = SchedulerContext {
        max_batched_tokens: engine.max_batched_tokens,
        max_seqs: engine.max_seqs,
        seed: scenario.seed ^ (u64::from(id) << 32),
    };
    build(&engine.scheduler.params, &context)
}

impl<'a> Twin<'a> {
    pub(super) fn new(scenario: &'a Scenario, trace: &'a kv_core::Trace) -> Self {
        let (mut tiers, mut links) = (Vec::new(), Vec::new());
        for (number, tier) in scenario.tiers.iter().enumerate() {
            let owners = if tier.scope == Scope::Cluster { 1 } else { scenario.instances };
            let mut stores = Vec::new();
            for owner in 0..owners {
                let context = Context {
                    trace,
                    capacity_blocks: tier.capacity_blocks,
                    seed: scenario.seed ^ (u64::from(owner) << 32 | (number as u64 + 1) << 16),
                    group_leases: &tier.group_leases,
                };
                let Build::Eviction(eviction) = tier.eviction.spec.build else {
                    panic!("an eviction policy")
                };
                let Build::Lease(lease) = tier.lease.spec.build else { panic!("a lease policy") };
                stores.push(Residency::new(
                    tier.capacity_blocks,
                    eviction(&tier.eviction.params, &context),
                    lease(&tier.lease.params, &context),
                ));
                links.push(Link::new(tier.read));
                if tier.duplex == Duplex::Full {
                    links.push(Link::new(tier.write));
                }
            }
            tiers.push(stores);
        }
        let Build::Router(build) = scenario.router.spec.build else { panic!("a router") };
        let instances = scenario.instances as usize;
        let router = build(&scenario.router.params, &RouterContext { trace, instances, seed: scenario.seed });
        Self {
            scenario,
            trace,
            block_tokens: trace.block_tokens(),
            block_bytes: scenario
                .tiers
                .iter()
                .map(|tier| tier.kv_bytes_per_token.unwrap_or(scenario.kv_bytes_per_token))
                .map(|bytes| bytes * u64::from(trace.block_tokens()))
                .collect(),
            tiers,
            links,
            engines: (0..scenario.instances).map(|_| Engine::new(scenario)).collect(),
            requests: Vec::new(),
            records: Vec::new(),
            transfers: BTreeMap::new(),
            next_transfer: 0,
            promoted_tokens: vec![0; scenario.tiers.len()],
            read_blocks: vec![0; scenario.tiers.len()],
            unread: vec![Unread::default(); scenario.tiers.len()],
            ended: 0,
            router: Some(router),
            schedulers: (0..scenario.instances).map(|id| Some(scheduler(scenario, id))).collect(),
        }
    }

    fn asynchronous(&self) -> bool {
        self.scenario.engine.pipelining == Pipelining::Asynchronous
    }

    /// Something has happened: an idle engine polls now, a busy one between steps anyway.
    pub(super) fn notice(&mut self, e: usize, now: u64) {
        let engine = &mut self.engines[e];
        if engine.executing.is_none() {
            engine.next_ns = Some(engine.next_ns.map_or(now, |ns| ns.min(now)));
        }
    }

    pub(super) fn wake(&mut self, e: usize, now: u64) {
        self.engines[e].next_ns = None;
        self.engines[e].count(now);
        self.expire(now);
        let finished = self.engines[e].executing.take();
        let clock_fs = finished.as_ref().map_or(u128::from(now) * FS_PER_NS, |step| step.end_fs);
        if let Some(step) = finished {
            self.complete(e, &step, now);
            // Transfers are polled as a step starts, and reported at its end.
            self.read_inbox(e, ns(step.start_fs), now);
            step.stores.iter().for_each(|&id| self.submit(id, now));
        } else {
            self.read_inbox(e, now, now);
        }
        loop {
            self.go_on(e, clock_fs);
            if self.engines[e].executing.is_some() || !self.read_inbox(e, now, now) {
                break;
            }
        }
        if self.engines[e].executing.is_none() {
            self.engines[e].next_ns = self.engines[e].wake_ns;
            if !self.tiers.is_empty() {
                self.engines[e].seen_changes = self.residency_ref(0, e).changes;
            }
        }
    }

    fn go_on(&mut self, e: usize, clock_fs: u128) {
        let now = ns(clock_fs);
        if self.engines[e].executing.is_none() {
            let next = self.engines[e].planned.take();
            if let Some(step) = next.or_else(|| self.plan(e, now)) {
                self.execute(e, step, clock_fs);
            }
        }
        let ahead = self.engines[e].executing.is_some() && self.engines[e].planned.is_none();
        if self.asynchronous() && ahead {
            self.engines[e].planned = self.plan(e, now);
        }
    }

    fn execute(&mut self, e: usize, mut step: Step, clock_fs: u128) {
        let now = ns(clock_fs);
        step.start_fs = clock_fs;
        step.loads.iter().for_each(|&id| self.submit(id, now));
        step.layers.iter().for_each(|&(id, _)| self.submit(id, now));
        step.layers_open = step.layers.len();
        for &id in &step.waits {
            self.submit(id, now);
            if let Some(transfer) = self.transfers.get_mut(&id).filter(|t| !t.arrived) {
                transfer.gates_step = true;
                step.gates += 1;
            }
        }
        self.engines[e].executing = Some(step);
        self.begin(e);
    }

    /// Sets the end of the step once all that it waits for is there.
    fn begin(&mut self, e: usize) {
        let step = self.engines[e].executing.as_mut().expect("a step is to begin");
        if step.gates > 0 || step.layers_open > 0 {
            return;
        }
        let work = Work {
            chunks: &step.chunks,
            decodes: step.decodes.len() as u32,
            decode_context: step.decodes.iter().map(|&context| u64::from(context)).sum(),
        };
        let compute = u128::from(self.scenario.engine.step.step_fs(&work));
        step.end_fs = step.start_fs + compute;
        let alone = step.end_fs;
        if !step.layers.is_empty() {
            let layers = u128::from(self.scenario.layers);
            let load = (u128::from(step.loads_done_ns) * FS_PER_NS).saturating_sub(step.start_fs);
            step.end_fs = step.start_fs + (load / layers + compute).max(load + compute / layers);
        }
        for &(_, request) in &step.layers {
            if !self.requests[request].has_token {
                self.records[request].load_ns += ns(step.end_fs) - ns(alone);
            }
        }
        let end = ns(step.end_fs);
        self.engines[e].next_ns = Some(end);
    }

    pub(super) fn gate_opens(&mut self, e: usize, now: u64) {
        let step = self.engines[e].executing.as_mut().expect("a step waits");
        step.gates -= 1;
        if step.gates == 0 {
            step.start_fs = step.start_fs.max(u128::from(now) * FS_PER_NS);
            self.begin(e);
        }
    }

    pub(super) fn layers_done(&mut self, e: usize, now: u64) {
        let step = self.engines[e].executing.as_mut().expect("a step overlaps it");
        step.layers_open -= 1;
        step.loads_done_ns = step.loads_done_ns.max(now);
        self.begin(e);
    }

    fn complete(&mut self, e: usize, step: &Step, now: u64) {
        self.engines[e].steps += 1;
        let chunks = step.chunks.iter().map(|chunk| u64::from(chunk.new));
        self.engines[e].computed_tokens += chunks.sum::<u64>() + step.decodes.len() as u64;
        self.engines[e].busy_ns += now - ns(step.start_fs);
        self.engines[e].last_ns = now;
        for &r in &step.samples {
            if !self.requests[r].has_token {
                self.requests[r].has_token = true;
                self.records[r].first_token_ns = now.max(self.records[r].arrival_ns);
            }
        }
        for &r in &step.ending {
            self.records[r].finish_ns = now.max(self.records[r].arrival_ns);
            self.ended += 1;
            let full = (self.requests[r].prompt + self.requests[r].output - 1) / self.block_tokens;
            if !self.requests[r].table.is_empty() {
                self.name(r, full as usize);
            }
            let req = &mut self.requests[r];
            req.phase = Phase::Ended;
            let table = std::mem::take(&mut req.table);
            self.engines[e].pool.release(&table);
            self.engines[e].running.retain(|&other| other != r);
            self.engines[e].ended.push(r);
        }
    }

    /// Notices transfers that were done by `polled`; whether there was one.
    fn read_inbox(&mut self, e: usize, polled: u64, now: u64) -> bool {
        let (seen, unseen): (Vec<_>, Vec<_>) =
            self.engines[e].inbox.iter().copied().partition(|(done, _)| *done <= polled);
        self.engines[e].inbox = unseen;
        for &(_, id) in &seen {
            let transfer = self.transfers.remove(&id).expect("it is under way");
            match transfer.kind {
                Kind::Store => self.arrive_in(0, e, &transfer.moves, transfer.request, now),
                _ => {
                    self.read_blocks[0] += transfer.moves.len() as u64;
                    self.unpin_sources(0, e, &transfer.moves, now);
                    self.requests[transfer.request].phase = Phase::Loaded;
                    let record = &mut self.records[transfer.request];
                    if !self.requests[transfer.request].has_token {
                        let since = self.requests[transfer.request].load_since.max(record.arrival_ns);
                        record.load_ns += now.saturating_sub(since);
                    }
                }
            }
            self.requests[transfer.request].jobs.remove(&id);
        }
        !seen.is_empty()
    }
}
