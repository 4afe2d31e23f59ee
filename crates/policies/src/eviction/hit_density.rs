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
//! Memory: 24 bytes a slot, and 51 kB. An eviction looks at 16 classes.
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
    /// Hits to come for each use that the block stays, by class and bin; apart from the counts, so that an eviction
    /// finds it in the cache.
    density: [[f32; BINS]; CLASSES],
    /// What a search knows of the old end of each class, and up to which use it holds.
    oldest: [Oldest; CLASSES],
    until: [u64; CLASSES],
}

/// The oldest block of a class. An empty class has a density that never is the least.
#[derive(Clone, Copy)]
struct Oldest {
    density: f32,
    used: u64,
    slot: Option<Slot>,
}

const EMPTY: Oldest = Oldest { density: f32::INFINITY, used: 0, slot: None };

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
}

impl HitDensity {
    fn new(renew_uses: u64) -> Self {
        let empty = Class { hits: [0.0; BINS], evictions: [0.0; BINS] };
        Self {
            renew_uses,
            uses: 0,
            classes: Lists::new(),
            slots: Vec::new(),
            learned: [empty; CLASSES],
            density: [[0.0; BINS]; CLASSES],
            oldest: [EMPTY; CLASSES],
            until: [0; CLASSES],
        }
    }

    fn bin_now(&self, slot: Slot) -> usize {
        bin(self.uses - self.slots[slot.index()].used)
    }

    fn count_use(&mut self) {
        self.uses += 1;
        if self.uses.is_multiple_of(self.renew_uses) {
            for (learned, density) in self.learned.iter_mut().zip(&mut self.density) {
                *density = learned.renew();
            }
            self.until = [0; CLASSES];
        }
    }

    /// Takes a block out of its class.
    fn unlink(&mut self, slot: Slot, class: usize) {
        self.classes.remove(class, slot.0);
        if self.oldest[class].slot == Some(slot) {
            self.until[class] = 0;
        }
    }

    /// Makes a block the newest of a class.
    fn link(&mut self, slot: Slot, class: u8) {
        self.slots[slot.index()] = InSlot { used: self.uses, class };
        self.classes.push_front(class.into(), slot.0);
        if self.classes.len(class.into()) == 1 {
            self.until[usize::from(class)] = 0;
        }
    }

    fn look_at(&self, slot: Slot, class: usize) -> Oldest {
        Oldest {
            density: self.density[class][self.bin_now(slot)],
            used: self.slots[slot.index()].used,
            slot: Some(slot),
        }
    }

    /// Looks again at the classes whose oldest block left or got into its next bin.
    fn refresh(&mut self) {
        for class in 0..CLASSES {
            if self.uses >= self.until[class] {
                let oldest = self.classes.back(class).map(|slot| self.look_at(Slot(slot), class));
                self.oldest[class] = oldest.unwrap_or(EMPTY);
                self.until[class] = match oldest {
                    Some(Oldest { used, .. }) => used + first_age(bin(self.uses - used) + 1),
                    None => u64::MAX,
                };
            }
        }
    }
}

impl Class {
    /// Walks the ages from the oldest down: what happened from there on, and how much room it took.
    fn renew(&mut self) -> [f32; BINS] {
        let mut density = [0.0; BINS];
        let (mut hits, mut events, mut room) = (0.0, 0.0, 0.0);
        for at in (0..BINS).rev() {
            // Those that are still there at the next bin sat through the whole of this one; the others through half.
            let here = self.hits[at] + self.evictions[at];
            room += (events + here / 2.0) * bin_width(at);
            hits += self.hits[at];
            events += here;
            density[at] = if events > 0.0 { (hits / room) as f32 } else { 0.0 };
            self.hits[at] *= KEPT;
            self.evictions[at] *= KEPT;
        }
        density
    }
}

/// Four bins an octave: 0, 1, 2, 3, 4, 5, 6, 7, 8-9, 10-11, ...
fn bin(age: u64) -> usize {
    let octave = age.max(1).ilog2() as usize;
    let bin = if octave < 2 { age as usize } else { 4 * (octave - 1) + ((age >> (octave - 2)) & 3) as usize };
    bin.min(BINS - 1)
}

/// The least age of a bin.
fn first_age(bin: usize) -> u64 {
    if bin < 8 { bin as u64 } else { (4 + bin as u64 % 4) << (bin / 4 - 1) }
}

/// Ages in a bin.
fn bin_width(bin: usize) -> f64 {
    (first_age(bin + 1) - first_age(bin)) as f64
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
        grown(&mut self.slots, slot.index());
        self.link(slot, class);
    }

    fn on_hit(&mut self, slot: Slot, access: &Access) {
        let (bin, from) = (self.bin_now(slot), self.slots[slot.index()].class);
        self.learned[usize::from(from)].hits[bin] += 1.0;
        self.count_use();
        let class = class(access.depth, from / 4 + 1);
        self.unlink(slot, from.into());
        self.link(slot, class);
    }

    fn on_remove(&mut self, slot: Slot, why: Removal) {
        let (bin, class) = (self.bin_now(slot), usize::from(self.slots[slot.index()].class));
        self.unlink(slot, class);
        if why == Removal::Evicted {
            self.learned[class].evictions[bin] += 1.0;
        }
    }

    fn choose_victim(&mut self, _: u64, eligible: &dyn Fn(Slot) -> bool) -> Option<Slot> {
        self.refresh();
        let first = least(self.oldest.into_iter())?;
        if eligible(first) {
            return Some(first);
        }
        let eligible_oldest = |class| {
            let slot = self.classes.back_to_front(class).map(Slot).find(|&slot| eligible(slot))?;
            Some(self.look_at(slot, class))
        };
        least((0..CLASSES).filter_map(eligible_oldest))
    }
}

/// The one of least density; among equals, that whose last use is longest ago.
fn least(blocks: impl Iterator<Item = Oldest>) -> Option<Slot> {
    let least = blocks.reduce(|best, other| {
        let ahead = other.density < best.density || (other.density <= best.density && other.used < best.used);
        if ahead { other } else { best }
    });
    least?.slot
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_are_contiguous() {
        assert_eq!((0..12).map(bin).collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 8, 9, 9]);
        for age in 0..5000 {
            assert!((first_age(bin(age))..first_age(bin(age) + 1)).contains(&age), "{age}");
        }
    }

    #[test]
    fn classes_part_hits_and_depths() {
        assert_eq!([0, 1, 3, 4, 15, 16, 9999].map(|depth| class(depth, 0)), [0, 1, 1, 2, 2, 3, 3]);
        assert_eq!([0, 1, 2, 3, 9].map(|hits| class(0, hits)), [0, 4, 8, 12, 12]);
    }

    #[test]
    fn density_is_hits_per_room() {
        let mut class = Class { hits: [0.0; BINS], evictions: [0.0; BINS] };
        class.hits[1] = 3.0;
        class.evictions[3] = 1.0;
        let density = class.renew();
        // Age 3: one block, evicted. Age 0: 3 hits; room 4 (bin 0) + 1 + 3/2 (bin 1) + 1 (bin 2) + 1/2 (bin 3) = 8.
        assert_eq!((density[0], density[3]), (3.0 / 8.0, 0.0));
    }
}
