//! What the crate promises, format by format.

mod chart;
mod page;
mod table;
mod write;
