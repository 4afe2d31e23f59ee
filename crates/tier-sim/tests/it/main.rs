//! Tests of the simulator from outside, by question.

mod recorded;
