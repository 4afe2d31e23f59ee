//! Tests of the optimizer from outside: one binary, one module per question.
#![allow(clippy::float_cmp, reason = "figures are equal to the bit")]

mod functions;

mod algorithm_1;
mod archive;
mod break_even;
mod compare;
mod front;
mod gp_ehvi;
mod large;
mod objectives;
mod picks;
mod plus;
mod recommend;
mod robust;
mod search;
mod space;
mod ttl;
mod ttl_online;
mod ttl_scale;
