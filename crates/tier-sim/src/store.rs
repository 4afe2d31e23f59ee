//! Stores: copies of the blocks that a step fills, from HBM to the nearest tier.

use crate::instance::{Instance, Step};
use crate::request::{Phase, block_at};
use crate::residency::Found;
use crate::scenario::{Contents, WritePolicy};
use crate::world::{Kind, Move, World, access};

impl Instance {
    pub(crate) fn stores_output(&self, world: &World<'_>) -> bool {
        world.scenario.tiers.first().is_some_and(|tier| tier.contents == Contents::PromptAndOutput)
    }

    /// Plans stores of the blocks that the step fills, in the order of the step.
    pub(crate) fn store_blocks(&mut self, world: &mut World<'_>, step: &mut Step, now_ns: u64) {
        let Some(tier) = world.scenario.tiers.first() else { return };
        let threshold = match tier.write_policy {
            WritePolicy::Back => return,
            WritePolicy::Through => 0,
            WritePolicy::Selective(n) => n,
        };
        let unstored = std::mem::take(&mut self.unstored);
        for id in unstored {
            if self.live[id as usize].phase != Phase::Decode {
                continue;
            }
            let full = self.live[id as usize].named;
            self.store_request(world, step, id, full, threshold, now_ns);
        }
        for index in 0..step.filled.len() {
            let (id, full) = step.filled[index];
            self.store_request(world, step, id, full, threshold, now_ns);
        }
    }

    fn store_request(
        &mut self,
        world: &mut World<'_>,
        step: &mut Step,
        id: u32,
        full: u32,
        threshold: u8,
        now_ns: u64,
    ) {
        let contents = world.scenario.tiers[0].contents;
        let generated = world.scenario.generated;
        let live = &self.live[id as usize];
        if live.table.is_empty() {
            return; // preempted meanwhile
        }
        let view = world.trace.request(live.index as usize);
        let full = match contents {
            Contents::Prompt => full.min(view.prompt_blocks.len() as u32),
            Contents::PromptAndOutput => full,
        };
        let mut moves = world.moves();
        let mut resident = std::mem::take(&mut self.resident);
        resident.clear();
        let residency = world.residency_index(0, self.id);
        let mut has_time = None;
        for depth in live.next_store..full.min(live.named) {
            let Some(block) = block_at(&view, generated, depth as usize) else { break };
            if threshold > 1 && self.uses[block.index()] < threshold {
                continue;
            }
            if world.residencies[residency].has(block) {
                if let Found::Ready(slot) = world.residencies[residency].find(block) {
                    resident.push(slot);
                }
                continue;
            }
            let follows = moves.last().is_some_and(|m| m.depth + 1 == depth);
            let id = self.id;
            if !*has_time.get_or_insert_with(|| world.has_time(0, id, now_ns))
                || (!follows && world.lacks_parent(0, residency, block))
            {
                world.residencies[residency].reject(full - depth.max(live.refused).min(full));
                break;
            }
            let hbm = Some(live.table[depth as usize]);
            moves.push(Move { block, depth, source: None, target: None, hbm });
        }
        if moves.is_empty() {
            world.recycle(moves);
            self.resident = resident;
            let live = &mut self.live[id as usize];
            live.next_store = live.next_store.max(full);
            return;
        }
        // Blocks of the request that are there already must not be evicted for the rest of it.
        resident.iter().for_each(|&slot| world.residencies[residency].pin(slot));
        let fits = world.make_room(0, self.id, moves.len() as u32, now_ns);
        resident.iter().for_each(|&slot| world.residencies[residency].unpin(slot, now_ns));
        self.resident = resident;
        let live = &mut self.live[id as usize];
        if !fits {
            let refused = moves.iter().filter(|m| m.depth >= live.refused).count() as u32;
            world.residencies[residency].reject(refused);
            world.recycle(moves);
            live.refused = live.refused.max(full);
            if !self.unstored.contains(&id) {
                self.unstored.push(id);
            }
            return;
        }
        let request = live.index;
        for m in &mut moves {
            let access = access(world.scenario, m.block, m.depth, request, now_ns);
            m.target = Some(world.residencies[residency].reserve(&access));
        }
        let link = world.write_link(0, self.id);
        let kind = Kind::Store { instance: self.id, live: id };
        let transfer = world.plan(kind, link, request, moves);
        for slot in world.transfer(transfer).moves.iter().filter_map(|m| m.hbm) {
            self.store_of_slot[slot as usize] = Some(transfer);
        }
        let live = &mut self.live[id as usize];
        live.next_store = full;
        live.jobs.push(transfer);
        step.stores.push(transfer);
    }
}
