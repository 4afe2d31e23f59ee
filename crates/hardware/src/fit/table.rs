//! Bandwidth by the size of fragments, as a table that is linear between its sizes. `datasets/media` has the same law.

use serde::Serialize;

/// Bandwidth by fragment size.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FragmentTable {
    /// Size \[B\], increasing, and bandwidth \[B/s\]; at least one.
    pub rows: Vec<(u64, f64)>,
}

impl FragmentTable {
    /// Bandwidth at a size \[B/s\]: linear between two rows; the first and the last hold beyond them.
    #[must_use]
    pub fn bytes_per_s(&self, fragment_bytes: u64) -> f64 {
        interpolated(&self.rows, fragment_bytes)
    }

    /// For each row but the first and the last: how far the line through its neighbours misses it \[%\]. It tells what the
    /// table is worth between its rows.
    #[must_use]
    pub fn left_out_percent(&self) -> Vec<(u64, f64)> {
        let inner = 1..self.rows.len().saturating_sub(1);
        let miss = |place: usize| {
            let mut others = self.rows.clone();
            let (size, bytes_per_s) = others.remove(place);
            (size, 100.0 * (interpolated(&others, size) / bytes_per_s - 1.0))
        };
        inner.map(miss).collect()
    }
}

fn interpolated(rows: &[(u64, f64)], size: u64) -> f64 {
    let after = rows.partition_point(|row| row.0 <= size);
    match (after.checked_sub(1).and_then(|place| rows.get(place)), rows.get(after)) {
        (Some(low), Some(high)) => {
            let share = (size - low.0) as f64 / (high.0 - low.0) as f64;
            low.1 + share * (high.1 - low.1)
        }
        (Some(only), None) | (None, Some(only)) => only.1,
        (None, None) => f64::NAN,
    }
}
