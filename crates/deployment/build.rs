//! Names the code that evaluates a deployment, for archives. Fitting a profile is no part of an evaluation.

fn main() {
    let stated = ["kv-core", "trace-synth", "policies", "tier-sim", "siphasher"];
    code_revision::Crate::new().part("src/data/fit").stated(&stated).emit();
}
