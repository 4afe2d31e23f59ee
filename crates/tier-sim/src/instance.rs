//! One engine replica: its queues, its step under way, and what happens between two steps.
//!
//! Many decode-only steps in a row in which nothing can change are one [`Step`] with a count. An arrival or the end of a
//! transfer could change them: it cuts the run at the step boundary where the engine would have noticed it.

mod under_way;

use crate::clock::Clock;
use crate::lookup::Loading;
use crate::observe::RequestState;
use crate::pool::Pool;
use crate::recheck::Recheck;
use crate::request::{Live, Phase, block_at, named_blocks};
use crate::scenario::{Engine, Pipelining, Scenario, WritePolicy};
use crate::world::{Kind, Submitted, Transfer, World, access};
use kv_core::BlockId;
use kv_core::policy::{Build, Scheduler, SchedulerContext, Slot};
use std::collections::VecDeque;
use under_way::last_start;
pub(crate) use under_way::{Decodes, Noticed, Step};

/// One engine replica.
pub(crate) struct Instance {
    pub(crate) id: u32,
    /// Chooses its steps; taken out while it does.
    pub(crate) scheduler: Option<Box<dyn Scheduler>>,
    pub(crate) pool: Pool,
    pub(crate) live: Vec<Live>,
    vacant: Vec<u32>,
    pub(crate) waiting: VecDeque<u32>,
    /// Requests that hold HBM for loads, served before the waiting ones.
    pub(crate) holding: VecDeque<u32>,
    /// Those of them that could not join the step that is being chosen; empty between two choices.
    pub(crate) passed: Vec<u32>,
    /// In order of admission.
    pub(crate) running: Vec<u32>,
    /// Running requests whose prompt is not computed, in the same order.
    pub(crate) prefilling: Vec<u32>,
    pub(crate) decode: Decodes,
    pub(crate) admissions: u64,
    executing: Option<Step>,
    planned: Option<Step>,
    spare: Vec<Step>,
    /// Transfers that have ended and that no poll has seen: (when, which).
    pub(crate) inbox: VecDeque<(u64, u32)>,
    /// For each HBM slot, the store that still copies its content.
    pub(crate) store_of_slot: Vec<Option<u32>>,
    /// Requests that have ended, while the lower tiers have not been told.
    ended: Vec<u32>,
    /// A buffer of [`Instance::store_blocks`].
    pub(crate) resident: Vec<Slot>,
    /// A buffer of lookups.
    pub(crate) hits: Vec<u32>,
    /// What blocking loads are copying for its requests.
    pub(crate) loading: Loading,
    /// Decoding requests with blocks for which the nearest tier had no room.
    pub(crate) unstored: Vec<u32>,
    /// Blocks that HBM has evicted while the next step was chosen, if the tier below is written back.
    pub(crate) lost: Vec<BlockId>,
    /// Uses of each block in HBM, where the nearest tier is written selectively.
    pub(crate) uses: Vec<u8>,
    /// When it must ask those who wait again.
    pub(crate) recheck: Recheck,
    /// Tokens of the waiting requests.
    pub(crate) waiting_tokens: u64,
    /// Requests that may want a prefetch, in order of arrival. Each has its position in the trace, and the number of blocks
    /// of all prompts that arrived before it.
    pub(crate) promotion_queue: VecDeque<(u32, u32, u64)>,
    /// Blocks of all prompts that have arrived; below, of those that have been admitted.
    blocks_queued: u64,
    pub(crate) blocks_admitted: u64,
    /// When the instance next has something to do \[ns\].
    pub(crate) next_ns: Option<u64>,
    counted_ns: u64,
    pub(crate) totals: InstanceTotals,
}

/// What an instance has done.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct InstanceTotals {
    pub(crate) steps: u64,
    pub(crate) computed_tokens: u64,
    pub(crate) busy_ns: u64,
    pub(crate) hbm_peak: u32,
    pub(crate) hbm_block_ns: u128,
    pub(crate) hbm_insertions: u64,
    pub(crate) hbm_evictions: u64,
    pub(crate) last_ns: u64,
}

