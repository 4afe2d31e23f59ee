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

/// The lease of a slot: its class, its neighbours in the queue of the class, and when it was renewed.
#[derive(Debug, Clone, Copy)]
struct Held {
    renewed_ns: u64,
    class: u32,
    next: u32,
    prev: u32,
}

const NO_LEASE: Held = Held { renewed_ns: 0, class: NONE, next: NONE, prev: NONE };

/// Leases of one tier.
#[derive(Debug, Default)]
pub(crate) struct Leases {
    classes: Vec<Class>,
    slots: Vec<Held>,
    /// No lease ends before this \[ns\]. It may lag behind the first end, never pass it.
    none_before_ns: u64,
}

impl Leases {
    /// Sets, renews or ends the lease of a slot. Times never decrease from call to call.
    pub(crate) fn set(&mut self, slot: Slot, lease: Lease, now_ns: u64) {
        if slot.index() >= self.slots.len() {
            self.slots.resize(slot.index() + 1, NO_LEASE);
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
        if let Some(&Held { class, .. }) = self.slots.get(slot.index()).filter(|held| held.class != NONE) {
            self.unlink(slot);
            self.push_back(slot, class, now_ns);
        }
    }

    /// Forgets a slot.
    pub(crate) fn remove(&mut self, slot: Slot) {
        if slot.index() < self.slots.len() {
            self.unlink(slot);
        }
    }

    /// The slot whose lease ends first, and when; the lower duration of equals.
    pub(crate) fn first(&self) -> Option<(u64, Slot)> {
        let heads = self.classes.iter().filter(|class| class.head != NONE);
        let ends = heads.map(|class| {
            (self.slots[class.head as usize].renewed_ns.saturating_add(class.duration_ns), class.head)
        });
        ends.min().map(|(ns, slot)| (ns, Slot(slot)))
    }

    /// The first, if it has ended by `now_ns`. It is asked at every event, and seldom has an answer.
    pub(crate) fn ended(&mut self, now_ns: u64) -> Option<(u64, Slot)> {
        if now_ns < self.none_before_ns {
            return None;
        }
        let first = self.first();
        self.none_before_ns = first.map_or(u64::MAX, |(end_ns, _)| end_ns);
        first.filter(|(end_ns, _)| *end_ns <= now_ns)
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
        let queue = &mut self.classes[class as usize];
        let tail = std::mem::replace(&mut queue.tail, slot.0);
        self.none_before_ns = self.none_before_ns.min(now_ns.saturating_add(queue.duration_ns));
        self.slots[slot.index()] = Held { renewed_ns: now_ns, class, next: NONE, prev: tail };
        match tail {
            NONE => queue.head = slot.0,
            tail => self.slots[tail as usize].next = slot.0,
        }
    }

    fn unlink(&mut self, slot: Slot) {
        let held = &mut self.slots[slot.index()];
        if held.class == NONE {
            return;
        }
        let Held { class, next, prev, .. } = std::mem::replace(held, NO_LEASE);
        let queue = &mut self.classes[class as usize];
        match prev {
            NONE => queue.head = next,
            prev => self.slots[prev as usize].next = next,
        }
        match next {
            NONE => queue.tail = prev,
            next => self.slots[next as usize].prev = prev,
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
        assert_eq!((leases.ended(59), leases.ended(60)), (None, Some((60, Slot(1)))));
        leases.remove(Slot(1));
        assert_eq!(leases.first(), Some((100, Slot(0))));
        assert_eq!(leases.ended(60), None);
        leases.restart(Slot(0), 70);
        assert_eq!(leases.first(), Some((170, Slot(0))));
        leases.set(Slot(0), Lease::Unchanged, 80);
        assert_eq!((leases.first(), leases.ended(169)), (Some((170, Slot(0))), None));
        leases.set(Slot(0), Lease::Unlimited, 90);
        assert_eq!((leases.first(), leases.ended(u64::MAX)), (None, None));
        leases.set(Slot(3), Lease::For(1), 90);
        assert_eq!(leases.ended(91), Some((91, Slot(3))));
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
