//! Names the code of this crate that computes figures, for archives: who changes a record or a finding keeps them.

fn main() {
    let code = code_revision::Crate::new().only(&["src/evaluate", "src/group_ttl"]).part("src/group_ttl");
    let stated =
        ["kv-core", "trace-synth", "policies", "tier-sim", "kareto", "deployment", "report", "toml", "serde"];
    code.stated(&stated).emit();
}