impl Instance {
    /// An instance with `slots` HBM slots, for a trace of so many blocks.
    pub(crate) fn new(id: u32, scenario: &Scenario, slots: u32, blocks: usize) -> Self {
        let selective = scenario
            .tiers
            .first()
            .is_some_and(|tier| matches!(tier.write_policy, WritePolicy::Selective(n) if n > 1));
        Self {
            id,
            scheduler: Some(scheduler(scenario, id)),
            pool: Pool::new(slots, blocks, scenario.engine.free_order),
            live: Vec::new(),
            vacant: Vec::new(),
            waiting: VecDeque::new(),
            holding: VecDeque::new(),
            passed: Vec::new(),
            running: Vec::new(),
            prefilling: Vec::new(),
            decode: Decodes::default(),
            admissions: 0,
            executing: None,
            planned: None,
            spare: Vec::new(),
            inbox: VecDeque::new(),
            store_of_slot: vec![None; if scenario.tiers.is_empty() { 0 } else { slots as usize }],
            ended: Vec::new(),
            resident: Vec::new(),
            hits: Vec::new(),
            loading: Loading::default(),
            unstored: Vec::new(),
            lost: Vec::new(),
            uses: vec![0; if selective { blocks } else { 0 }],
            recheck: Recheck::new(scenario),
            waiting_tokens: 0,
            promotion_queue: VecDeque::new(),
            blocks_queued: 0,
            blocks_admitted: 0,
            next_ns: None,
            counted_ns: 0,
            totals: InstanceTotals::default(),
        }
    }

    /// Whether a step of decodes alone is chosen again while nothing changes.
    pub(crate) fn repeats(&self) -> bool {
        self.scheduler.as_ref().is_none_or(|scheduler| scheduler.repeats())
    }

    /// Requests waiting or running.
    pub(crate) fn load(&self) -> usize {
        self.waiting.len() + self.holding.len() + self.running.len()
    }

    /// Takes a new request into the queue.
    pub(crate) fn enqueue(&mut self, world: &mut World<'_>, index: u32, now_ns: u64) {
        let live = Live::new(index, &world.trace.request(index as usize));
        let id = match self.vacant.pop() {
            Some(id) => {
                self.live[id as usize].renew(live);
                id
            }
            None => {
                self.live.push(live);
                u32::try_from(self.live.len() - 1).expect("requests in flight are counted in u32")
            }
        };
        self.waiting.push_back(id);
        self.waiting_tokens += u64::from(self.live[id as usize].known());
        self.promotion_queue.push_back((id, index, self.blocks_queued));
        self.blocks_queued += world.trace.request(index as usize).prompt_blocks.len() as u64;
        self.start_prefetches(world, now_ns);
        self.notice(world, now_ns, Noticed::AtPoll);
    }

    /// A transfer of this instance between HBM and the nearest tier has ended.
    pub(crate) fn transfer_done(&mut self, world: &mut World<'_>, id: u32, now_ns: u64) {
        world.transfer(id).submitted = Submitted::Done;
        self.inbox.push_back((now_ns, id));
        self.notice(world, now_ns, Noticed::AfterAWholeStep);
        if world.transfer(id).gates_start {
            let step = self.executing.as_mut().expect("a step waits for it");
            step.gates -= 1;
            if step.gates == 0 {
                step.start = step.start.max(Clock::at(now_ns));
                self.begin(world);
            }
        }
    }

    /// A layerwise load of the step under way has ended.
    pub(crate) fn layers_done(&mut self, world: &mut World<'_>, transfer: &Transfer, now_ns: u64) {
        world.read_blocks[0] += transfer.moves.len() as u64;
        world.unpin_sources(0, self.id, &transfer.moves, now_ns);
        let step = self.executing.as_mut().expect("a step overlaps it");
        step.layers_open -= 1;
        step.loads_done_ns = step.loads_done_ns.max(now_ns);
        self.begin(world);
    }

