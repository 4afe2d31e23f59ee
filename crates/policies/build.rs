//! Names the code of every policy, for records: who edits one does not change what the others' records are worth.

fn main() {
    let policies = code_revision::Crate::new()
        .parts("src/eviction")
        .parts("src/lease")
        .parts("src/router")
        .parts("src/scheduler");
    policies.part("src/testing").part("src/templates.rs").stated(&["kv-core"]).emit();
}
