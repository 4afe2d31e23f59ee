//! A program of one's own: Kareto's commands with a policy that is not in its catalogue.
//!
//! `cargo run --release --package kareto-cli --example own_policy -- policies newest`

use std::process::ExitCode;

use kv_core::policy::{Access, Build, EvictionPolicy, Removal, Slot, Spec};

/// Last in leaves first: what scans like, and chats do not.
struct Newest(Vec<Slot>);

impl EvictionPolicy for Newest {
    fn on_insert(&mut self, slot: Slot, _: &Access) {
        self.0.push(slot);
    }
    fn on_hit(&mut self, _: Slot, _: &Access) {}
    fn on_remove(&mut self, slot: Slot, _: Removal) {
        self.0.retain(|known| *known != slot);
    }
    fn choose_victim(&mut self, _: u64, eligible: &dyn Fn(Slot) -> bool) -> Option<Slot> {
        self.0.iter().rev().copied().find(|slot| eligible(*slot))
    }
}

const NEWEST: Spec = Spec {
    name: "newest",
    summary: "last in leaves first",
    source: "an example",
    params: &[],
    build: Build::Eviction(|_, _| Box::new(Newest(Vec::new()))),
};

fn main() -> ExitCode {
    let mut registry = policies::registry();
    registry.add(NEWEST);
    kareto_cli::main_with(registry)
}