    /// The instance's time has come.
    pub(crate) fn wake(&mut self, world: &mut World<'_>, now_ns: u64) {
        self.next_ns = None;
        self.count_hbm(now_ns);
        world.expire(now_ns);
        let mut clock = Clock::at(now_ns);
        let mut polled_ns = now_ns; // an idle engine polls all the time
        let mut finished = None;
        if let Some(step) = self.executing.as_mut() {
            if step.count > 1 && world.scenario.engine.pipelining == Pipelining::Asynchronous {
                (polled_ns, clock) = self.split(world);
            } else {
                let step = self.executing.take().expect("it was just there");
                clock = step.end;
                polled_ns = last_start(&step, world).ns;
                self.complete(world, &step, now_ns);
                finished = Some(step);
            }
        }
        self.read_inbox(world, polled_ns, now_ns);
        if let Some(step) = finished {
            step.stores.iter().for_each(|&id| world.submit(id, now_ns));
            self.spare.push(step);
        }
        loop {
            self.go_on(world, clock);
            if self.executing.is_some() || !self.read_inbox(world, now_ns, now_ns) {
                break;
            }
        }
        if self.executing.is_none() {
            self.next_ns = self.recheck.at_ns();
            if !world.scenario.tiers.is_empty() {
                self.recheck.idle_at(world.residency(0, self.id).version());
            }
        }
    }

    /// Starts what is planned, and plans ahead as far as the engine does.
    fn go_on(&mut self, world: &mut World<'_>, clock: Clock) {
        let asynchronous = world.scenario.engine.pipelining == Pipelining::Asynchronous;
        if self.executing.is_none() {
            let next = match self.planned.take() {
                Some(mut step) => {
                    if self.recheck.noticed_since_plan() && step.count > 1 {
                        self.decode.cut(&mut step, 1); // something has changed since it was planned
                    }
                    Some(step)
                }
                None => self.plan(world, clock.ns),
            };
            if let Some(step) = next {
                self.execute(world, step, clock);
            }
        }
        let ahead = self.executing.as_ref().is_some_and(|step| step.count == 1);
        if asynchronous && ahead && self.planned.is_none() {
            self.recheck.planning_ahead();
            self.planned = self.plan(world, clock.ns);
        }
    }

    fn complete(&mut self, world: &mut World<'_>, step: &Step, now_ns: u64) {
        self.totals.steps += step.count;
        self.totals.computed_tokens += step.count * step.work().tokens();
        self.totals.busy_ns += now_ns - step.start.ns;
        self.totals.last_ns = now_ns;
        world.tell_step(self.id, step, step.count, now_ns);
        for &id in &step.prefilled {
            let live = &mut self.live[id as usize];
            if live.first_token_ns.is_none() {
                let record = &mut world.records[live.index as usize];
                record.first_token_ns = now_ns.max(record.arrival_ns); // it may be stamped after its poll
                live.first_token_ns = Some(record.first_token_ns);
            }
        }
        self.tell_decodes(world, step, now_ns);
        for &id in &step.ending {
            self.finish(world, id, now_ns);
        }
    }

    fn finish(&mut self, world: &mut World<'_>, id: u32, now_ns: u64) {
        let live = &mut self.live[id as usize];
        let record = &mut world.records[live.index as usize];
        record.finish_ns = now_ns.max(record.arrival_ns);
        world.tell_request(live.index, self.id, now_ns, RequestState::Ended);
        world.ended += 1;
        live.phase = Phase::Ended;
        if !live.table.is_empty() {
            let full = (live.prompt + live.output - 1) / world.trace.block_tokens();
            self.name_blocks(world, id, full);
        }
        let live = &mut self.live[id as usize];
        let mut table = std::mem::take(&mut live.table);
        table.iter().rev().for_each(|&slot| self.pool.release(slot));
        table.clear();
        self.live[id as usize].table = table;
        self.running.retain(|&other| other != id);
        self.ended.push(id);
        self.recheck.notice();
    }

