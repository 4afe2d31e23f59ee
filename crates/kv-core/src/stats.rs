//! Quantiles by nearest rank, for every crate that reports them.
//!
//! The q-quantile of n sorted values is the value at rank ceil(q n). So a quantile is always a value that occurred, and a
//! whole number stays one.

/// The rank, from 1, of the q-quantile among `count` values: ceil(q `count`), at least 1 and at most `count`.
///
/// `q` is from 0 to 1. The result is 1 where `count` is 0.
#[must_use]
pub fn rank(count: u64, q: f64) -> u64 {
    ((q * count as f64).ceil() as u64).clamp(1, count.max(1))
}

/// The q-quantile of values that are sorted in ascending order, or `None` where there are none.
///
/// `q` is from 0 to 1: 0.5 gives the median, and of an even number of values the lower one of the middle two.
///
/// ```
/// use kv_core::stats::nearest_rank;
///
/// let sorted = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
/// // Ranks: ceil(5) = 5, ceil(9) = 9, ceil(9.9) = 10.
/// assert_eq!([0.5, 0.9, 0.99].map(|q| nearest_rank(&sorted, q)), [Some(5), Some(9), Some(10)]);
/// assert_eq!(nearest_rank::<u32>(&[], 0.5), None);
/// ```
#[must_use]
pub fn nearest_rank<T: Copy>(sorted: &[T], q: f64) -> Option<T> {
    let index = usize::try_from(rank(sorted.len() as u64, q)).ok()? - 1;
    sorted.get(index).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_stay_within_the_sample() {
        assert_eq!([0.0, 0.25, 0.5, 0.75, 1.0].map(|q| rank(4, q)), [1, 1, 2, 3, 4]);
        assert_eq!([0.0, 0.5, 1.0].map(|q| rank(0, q)), [1, 1, 1]);
        assert_eq!(nearest_rank(&[7], 0.0), Some(7));
        assert_eq!(nearest_rank(&[7], 1.0), Some(7));
    }
}
