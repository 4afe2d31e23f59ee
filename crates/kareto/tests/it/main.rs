//! Tests of the optimizer from outside: one binary, one module per question.

mod functions;

mod archive;
mod compare;
mod front;
#[cfg(feature = "gp-ehvi")]
mod gp_ehvi;
mod picks;
mod plus;
mod recommend;
mod robust;
mod search;
mod space;
mod ttl;
mod ttl_online;
mod ttl_scale;
