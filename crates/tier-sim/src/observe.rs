//! What an observer is told during a run: see [`crate::simulate_observed`].
//!
//! Nothing here changes a run. A run without an observer pays one comparison for each step, each transfer and each change
//! of a request's state, and one for each turn of the event loop. It pays nothing per block.

use crate::instance::{Instance, Step as Chosen};
use crate::request::Phase;
use crate::world::{Kind, World};

/// Something that has happened. Times are from the start of the trace \[ns\].
///
/// An observer is told of an event when the event is over. Events of one request, of one link, of one tier's level and of
/// one instance's steps come in order of time. Events of different kinds may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// An engine has finished a step, or a run of equal ones.
    Step(Step),
    /// A request has changed its state.
    Request {
        /// Its position in the trace.
        request: u32,
        /// The instance that serves it.
        instance: u32,
        /// When.
        at_ns: u64,
        /// Its state from then on.
        state: RequestState,
    },
    /// A request was admitted for the first time, and parts of its prompt were found.
    Hits {
        /// Its position in the trace.
        request: u32,
        /// Prompt tokens from each tier: HBM first, then the lower tiers in order.
        tokens: &'a [u32],
    },
    /// A transfer has left its link.
    Transfer(Transfer),
    /// The number of blocks that a tier holds has changed.
    Held {
        /// Which one: 0 is HBM, then the lower tiers in order.
        tier: usize,
        /// Whose; `None` for a tier that the cluster shares.
        instance: Option<u32>,
        /// Since when.
        at_ns: u64,
        /// Blocks held, those on their way into it included.
        blocks: u32,
    },
    /// Leases have run out, and the blocks have left.
    Expired {
        /// The tier, as in [`Event::Held`].
        tier: usize,
        /// Whose; `None` for a tier that the cluster shares.
        instance: Option<u32>,
        /// When they left: later than the lease's end where a transfer still needed the block.
        at_ns: u64,
        /// How many.
        blocks: u32,
    },
    /// The numbers of an instance's requests have changed.
    Queue {
        /// Which one.
        instance: u32,
        /// Since when.
        at_ns: u64,
        /// Requests that hold nothing.
        waiting: u32,
        /// Requests that hold HBM for what is being loaded.
        loading: u32,
        /// Requests that take part in steps.
        running: u32,
    },
}

/// A step of an engine, or a run of decode-only steps of the same requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Whose.
    pub instance: u32,
    /// When it began to compute, after it had waited for transfers.
    pub start_ns: u64,
    /// When its results were there.
    pub end_ns: u64,
    /// How many steps.
    pub steps: u64,
    /// Prompts, or parts of prompts, in each step.
    pub prefills: u32,
    /// Requests that decode: each step makes one token for each of them.
    pub decodes: u32,
    /// Tokens that all steps together compute.
    pub new_tokens: u64,
    /// Tokens whose KV was there when the first step began, summed over its requests.
    pub context_tokens: u64,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestState {
    /// It waits for a place.
    Queued,
    /// It holds HBM, and waits for what is being loaded.
    Loading,
    /// It has been given a place in a step, and has not computed all that it knows.
    Prefill,
    /// Each step makes its next token.
    Decode,
    /// Its blocks were taken, and it waits for a place again.
    Preempted,
    /// It has its last token.
    Ended,
}

/// Why blocks were copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransferKind {
    /// From HBM into the nearest tier.
    Store,
    /// From the nearest tier into HBM, before the request joins a step.
    Load,
    /// From the nearest tier into HBM, layer by layer during a step.
    LayerwiseLoad,
    /// From a far tier into the nearest one.
    Prefetch,
    /// From the tier above into this one. Into the nearest tier it is a block that HBM has evicted.
    CopyDown,
}

/// A transfer that has left its link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transfer {
    /// Why.
    pub kind: TransferKind,
    /// The lower tier whose link it is: 0 is the nearest.
    pub tier: usize,
    /// Whose link; `None` where the cluster shares it.
    pub instance: Option<u32>,
    /// The request that caused it, by its position in the trace.
    pub request: u32,
    /// When it was handed to the link.
    pub queued_ns: u64,
    /// When the link began to serve it. FIFO serves one after another, fair sharing at once.
    pub start_ns: u64,
    /// When it was done, or given up.
    pub end_ns: u64,
    /// Blocks that have arrived; all of them unless it was given up.
    pub blocks: u32,
    /// Bytes that have arrived.
    pub bytes: u64,
}

