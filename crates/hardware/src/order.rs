//! An order in which neighbours are far apart, so that neither a disk nor a driver can join or foresee accesses.

/// All numbers below `count`, each once, in an order without a short pattern. The same count gives the same order.
pub(crate) fn scattered(count: u64) -> impl Iterator<Item = u64> {
    let step = step(count);
    (0..count).map(move |i| (u128::from(i) * u128::from(step) % u128::from(count.max(1))) as u64)
}

/// A step near the golden section of `count` that visits every number: it has no divisor in common with it.
fn step(count: u64) -> u64 {
    let golden = (count as f64 * 0.618_033_988_75) as u64;
    (golden.max(1)..).find(|step| divisor(*step, count) == 1).unwrap_or(1)
}

fn divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_comes_once() {
        for count in [0, 1, 2, 3, 6, 10, 64, 97, 1000, 4096] {
            let mut order: Vec<u64> = scattered(count).collect();
            order.sort_unstable();
            assert_eq!(order, (0..count).collect::<Vec<_>>());
        }
    }

    #[test]
    fn neighbours_are_far_apart() {
        let order: Vec<u64> = scattered(4096).collect();
        assert!(order.windows(2).all(|pair| pair[0].abs_diff(pair[1]) > 1000));
    }
}
