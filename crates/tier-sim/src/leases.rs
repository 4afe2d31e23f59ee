//! The clocks of leases: which slot of a tier expires next.
//!
//! Policies draw durations from a small set, so each duration has a queue in order of renewal, which is also the
//! order of expiry. Renewing is moving to the back: nothing is sorted, and expiry is exact to the nanosecond.

use kv_core::policy::{Lease, Slot};

const NONE: u32 = u32::MAX;

/// Slots that share one duration, longest idle first.
#[derive(Debug)]
struct Class {
    duration_ns: u64,
    head: u32,
    tail: u32,
}

/// Leases of one tier.
#[derive(Debug, Default)]
pub(crate) struct Leases {
    classes: Vec<Class>,
    /// Per slot: class, neighbours in its queue, and when it was renewed.
    class: Vec<u32>,
    next: Vec<u32>,
    prev: Vec<u32>,
    renewed_ns: Vec<u64>,
}

impl Leases {
    /// Sets, renews or ends the lease of a slot. Times never decrease from call to call.
    pub(crate) fn set(&mut self, slot: Slot, lease: Lease, now_ns: u64) {
        let s = slot.index();
        if s >= self.class.len() {
            self.class.resize(s + 1, NONE);
            self.next.resize(s + 1, NONE);
            self.prev.resize(s + 1, NONE);
            self.renewed_ns.resize(s + 1, 0);
        }
        match lease {
            Lease::For(duration_ns) => {
                let class = self.class_of(duration_ns);
                self.unlink(slot);
                self.push_back(slot, class, now_ns);
            }
            Lease::Unlimited | Lease::Drop => self.unlink(slot),
            Lease::Unchanged => {}
        }
    }

    /// Starts the lease that a slot has anew.
    pub(crate) fn restart(&mut self, slot: Slot, now_ns: u64) {
        if let Some(&class) = self.class.get(slot.index()).filter(|&&class| class != NONE) {
            self.unlink(slot);
            self.push_back(slot, class, now_ns);
        }
    }

    /// Forgets a slot.
    pub(crate) fn remove(&mut self, slot: Slot) {
        if slot.index() < self.class.len() {
            self.unlink(slot);
        }
    }

    /// The slot whose lease ends first, and when; the lower duration of equals.
    pub(crate) fn first(&self) -> Option<(u64, Slot)> {
        let heads = self.classes.iter().filter(|class| class.head != NONE);
        let ends = heads.map(|class| {
            (self.renewed_ns[class.head as usize].saturating_add(class.duration_ns), class.head)
        });
        ends.min().map(|(ns, slot)| (ns, Slot(slot)))
    }

    fn class_of(&mut self, duration_ns: u64) -> u32 {
        let found = self.classes.iter().position(|class| class.duration_ns == duration_ns);
        let class = found.unwrap_or_else(|| {
            self.classes.push(Class { duration_ns, head: NONE, tail: NONE });
            self.classes.len() - 1
        });
        u32::try_from(class).expect("few durations")
    }

    fn push_back(&mut self, slot: Slot, class: u32, now_ns: u64) {
        let s = slot.index();
        let queue = &mut self.classes[class as usize];
        self.class[s] = class;
        self.renewed_ns[s] = now_ns;
        self.prev[s] = queue.tail;
        self.next[s] = NONE;
        match queue.tail {
            NONE => queue.head = slot.0,
            tail => self.next[tail as usize] = slot.0,
        }
        queue.tail = slot.0;
    }

    fn unlink(&mut self, slot: Slot) {
        let s = slot.index();
        let class = std::mem::replace(&mut self.class[s], NONE);
        if class == NONE {
            return;
        }
        let (before, after) = (self.prev[s], self.next[s]);
        let queue = &mut self.classes[class as usize];
        match before {
            NONE => queue.head = after,
            before => self.next[before as usize] = after,
        }
        match after {
            NONE => queue.tail = before,
            after => self.prev[after as usize] = before,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_to_end_is_found_over_all_durations() {
        let mut leases = Leases::default();
        leases.set(Slot(0), Lease::For(100), 0);
        leases.set(Slot(1), Lease::For(10), 50);
        leases.set(Slot(2), Lease::Unlimited, 50);
        assert_eq!(leases.first(), Some((60, Slot(1))));
        leases.remove(Slot(1));
        assert_eq!(leases.first(), Some((100, Slot(0))));
        leases.restart(Slot(0), 70);
        assert_eq!(leases.first(), Some((170, Slot(0))));
        leases.set(Slot(0), Lease::Unchanged, 80);
        assert_eq!(leases.first(), Some((170, Slot(0))));
        leases.set(Slot(0), Lease::Unlimited, 90);
        assert_eq!(leases.first(), None);
    }

    #[test]
    fn renewal_moves_to_the_back() {
        let mut leases = Leases::default();
        (0..3).for_each(|slot| leases.set(Slot(slot), Lease::For(10), u64::from(slot)));
        leases.restart(Slot(0), 5);
        let mut order = Vec::new();
        while let Some((_, slot)) = leases.first() {
            order.push(slot.0);
            leases.remove(slot);
        }
        assert_eq!(order, [1, 2, 0]);
    }
}