/// Who is told.
pub(crate) type Observer<'a> = Option<&'a mut dyn FnMut(&Event<'_>)>;

impl World<'_> {
    /// Tells a request's new state. Its arrival may be stamped later than the poll that took it.
    pub(crate) fn tell_request(&mut self, request: u32, instance: u32, now_ns: u64, state: RequestState) {
        if let Some(tell) = &mut self.observer {
            let at_ns = now_ns.max(self.records[request as usize].arrival_ns);
            tell(&Event::Request { request, instance, at_ns, state });
        }
    }

    /// Tells that the first `steps` of a run of steps are over.
    pub(crate) fn tell_step(&mut self, instance: u32, step: &Chosen, steps: u64, end_ns: u64) {
        let Some(tell) = &mut self.observer else { return };
        let chunks = step.chunks.iter();
        tell(&Event::Step(Step {
            instance,
            start_ns: step.start.ns,
            end_ns,
            steps,
            prefills: step.chunks.len() as u32,
            decodes: step.decodes,
            new_tokens: steps * step.work().tokens(),
            context_tokens: step.context + chunks.map(|chunk| u64::from(chunk.context)).sum::<u64>(),
        }));
    }

    /// Tells what was found of a request's prompt. The record has the tokens of HBM and of all lower tiers together;
    /// `hit_tokens` has those of the far tiers.
    pub(crate) fn tell_hits(&mut self, request: u32) {
        let Some(tell) = &mut self.observer else { return };
        let record = &self.records[request as usize];
        self.hit_tokens[0] = record.hit_hbm_tokens;
        let far: u32 = self.hit_tokens.iter().skip(2).sum();
        if let Some(nearest) = self.hit_tokens.get_mut(1) {
            *nearest = record.hit_lower_tokens - far;
        }
        tell(&Event::Hits { request, tokens: &self.hit_tokens });
    }

    /// Tells that a transfer has just left its link and has moved this many blocks.
    pub(crate) fn tell_transfer(&mut self, id: u32, blocks: u32, end_ns: u64) {
        if self.observer.is_none() {
            return;
        }
        let transfer = self.transfer(id);
        let (link, request) = (transfer.link as usize, transfer.request);
        let (kind, tier, instance) = match transfer.kind {
            Kind::Store { instance, .. } => (TransferKind::Store, 0, instance),
            Kind::Load { instance, .. } => (TransferKind::Load, 0, instance),
            Kind::Layers { instance } => (TransferKind::LayerwiseLoad, 0, instance),
            Kind::Promotion { tier, instance, .. } => (TransferKind::Prefetch, tier as usize, instance),
            Kind::Demotion { tier, instance } => (TransferKind::CopyDown, tier as usize, instance),
        };
        let instance = self.owner(tier, instance);
        let Some((queued_ns, start_ns)) = self.links[link].last_served_ns() else { return };
        let bytes = self.block_bytes * u64::from(blocks);
        if let Some(tell) = &mut self.observer {
            tell(&Event::Transfer(Transfer {
                kind,
                tier,
                instance,
                request,
                queued_ns,
                start_ns,
                end_ns,
                blocks,
                bytes,
            }));
        }
    }
}

impl Instance {
    /// Tells which requests decode from now on: those whose prompts the step has finished. Left out are those that end with
    /// the step, and those that were preempted while it ran.
    pub(crate) fn tell_decodes(&self, world: &mut World<'_>, step: &Chosen, now_ns: u64) {
        if world.observer.is_none() {
            return;
        }
        for &id in &step.prefilled {
            let live = &self.live[id as usize];
            if matches!(live.phase, Phase::Decode | Phase::Ending) && !step.ending.contains(&id) {
                world.tell_request(live.index, self.id, now_ns, RequestState::Decode);
            }
        }
    }
}

/// What was told last, so that only changes are told.
#[derive(Debug, Default)]
pub(crate) struct Levels {
    /// Blocks in each instance's HBM, and its requests that wait, load and run.
    instances: Vec<(u32, [u32; 3])>,
    /// Blocks in each residency.
    residencies: Vec<u32>,
}

impl Levels {
    /// Tells the levels that have changed with what happened at `now_ns`.
    pub(crate) fn tell(&mut self, world: &mut World<'_>, instances: &[Instance], now_ns: u64) {
        self.instances.resize(instances.len(), (0, [0; 3]));
        self.residencies.resize(world.residencies.len(), 0);
        for (instance, seen) in instances.iter().zip(&mut self.instances) {
            let Some(tell) = &mut world.observer else { return };
            let (id, held) = (instance.id, instance.pool.held());
            if held != seen.0 {
                tell(&Event::Held { tier: 0, instance: Some(id), at_ns: now_ns, blocks: held });
            }
            let queue = [instance.waiting.len(), instance.holding.len(), instance.running.len()];
            let queue = queue.map(|n| u32::try_from(n).expect("requests in flight are counted in u32"));
            if queue != seen.1 {
                let [waiting, loading, running] = queue;
                tell(&Event::Queue { instance: id, at_ns: now_ns, waiting, loading, running });
            }
            *seen = (held, queue);
        }
        for tier in 0..world.scenario.tiers.len() {
            for id in 0..instances.len() as u32 {
                let (residency, owner) = (world.residency_index(tier, id), world.owner(tier, id));
                let Some(tell) = &mut world.observer else { return };
                let (tier, instance) = (tier + 1, owner);
                let residency_now = &mut world.residencies[residency];
                // Leases end between two events too, each at its time.
                for (at_ns, blocks, held) in residency_now.drain_expired() {
                    tell(&Event::Expired { tier, instance, at_ns, blocks });
                    tell(&Event::Held { tier, instance, at_ns, blocks: held });
                    self.residencies[residency] = held;
                }
                let held = residency_now.held();
                if held != self.residencies[residency] {
                    tell(&Event::Held { tier, instance, at_ns: now_ns, blocks: held });
                    self.residencies[residency] = held;
                }
            }
        }
    }
}
