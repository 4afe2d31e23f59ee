//! Which request uses which block, both ways: what the offline policies know.

use kv_core::Trace;

/// Rows of numbers in one array.
pub(crate) struct Rows {
    start: Vec<u32>,
    values: Vec<u32>,
}

/// Full prompt blocks of each request.
pub(crate) fn prompt_blocks(trace: &Trace) -> Rows {
    let mut rows = Rows { start: vec![0], values: Vec::with_capacity(trace.references()) };
    for request in trace.requests() {
        rows.values.extend(request.prompt_blocks.iter().map(|block| block.0));
        rows.start.push(rows.values.len() as u32);
    }
    rows
}

impl Rows {
    pub(crate) fn row(&self, index: u32) -> &[u32] {
        &self.values[self.start[index as usize] as usize..self.start[index as usize + 1] as usize]
    }

    /// For each of `values` numbers, the rows in which it stands, in order: from blocks of requests, uses of blocks.
    pub(crate) fn transposed(&self, values: usize) -> Self {
        let mut start = vec![0; values + 1];
        self.values.iter().for_each(|&value| start[value as usize + 1] += 1);
        (0..values).for_each(|value| start[value + 1] += start[value]);
        let mut next = start.clone();
        let mut rows = vec![0; self.values.len()];
        for row in 0..self.start.len() as u32 - 1 {
            for &value in self.row(row) {
                rows[next[value as usize] as usize] = row;
                next[value as usize] += 1;
            }
        }
        Self { start, values: rows }
    }

    /// The first number of a sorted row that is at least `first`.
    pub(crate) fn first_from(&self, index: u32, first: u32) -> Option<u32> {
        let row = self.row(index);
        row.get(row.partition_point(|&value| value < first)).copied()
    }
}