    /// Tells the lower tiers which blocks were used by the requests that have ended: deepest first, so that the
    /// head of a prefix is the most recent.
    pub(crate) fn settle_ended(&mut self, world: &mut World<'_>, now_ns: u64) {
        for index in 0..self.ended.len() {
            let id = self.ended[index];
            let live = &self.live[id as usize];
            let named = named_blocks(world.trace, world.scenario.generated, live);
            let view = world.trace.request(live.index as usize);
            for tier in 0..world.scenario.tiers.len() {
                let first = if tier == 0 { live.first_told as usize } else { 0 };
                let residency = world.residency_index(tier, self.id);
                for depth in (first..named).rev() {
                    let block = block_at(&view, world.scenario.generated, depth).expect("it is named");
                    let access = access(world.scenario, block, depth as u32, live.index, now_ns);
                    world.residencies[residency].use_ends(&access);
                }
            }
        }
        let mut settled = std::mem::take(&mut self.ended);
        settled.drain(..).for_each(|id| self.let_go(id));
        self.ended = settled;
    }

    /// Forgets a request that has ended once none of its transfers is under way.
    fn let_go(&mut self, id: u32) {
        let live = &self.live[id as usize];
        if live.phase == Phase::Ended && live.jobs.is_empty() && !self.ended.contains(&id) {
            self.vacant.push(id);
        }
    }

    /// Notices transfers that had ended by `polled_ns`; whether there was one.
    fn read_inbox(&mut self, world: &mut World<'_>, polled_ns: u64, now_ns: u64) -> bool {
        let mut any = false;
        while let Some(&(_, id)) = self.inbox.front().filter(|(done_ns, _)| *done_ns <= polled_ns) {
            self.inbox.pop_front();
            self.transfer_seen(world, id, now_ns);
            any = true;
        }
        if any {
            self.recheck.notice();
        }
        any
    }

    fn transfer_seen(&mut self, world: &mut World<'_>, id: u32, now_ns: u64) {
        let transfer = world.take(id);
        if let Some(planned) = &mut self.planned {
            planned.waits.retain(|&wait| wait != id); // over before the step could wait for it
        }
        let owner = match transfer.kind {
            Kind::Store { live, .. } => {
                for slot in transfer.moves.iter().filter_map(|m| m.hbm) {
                    let storing = &mut self.store_of_slot[slot as usize];
                    if *storing == Some(id) {
                        *storing = None;
                    }
                }
                world.arrive(0, self.id, &transfer.moves, transfer.request, now_ns);
                live
            }
            Kind::Load { live, .. } => {
                world.read_blocks[0] += transfer.moves.len() as u64;
                world.unpin_sources(0, self.id, &transfer.moves, now_ns);
                transfer.moves.iter().filter_map(|m| m.source).for_each(|source| self.loading.ends(source));
                let waited = &mut self.live[live as usize];
                waited.loaded(&mut world.records[waited.index as usize], now_ns);
                live
            }
            Kind::Layers { .. } | Kind::Promotion { .. } | Kind::Demotion { .. } => {
                unreachable!("not for the inbox")
            }
        };
        self.live[owner as usize].jobs.retain(|&job| job != id);
        world.recycle(transfer.moves);
        self.let_go(owner);
    }

    pub(crate) fn count_hbm(&mut self, now_ns: u64) {
        let held = self.pool.held();
        self.totals.hbm_block_ns += u128::from(held) * u128::from(now_ns - self.counted_ns);
        self.totals.hbm_peak = self.totals.hbm_peak.max(held);
        self.counted_ns = now_ns;
    }

    /// A step to fill in.
    pub(crate) fn blank_step(&mut self) -> Step {
        let mut step = self.spare.pop().unwrap_or_default();
        step.clear();
        step
    }

    /// A step that came to nothing.
    pub(crate) fn discard(&mut self, step: Step) {
        self.spare.push(step);
    }

    /// Whether a step is under way, waiting to start, or planned.
    pub(crate) fn busy(&self) -> bool {
        self.executing.is_some() || self.planned.is_some()
    }
}

/// The scheduler of an instance, for a scenario that has been checked.
fn scheduler(scenario: &Scenario, id: u32) -> Box<dyn Scheduler> {
    let Engine { max_batched_tokens, max_seqs, scheduler, .. } = &scenario.engine;
    let Build::Scheduler(_, build) = scheduler.spec.build else { unreachable!("checked") };
    let seed = scenario.seed ^ (u64::from(id) << 32);
    let context = SchedulerContext { max_batched_tokens: *max_batched_tokens, max_seqs: *max_seqs, seed };
    build(&scheduler.params, &context)
}
