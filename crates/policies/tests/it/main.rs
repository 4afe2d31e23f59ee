//! Tests over the whole catalogue, by the question they answer.

mod contract;
mod files;
mod golden;
mod leases;
mod memory;
mod optimum;
mod traces;
