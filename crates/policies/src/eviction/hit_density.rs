//! Hit density: learns how likely a block of some age is to be hit, and how soon, and evicts where that is least.
//!
//! Blocks fall into classes by hits so far (0, 1, 2, 3 or more) and depth (0, 1-3, 4-15, 16 or more); the age
//! of a block is the number of uses of the tier since its own last one. For each class the policy counts at
//! which age blocks were hit and at which they were evicted. From those, the hit density at an age is the hits
//! that came later divided by the room, in uses, that all blocks still there took until they were hit or
//! evicted. Densities are computed anew every `renew_uses` uses, and old counts fade by a tenth each time.
//!
//! It differs from LHD in how it searches: it does not sample but compares the oldest block of each class, so it is
//! LRU within a class and LHD between classes; it has no random numbers. Blocks in use are walked past.
//!
//! Memory: 16 bytes a slot, and 51 kB. An eviction looks at 16 classes.
//!
//! ```
//! use policies::testing::play;
//! // Before anything was learned all densities are equal, and the oldest block leaves, as in LRU.
//! assert_eq!(play("hit-density", &[], 3, "a b c a d b"), "a b c a+ d-b b-c");
//! ```

use crate::lists::Lists;
use kv_core::policy::{Access, Build, EvictionPolicy, ParamKind, ParamSpec, Removal, Slot, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "hit-density",
    summary: "least expected hits per room and time, learned from ages, by hits and depth",
    source: "Beckmann, Chen, Cidon: LHD, NSDI 2018 (between classes; LRU within)",
    params: &[ParamSpec {
        name: "renew_uses",
        unit: "uses",
        kind: ParamKind::Whole,
        default: Some(8_192.0),
        min: 16.0,
        max: 1e9,
        doc: "uses of the tier after which densities are computed anew",
    }],
    revision: crate::revision::of(module_path!()),
    build: Build::Eviction(|params, _| Box::new(HitDensity::new(params.whole("renew_uses")))),
};

const CLASSES: usize = 16;
const CLASS_BITS: u32 = CLASSES.ilog2();
/// Ages are binned by octave in four parts: 2^40 uses are more than any trace has.
const BINS: usize = 160;
/// What is kept of old counts at each renewal.
const KEPT: f64 = 0.9;

struct HitDensity {
    renew_uses: u64,
    uses: u64,
    /// One list a class; front: most recently used.
    classes: Lists<CLASSES, InSlot>,
    learned: [Class; CLASSES],
    /// Hits to come for each use that the block stays, by class and bin; apart from the counts, so that an eviction
    /// finds it in the cache.
    density: [[f32; BINS]; CLASSES],
    /// The oldest block of each class, and its rank.
    oldest: [Option<Slot>; CLASSES],
    ranks: [Rank; CLASSES],
    /// A bit for each class whose oldest block must be looked at again.
    stale: u32,
    /// The use at which the first of the others may get into its next bin; it may be too early.
    soonest: u64,
}

/// What is compared, the least leaves: the bits of the density, which order as densities do, above those of the
/// use and of the class. One number, so that a search among classes has no branches that depend on it.
type Rank = u128;

/// An empty class is never the least.
const NONE_THERE: Rank = Rank::MAX;
const ALL: u32 = (1 << CLASSES) - 1;

/// The count of uses up to and including a block's last, above the bits of its class.
#[derive(Clone, Copy, Default)]
struct InSlot(u64);

impl InSlot {
    fn new(used: u64, class: u8) -> Self {
        Self((used << CLASS_BITS) | u64::from(class))
    }

    fn used(self) -> u64 {
        self.0 >> CLASS_BITS
    }

    fn class(self) -> usize {
        self.0 as usize % CLASSES
    }
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
            learned: [empty; CLASSES],
            density: [[0.0; BINS]; CLASSES],
            oldest: [None; CLASSES],
            ranks: [NONE_THERE; CLASSES],
            stale: ALL,
            soonest: u64::MAX,
        }
    }

    fn bin_now(&self, state: InSlot) -> usize {
        bin(self.uses - state.used())
    }

    fn count_use(&mut self) {
        self.uses += 1;
        if self.uses.is_multiple_of(self.renew_uses) {
            for (learned, density) in self.learned.iter_mut().zip(&mut self.density) {
                *density = learned.renew();
            }
            self.stale = ALL;
        }
    }

    /// Takes a block out of its class.
    fn unlink(&mut self, slot: Slot, class: usize) {
        self.classes.remove(class, slot.0);
        if self.oldest[class] == Some(slot) {
            self.stale |= 1 << class;
        }
    }

    /// Makes a block the newest of a class.
    fn link(&mut self, slot: Slot, class: u8) {
        *self.classes.item_mut(slot.0) = InSlot::new(self.uses, class);
        self.classes.push_front(class.into(), slot.0);
        if self.classes.len(class.into()) == 1 {
            self.stale |= 1 << class;
        }
    }

    fn rank(&self, slot: Slot, class: usize) -> Rank {
        let state = self.classes.item(slot.0);
        let density = self.density[class][self.bin_now(state)];
        (Rank::from(density.to_bits()) << 96) | Rank::from(state.0)
    }

    /// Looks again at the classes whose oldest block left or got into its next bin.
    fn refresh(&mut self) {
        if self.uses >= self.soonest {
            (self.stale, self.soonest) = (ALL, u64::MAX);
        }
        while self.stale != 0 {
            let class = self.stale.trailing_zeros() as usize;
            self.stale &= self.stale - 1;
            let oldest = self.classes.back(class).map(Slot);
            self.oldest[class] = oldest;
            self.ranks[class] = oldest.map_or(NONE_THERE, |slot| self.rank(slot, class));
            if let Some(slot) = oldest {
                let used = self.classes.item(slot.0).used();
                self.soonest = self.soonest.min(used + first_age(bin(self.uses - used) + 1));
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
        self.link(slot, class);
    }

    fn on_hit(&mut self, slot: Slot, access: &Access) {
        let state = self.classes.item(slot.0);
        let from = state.class();
        self.learned[from].hits[self.bin_now(state)] += 1.0;
        self.count_use();
        let class = class(access.depth, from as u8 / 4 + 1);
        self.unlink(slot, from);
        self.link(slot, class);
    }

    fn on_remove(&mut self, slot: Slot, why: Removal) {
        let state = self.classes.item(slot.0);
        self.unlink(slot, state.class());
        if why == Removal::Evicted {
            self.learned[state.class()].evictions[self.bin_now(state)] += 1.0;
        }
    }

    fn choose_victim(&mut self, _: u64, eligible: &dyn Fn(Slot) -> bool) -> Option<Slot> {
        self.refresh();
        let least = self.ranks.iter().fold(NONE_THERE, |least, &rank| least.min(rank));
        let first = self.oldest[(least % CLASSES as Rank) as usize]?;
        if eligible(first) {
            return Some(first);
        }
        let eligible_oldest = |class| {
            let slot = self.classes.back_to_front(class).map(Slot).find(|&slot| eligible(slot))?;
            Some((self.rank(slot, class), slot))
        };
        (0..CLASSES).filter_map(eligible_oldest).min().map(|(_, slot)| slot)
    }
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
