//! How many bytes does a policy take for each block, and does it allocate while it runs?

use allocation_counter::measure;
use kv_core::policy::{Access, Build, Context, EvictionPolicy, Removal, Role, Slot, Spec};
use kv_core::{BlockId, Group, Trace, TraceBuilder};
use policies::registry;
use std::fmt::Write;

/// Blocks resident: little less than a power of two, so that arrays that double are nearly full.
const RESIDENT: u32 = (1 << 16) - 100;

/// One request for each of so many blocks.
fn trace(distinct: u32) -> Trace {
    let mut builder = TraceBuilder::new(1);
    (0..u64::from(distinct)).for_each(|id| builder.push(id, 1, 1, &[id], None).expect("one block"));
    builder.finish()
}

fn access(block: u32) -> Access {
    Access { block: BlockId(block), depth: 0, group: Group::REST, request: block, now_ns: block.into() }
}

/// What is where, kept outside of what is measured.
struct Residency {
    block_in: Vec<u32>,
    resident: Vec<bool>,
}

impl Residency {
    /// Evicts one and puts `block` in its place.
    fn replace(&mut self, policy: &mut dyn EvictionPolicy, block: u32) {
        let victim = policy.choose_victim(0, &|_| true).expect("all are eligible");
        policy.on_remove(victim, Removal::Evicted);
        policy.on_insert(victim, &access(block));
        let left = std::mem::replace(&mut self.block_in[victim.index()], block);
        self.resident[left as usize] = false;
        self.resident[block as usize] = true;
    }
}

/// Bytes that a policy takes when `distinct` blocks have passed through a tier of `RESIDENT`.
fn bytes(spec: &Spec, distinct: u32) -> f64 {
    let trace = trace(distinct);
    let Build::Eviction(build) = spec.build else { unreachable!("filtered by role") };
    let params = spec.params(&[]).expect("defaults");
    let context = Context { trace: &trace, capacity_blocks: Some(RESIDENT), seed: 1, group_leases: &[] };
    let mut tier = Residency {
        block_in: (0..RESIDENT).collect(),
        resident: (0..distinct).map(|block| block < RESIDENT).collect(),
    };
    let mut built = None;
    let taken = measure(|| {
        let policy = built.insert(build(&params, &context));
        (0..RESIDENT).for_each(|slot| policy.on_insert(Slot(slot), &access(slot)));
        (RESIDENT..distinct).for_each(|block| tier.replace(policy.as_mut(), block));
    });
    // Every block has been seen: from here on at most a queue doubles once more.
    let mut policy = built.expect("it was built");
    let later = measure(|| {
        for block in (0..distinct).step_by(3) {
            if !tier.resident[block as usize] {
                tier.replace(policy.as_mut(), block);
            }
            let slot = block % RESIDENT;
            policy.on_hit(Slot(slot), &access(tier.block_in[slot as usize]));
        }
    });
    let allocations = later.count_total;
    assert!(allocations <= 4, "{}: {allocations} allocations", spec.name);
    taken.bytes_current as f64
}

/// The bytes a slot and a block that the policy's own file states, the latter for references too, which are as many.
fn stated(policy: &str) -> (f64, f64) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/eviction");
    let files = std::fs::read_dir(folder).expect("the folder of eviction policies");
    let texts =
        files.map(|entry| std::fs::read_to_string(entry.expect("an entry").path()).expect("a source file"));
    let text =
        texts.into_iter().find(|text| text.contains(&format!("    name: \"{policy}\",\n    summary:")));
    let text = text.unwrap_or_else(|| panic!("{policy}: no file"));
    let line =
        text.lines().find_map(|line| line.strip_prefix("//! Memory: ")).unwrap_or_else(|| panic!("{policy}"));
    let words: Vec<&str> = line.split([' ', ',', '.']).filter(|word| !word.starts_with("byte")).collect();
    let (mut slot, mut block) = (0.0, 0.0);
    for window in words.windows(3) {
        match (window[0].parse::<f64>(), window[1], window[2]) {
            (Ok(bytes), "a", "slot") => slot += bytes,
            (Ok(bytes), "a", "block" | "reference") => block += bytes,
            _ => {}
        }
    }
    (slot, block)
}

/// At least what is stated, and less than twice that, as arrays grow by doubling; what does not grow is left out.
fn held(policy: &str, what: &str, least: f64, most: f64, measured: f64) {
    let constant = 60_000.0 / f64::from(RESIDENT);
    assert!(
        (least * 0.99..=most * 2.0 + constant).contains(&measured),
        "{policy}: {least} to {most} bytes stated for what is {what}, {measured} measured"
    );
}

#[test]
fn bytes_a_block() {
    let mut table = format!("{:<12}{:>12}{:>12}\n", "bytes", "resident", "gone");
    for spec in registry().specs().iter().filter(|spec| spec.role() == Role::Eviction) {
        // The difference is what another RESIDENT blocks that have left cost.
        let [once, twice] = [1, 2].map(|times| bytes(spec, times * RESIDENT) / f64::from(RESIDENT));
        let (slot, block) = stated(spec.name);
        // Ghosts take room from the first block that leaves.
        held(spec.name, "resident", slot, slot + block, once);
        held(spec.name, "gone", block, block, twice - once);
        writeln!(table, "{:<12}{once:>12.1}{:>12.1}", spec.name, twice - once).expect("a string takes all");
    }
    insta::assert_snapshot!(table);
}
