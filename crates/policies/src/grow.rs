//! Columns indexed by slot or block id that grow as larger indices come.

/// The element at `index`, after growing the column so that there is one.
pub(crate) fn grown<T: Default + Clone>(column: &mut Vec<T>, index: usize) -> &mut T {
    #[cold]
    fn grow<T: Default + Clone>(column: &mut Vec<T>, len: usize) {
        column.resize(len, T::default());
    }
    if index >= column.len() {
        grow(column, index + 1);
    }
    &mut column[index]
}

/// A share of a tier, at least 1: of the size it was built with, or of what is resident where it has none.
pub(crate) fn share(ratio: f64, capacity_blocks: Option<u32>, resident: u32) -> u32 {
    ((f64::from(capacity_blocks.unwrap_or(resident)) * ratio) as u32).max(1)
}
