//! Tests of the simulator from outside, by question.

mod real_trace;
mod recorded;
mod setup;
