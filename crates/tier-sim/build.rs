//! Names the code of this crate, for records.

fn main() {
    code_revision::Crate::new().stated(&["kv-core"]).emit();
}
