//! Tests of the simulator from outside, by question.
#![allow(clippy::print_stdout, reason = "tests say what they skip")]

mod conservation;
mod equal;
mod exact;
mod extreme;
mod formulas;
mod linear;
mod memory;
mod mistakes;
mod naive;
mod observed;
mod outside;
mod policies;
mod real_trace;
mod recorded;
mod refused;
mod setup;
mod shared_nearest;
mod small;
