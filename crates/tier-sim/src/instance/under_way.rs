//! The step under way, and its clock: when it starts, what cuts a run of steps short, and when it ends.

use super::Instance;
use crate::clock::Clock;
use crate::scenario::{Arrivals, Pipelining, Scenario};
use crate::step::{Chunk, Work};
use crate::world::{Submitted, World};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Something that happens to a decoding request at a value of the decode counter.
/// (counter, order of admission, request, epoch)
type DecodeEvent = Reverse<(u64, u64, u32, u32)>;

/// The decoding requests, known by their sums.
#[derive(Debug, Default)]
pub(crate) struct Decodes {
    pub(crate) count: u32,
    /// Sum of computed tokens, all planned steps included.
    pub(crate) context: u64,
    /// Steps planned so far in which decodes took part.
    pub(crate) counter: u64,
    pub(crate) events: BinaryHeap<DecodeEvent>,
}

impl Decodes {
    /// Cuts a planned run to `count` steps: the sums go back to what they are after those.
    pub(super) fn cut(&mut self, step: &mut Step, count: u64) {
        let undone = step.count - count;
        self.counter -= undone;
        self.context -= undone * u64::from(step.decodes);
        step.count = count;
    }
}

/// When an engine notices what happens while it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Noticed {
    /// Between two steps.
    AtPoll,
    /// At the end of the first step that starts afterwards: transfers are polled as a step starts, and reported
    /// with its results.
    AfterAWholeStep,
}

/// Steps chosen together: one, or a run of decode-only steps.
#[derive(Debug, Default)]
pub(crate) struct Step {
    pub(crate) chunks: Vec<Chunk>,
    pub(crate) decodes: u32,
    pub(crate) context: u64,
    pub(crate) count: u64,
    /// Requests that make their first token, or the first after a preemption, in it.
    pub(crate) prefilled: Vec<u32>,
    /// Requests that make their last token in it.
    pub(crate) ending: Vec<u32>,
    /// Requests with chunks, and how many of their leading blocks are full after it.
    pub(crate) filled: Vec<(u32, u32)>,
    /// Stores of its blocks, handed over when the next step starts.
    pub(crate) stores: Vec<u32>,
    /// Blocking loads, handed over when it starts.
    pub(crate) loads: Vec<u32>,
    /// Layerwise loads that it overlaps, and their requests.
    pub(crate) layers: Vec<(u32, u32)>,
    /// Transfers that must end before it starts.
    pub(crate) waits: Vec<u32>,
    /// Whether someone was preempted when it was chosen.
    pub(crate) preempted: u32,
    /// When it began; before that, when it was chosen.
    pub(crate) start: Clock,
    pub(super) end: Clock,
    /// When its last layerwise load was done, while it waited for one.
    pub(super) loads_done_ns: u64,
    pub(super) gates: u32,
    pub(super) layers_open: u32,
}

impl Step {
    pub(super) fn clear(&mut self) {
        self.chunks.clear();
        self.prefilled.clear();
        self.ending.clear();
        self.filled.clear();
        self.stores.clear();
        self.loads.clear();
        self.layers.clear();
        self.waits.clear();
        (self.decodes, self.context, self.count, self.preempted) = (0, 0, 1, 0);
        (self.start, self.end, self.loads_done_ns) = (Clock::default(), Clock::default(), 0);
        (self.gates, self.layers_open) = (0, 0);
    }

    /// Whether anything is computed in it.
    pub(crate) fn has_work(&self) -> bool {
        !self.chunks.is_empty() || self.decodes > 0
    }

    pub(crate) fn work(&self) -> Work<'_> {
        Work { chunks: &self.chunks, decodes: self.decodes, decode_context: self.context }
    }

    pub(super) fn started(&self) -> bool {
        self.gates == 0 && self.layers_open == 0
    }
}

impl Instance {
    /// Something has happened: a run of steps under way ends where the engine notices it.
    pub(crate) fn notice(&mut self, world: &mut World<'_>, now_ns: u64, noticed: Noticed) {
        self.recheck.notice();
        let pipelining = world.scenario.engine.pipelining;
        let Some(step) = &mut self.executing else {
            self.next_ns = Some(self.next_ns.map_or(now_ns, |ns| ns.min(now_ns)));
            return;
        };
        if step.count == 1 {
            return;
        }
        let model = &world.scenario.engine.step;
        let fs = if step.started() { step.start.fs_until(now_ns) } else { 0 };
        let over = model.decode_steps_to_reach(step.decodes, step.context, fs, step.count);
        let seen = match noticed {
            Noticed::AtPoll => over.max(1),
            Noticed::AfterAWholeStep => over + 1,
        };
        let ahead = u64::from(pipelining == Pipelining::Asynchronous);
        let count = (seen + ahead).min(step.count);
        self.decode.cut(step, count);
        if step.started() {
            self.begin(world);
        }
    }

