//! Repeats the transfers of a probe and makes a measurement of each point.

use crate::clock::Start;
use crate::{Error, Measurement, Point, TransferProbe};

/// A point is noisy where half of its times lie further apart than this share of their median.
pub const NOISY_SPREAD: f64 = 0.1;

/// How often a transfer is repeated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Repeats {
    /// Transfers that are not counted, at the start of a point.
    pub warm_up: u32,
    /// Fewest transfers timed.
    pub least: u32,
    /// Most transfers timed.
    pub most: u32,
    /// No further transfer of a point begins after so long, but for the fewest \[s\].
    pub budget_s: f64,
}

/// Measures all points of a probe. `tell` hears of each as it is done.
///
/// # Errors
/// The first transfer that fails ends the measuring.
pub fn measure(
    probe: &mut dyn TransferProbe,
    repeats: Repeats,
    tell: &mut dyn FnMut(&Measurement),
) -> Result<Vec<Measurement>, Error> {
    let mut measured = Vec::new();
    for point in probe.points() {
        let one = measure_point(probe, &point, repeats)?;
        tell(&one);
        measured.push(one);
    }
    Ok(measured)
}

fn measure_point(
    probe: &mut dyn TransferProbe,
    point: &Point,
    repeats: Repeats,
) -> Result<Measurement, Error> {
    probe.prepare(point)?;
    let start = Start::now();
    for _ in 0..repeats.warm_up {
        probe.transfer(point)?;
    }
    let mut times = Vec::new();
    while times.len() < repeats.least as usize
        || (times.len() < repeats.most as usize && start.elapsed_s() < repeats.budget_s)
    {
        times.push(probe.transfer(point)?);
    }
    Ok(summary(*point, times))
}

/// The measurement that some times of a point make; there is at least one.
fn summary(point: Point, mut times: Vec<f64>) -> Measurement {
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
    let median = at(0.5);
    let spread = (at(0.75) - at(0.25)) / median;
    Measurement {
        point,
        seconds_median: median,
        seconds_min: times[0],
        spread,
        repeats: times.len() as u32,
        noisy: spread > NOISY_SPREAD,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Memory, Method, Op};

    const POINT: Point = Point {
        op: Op::HostCopy,
        memory: Memory::Pageable,
        method: Method::Threads,
        lanes: 1,
        fragment_bytes: 8,
        total_bytes: 8,
    };

    /// Gives its times one after the other.
    struct Script(Vec<f64>);

    impl TransferProbe for Script {
        fn points(&self) -> Vec<Point> {
            vec![POINT]
        }
        fn prepare(&mut self, _: &Point) -> Result<(), Error> {
            Ok(())
        }
        fn transfer(&mut self, _: &Point) -> Result<f64, Error> {
            Ok(self.0.remove(0))
        }
    }

    #[test]
    fn warm_up_is_left_out_and_a_wide_spread_is_noisy() {
        let repeats = Repeats { warm_up: 1, least: 5, most: 5, budget_s: 0.0 };
        let mut script = Script(vec![99.0, 1.0, 5.0, 2.0, 4.0, 3.0]);
        let mut told = 0;
        let measured = measure(&mut script, repeats, &mut |_| told += 1).expect("no transfer fails");
        // Sorted 1 2 3 4 5: quartiles 2 and 4, so the spread is 2 / 3.
        let expected = Measurement {
            point: POINT,
            seconds_median: 3.0,
            seconds_min: 1.0,
            spread: 2.0 / 3.0,
            repeats: 5,
            noisy: true,
        };
        assert_eq!((measured, told), (vec![expected], 1));
    }
}
