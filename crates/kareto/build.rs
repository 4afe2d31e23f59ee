//! Names the code that chooses leases, for records of what they did; searches compute no figure of an evaluation.

fn main() {
    code_revision::Crate::new().only(&["src/ttl"]).stated(&["kv-core"]).emit();
}
