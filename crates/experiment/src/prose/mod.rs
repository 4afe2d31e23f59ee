//! Figures in prose: an analysis names a figure, and its value stands there when a page is made.
//!
//! The way has three parts. [`reference`] reads the names in a text. [`names`] refuses names that an experiment does not
//! have, when its file is loaded. `analysis.rs` finds the values in a record. `experiments/FORMAT.md` is the document
//! for people.

mod names;
mod reference;

pub(crate) use names::{Names, checked};
pub(crate) use reference::{Counted, Piece, Place, Reference, Settings, TRACE_FIELDS, Value, among, pieces};

#[cfg(test)]
#[path = "../../tests/unit/prose.rs"]
mod tests;
