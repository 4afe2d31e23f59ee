//! Hit density: learns how likely a block of some age is to be hit, and how soon, and evicts where that is least.
//!
//! Blocks fall into classes by hits so far (0, 1, 2, 3 or more) and depth (0, 1-3, 4-15, 16 or more); the age of a
//! block is the number of uses of the tier since its own last one. For each class the policy counts at which age blocks
//! were hit and at which they were evicted. From those, the hit density at an age is the hits that came later divided
//! by the room, in uses, that all blocks still there took until they were hit or evicted. Densities are computed anew
//! every `renew_uses` uses, and old counts fade by a tenth each time.
//!
//! It differs from LHD in how it searches: it does not sample but compares the oldest block of each class, so it is
//! LRU within a class and LHD between classes; it has no random numbers. Blocks in use are walked past.
//!
//! Memory: 24 bytes a slot, and 61 kB. An eviction looks at 16 classes.
//!
//! ```
//! use policies::testing::play;
//! // Before anything was learned all densities are equal, and the oldest block leaves, as in LRU.
//! assert_eq!(play("hit-density", &[], 3, "a b c a d b"), "a b c a+ d-b b-c");
//! ```

use crate::grow::grown;
use crate::lists::Lists;
use kv_core::policy::{Access, Build, EvictionPolicy, ParamSpec, Removal, Slot, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "hit-density",
    summary: "least expected hits per room and time, learned from ages, by hits and depth",
    source: "Beckmann, Chen, Cidon: LHD, NSDI 2018 (between classes; LRU within)",
    params: &[ParamSpec {
        name: "renew_uses",
        unit: "uses",
        default: Some(8_192.0),
        min: 16.0,
        max: 1e9,
        doc: "uses of the tier after which densities are computed anew",
    }],
    build: Build::Eviction(|params, _| Box::new(HitDensity::new(params.get("renew_uses") as u64))),
};

const CLASSES: usize = 16;
/// Ages are binned by octave in four parts: 2^40 uses are more than any trace has.
const BINS: usize = 160;
/// What is kept of old counts at each renewal.
const KEPT: f64 = 0.9;

struct HitDensity {
    renew_uses: u64,
    uses: u64,
    /// One list a class; front: most recently used.
    classes: Lists<CLASSES>,
    slots: Vec<InSlot>,
    learned: [Class; CLASSES],
}

#[derive(Clone, Copy, Default)]
struct InSlot {
    /// Count of uses up to and including its last.
    used: u64,
    class: u8,
}

#[derive(Clone, Copy)]
struct Class {
    hits: [f64; BINS],
    evictions: [f64; BINS],
    density: [f64; BINS],
}

impl HitDensity {
    fn new(renew_uses: u64) -> Self {
        let empty = Class { hits: [0.0; BINS], evictions: [0.0; BINS], density: [0.0; BINS] };
        Self { renew_uses, uses: 0, classes: Lists::new(), slots: Vec::new(), learned: [empty; CLASSES] }
    }

    fn bin_now(&self, slot: Slot) -> usize {
        bin(self.uses - self.slots[slot.index()].used)
    }

    fn count_use(&mut self) {
        self.uses += 1;
        if self.uses.is_multiple_of(self.renew_uses) {
            self.learned.iter_mut().for_each(Class::renew);
        }
    }
}

impl Class {
    /// Walks the ages from the oldest down: what happened from there on, and how much room it took.
    fn renew(&mut self) {
        let (mut hits, mut events, mut room) = (0.0, 0.0, 0.0);
        for at in (0..BINS).rev() {
            // Those that are still there at the next bin sat through the whole of this one; the others through half.
            let here = self.hits[at] + self.evictions[at];
            room += (events + here / 2.0) * bin_width(at);
            hits += self.hits[at];
            events += here;
            self.density[at] = if events > 0.0 { hits / room } else { 0.0 };
            self.hits[at] *= KEPT;
            self.evictions[at] *= KEPT;
        }
    }
}

/// Four bins an octave: 0, 1, 2, 3, 4, 5, 6, 7, 8-9, 10-11, ...
fn bin(age: u64) -> usize {
    let octave = age.max(1).ilog2() as usize;
    let bin = if octave < 2 { age as usize } else { 4 * (octave - 1) + ((age >> (octave - 2)) & 3) as usize };
    bin.min(BINS - 1)
}

/// Ages in a bin.
fn bin_width(bin: usize) -> f64 {
    if bin < 8 { 1.0 } else { (1_u64 << (bin / 4 - 1)) as f64 }
}

/// The class of a block of that depth and so many hits.
fn class(depth: u32, hits: u8) -> u8 {
    let depths = (u32::BITS - depth.leading_zeros()).div_ceil(2).min(3) as u8;
    4 * hits.min(3) + depths
}

impl EvictionPolicy for HitDensity {
    fn on_insert(&mut self, slot: Slot, access: &Access) {
        self.count_use();
        let class = class(access.depth, 0);
        *grown(&mut self.slots, slot.index()) = InSlot { used: self.uses, class };
        self.classes.push_front(class.into(), slot.0);
    }

    fn on_hit(&mut self, slot: Slot, access: &Access) {
        let (bin, from) = (self.bin_now(slot), self.slots[slot.index()].class);
        self.learned[usize::from(from)].hits[bin] += 1.0;
        self.count_use();
        let class = class(access.depth, from / 4 + 1);
        self.slots[slot.index()] = InSlot { used: self.uses, class };
        self.classes.remove(from.into(), slot.0);
        self.classes.push_front(class.into(), slot.0);
    }

    fn on_remove(&mut self, slot: Slot, why: Removal) {
        let (bin, class) = (self.bin_now(slot), usize::from(self.slots[slot.index()].class));
        self.classes.remove(class, slot.0);
        if why == Removal::Evicted {
            self.learned[class].evictions[bin] += 1.0;
        }
    }

    fn choose_victim(&mut self, _: u64, eligible: &dyn Fn(Slot) -> bool) -> Option<Slot> {
        let oldest = (0..CLASSES).filter_map(|class| {
            let slot = self.classes.back_to_front(class).map(Slot).find(|&slot| eligible(slot))?;
            let density = self.learned[class].density[self.bin_now(slot)];
            Some((density, self.slots[slot.index()].used, slot))
        });
        let least = oldest.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        least.map(|(_, _, slot)| slot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_are_contiguous() {
        assert_eq!((0..12).map(bin).collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 8, 9, 9]);
        for age in 0..5000 {
            let first = (0..=age).rev().take_while(|&other| bin(other) == bin(age)).last().expect("itself");
            assert!(((age - first) as f64) < bin_width(bin(age)), "{age}");
        }
    }

    #[test]
    fn classes_part_hits_and_depths() {
        assert_eq!([0, 1, 3, 4, 15, 16, 9999].map(|depth| class(depth, 0)), [0, 1, 1, 2, 2, 3, 3]);
        assert_eq!([0, 1, 2, 3, 9].map(|hits| class(0, hits)), [0, 4, 8, 12, 12]);
    }

    #[test]
    fn density_is_hits_per_room() {
        let empty = Class { hits: [0.0; BINS], evictions: [0.0; BINS], density: [0.0; BINS] };
        let mut class = Class { ..empty };
        class.hits[1] = 3.0;
        class.evictions[3] = 1.0;
        class.renew();
        // Age 3: one block, evicted. Age 0: 3 hits; room 4 (bin 0) + 1 + 3/2 (bin 1) + 1 (bin 2) + 1/2 (bin 3) = 8.
        assert_eq!((class.density[0], class.density[3]), (3.0 / 8.0, 0.0));
    }
}
