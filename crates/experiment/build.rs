//! Names the code of this crate that computes figures, for archives: who changes a record or a finding keeps them.

fn main() {
    let code = code_revision::Crate::new().only(&["src/evaluate", "src/group_ttl"]).part("src/group_ttl");
    // `engine-runs` has no part in an evaluation that an archive keeps.
    let stated = [
        "kv-core",
        "trace-synth",
        "policies",
        "tier-sim",
        "kareto",
        "deployment",
        "engine-runs",
        "report",
        "toml",
        "serde",
    ];
    code.stated(&stated).emit();
}
