//! Integration tests: the rules of the workspace, and the binary as a user runs it.

mod cases;
mod circles;
mod commands;
mod committed;
mod comparison;
mod dependencies;
mod detail;
mod edges;
mod errors;
mod experiments;
mod group_ttl;
mod kinds;
mod memory;
mod outputs;
mod pages;
mod profiles;
mod program;
mod resume;
mod robust;
mod same_bytes;
mod silent;
mod skipped;
mod smoke_figures;
mod trace_inputs;
mod traces;
mod uncertainty;
