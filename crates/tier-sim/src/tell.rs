//! Tells an observer what happens, as it happens.

use crate::instance::{Instance, Step as Chosen};
use crate::observe::{Event, RequestState, Step, Transfer, TransferKind};
use crate::request::Phase;
use crate::world::{Kind, World};

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
        let bytes = self.tier_block_bytes[tier] * u64::from(blocks);
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
