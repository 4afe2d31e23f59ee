//! Tests over real traces that lie beside the project; where they are absent, each says so and passes.

mod cases;
mod fits;
mod hit_curves;
mod manifests;
mod public_traces;
mod shared;