    /// All but the last step of a run are over; the start of the last of those, and its end.
    pub(super) fn split(&mut self, world: &mut World<'_>) -> (u64, Clock) {
        let step = self.executing.as_mut().expect("a run is under way");
        let model = &world.scenario.engine.step;
        let before = model.decode_run_fs(step.decodes, step.context, step.count - 2);
        let polled_ns = step.start.plus_fs(before).ns;
        let over = step.count - 1;
        let begun = step.start;
        let start = step.start.plus_fs(model.decode_run_fs(step.decodes, step.context, over));
        world.tell_step(self.id, step, over, start.ns);
        step.start = start;
        step.context += over * u64::from(step.decodes);
        step.count = 1;
        self.totals.steps += over;
        self.totals.computed_tokens += over * u64::from(step.decodes);
        self.totals.busy_ns += step.start.ns - begun.ns;
        step.end = start.plus_fs(u128::from(model.step_fs(&step.work())));
        self.next_ns = Some(step.end.ns);
        (polled_ns, start)
    }

    pub(super) fn execute(&mut self, world: &mut World<'_>, mut step: Step, clock: Clock) {
        step.start = clock;
        step.loads.iter().for_each(|&id| world.submit(id, clock.ns));
        for &(id, _) in &step.layers {
            world.submit(id, clock.ns);
        }
        step.layers_open = step.layers.len() as u32;
        step.waits.sort_unstable();
        step.waits.dedup();
        for &id in &step.waits {
            world.submit(id, clock.ns);
            let transfer = world.transfer(id);
            if transfer.submitted == Submitted::Yes {
                transfer.gates_start = true;
                step.gates += 1;
            }
        }
        self.executing = Some(step);
        self.begin(world);
    }

    /// Sets the step's end, if it is known.
    pub(super) fn begin(&mut self, world: &mut World<'_>) {
        let model = &world.scenario.engine.step;
        let step = self.executing.as_mut().expect("a step is to begin");
        if !step.started() {
            return;
        }
        if step.count > 1 {
            step.end = boundary(step, world);
            self.next_ns = Some(step.end.ns);
            return;
        }
        let compute = u128::from(model.step_fs(&step.work()));
        let alone = step.start.plus_fs(compute);
        step.end = alone;
        if !step.layers.is_empty() {
            // Two stages in a row, layer by layer: the first load and the last compute cannot overlap.
            let layers = u128::from(world.scenario.layers);
            let load = step.start.fs_until(step.loads_done_ns);
            step.end = step.start.plus_fs((load / layers + compute).max(load + compute / layers));
            for &(_, id) in &step.layers {
                let live = &self.live[id as usize];
                if live.first_token_ns.is_none() {
                    let record = &mut world.records[live.index as usize];
                    record.load_ns = record.load_ns.saturating_add(step.end.ns - alone.ns);
                }
            }
        }
        self.next_ns = Some(step.end.ns);
    }

    /// Half of the step under way \[ns\]: how far ahead of its poll a stamped arrival may lie.
    pub(crate) fn half_step_ns(&self, scenario: &Scenario) -> u64 {
        match (&self.executing, scenario.engine.arrivals) {
            (Some(step), Arrivals::StampedAtPoll) => (step.end.ns - step.start.ns) / 2,
            _ => 0,
        }
    }
}

/// When a run must be looked at: at its end, or one step before where the engine plans ahead.
fn boundary(step: &Step, world: &World<'_>) -> Clock {
    let ahead = u64::from(world.scenario.engine.pipelining == Pipelining::Asynchronous);
    let count = step.count - ahead.min(step.count - 1);
    let fs = world.scenario.engine.step.decode_run_fs(step.decodes, step.context, count);
    step.start.plus_fs(fs)
}

/// When the last step of a run started.
pub(super) fn last_start(step: &Step, world: &World<'_>) -> Clock {
    match step.count {
        1 => step.start,
        n => step.start.plus_fs(world.scenario.engine.step.decode_run_fs(step.decodes, step.context, n - 1)),
    }
}
