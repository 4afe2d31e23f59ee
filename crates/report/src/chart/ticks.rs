//! Where the ticks are and what they say.

use super::Scale;
use crate::number::{grouped_alike, significant, without_trailing_zeros};

/// A labelled tick.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tick {
    pub(super) value: f64,
    pub(super) label: String,
}

/// Labelled and unlabelled ticks between `low` and `high`, at most `most` (2 or more) labelled.
pub(super) fn choose(scale: Scale, low: f64, high: f64, most: usize) -> (Vec<Tick>, Vec<f64>) {
    match scale {
        Scale::Linear => (labelled(&linear(low, high, most)), Vec::new()),
        Scale::Log => {
            let values = log(low, high, most);
            let minor = if values.len() > 1 && high / low < 1e5 {
                multiples(low, high, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0], 1)
            } else {
                Vec::new()
            };
            (labelled(&values), minor)
        }
    }
}

/// Ticks at given values, those out of view left out.
pub(super) fn at(values: &[f64], low: f64, high: f64) -> Vec<Tick> {
    let slack = (high - low) * 1e-9;
    let in_view: Vec<f64> =
        values.iter().copied().filter(|v| (low - slack..=high + slack).contains(v)).collect();
    labelled(&in_view)
}

/// Multiples of 1, 2, 2.5 or 5 times a power of ten.
fn linear(low: f64, high: f64, most: usize) -> Vec<f64> {
    let mut power = ((high - low) / most as f64).log10().floor() as i32;
    loop {
        for step in [1.0, 2.0, 2.5, 5.0] {
            // Counting in whole multiples keeps 0.3 from being 0.30000000000000004 more often than adding up does.
            let step = step * 10f64.powi(power);
            let first = (low / step - 1e-9).ceil();
            let last = (high / step + 1e-9).floor();
            let count = last - first + 1.0;
            if count <= most as f64 && step > 0.0 {
                return (0..count.max(0.0) as usize).map(|i| (first + i as f64) * step).collect();
            }
        }
        power += 1;
    }
}

/// The densest of: every few powers of ten, every power, 1-3, 1-2-5, all nine; on a narrow axis round differences.
fn log(low: f64, high: f64, most: usize) -> Vec<f64> {
    let powers = (high.log10() - low.log10()).ceil() as usize;
    let sets: [&[f64]; 4] =
        [&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0], &[1.0, 2.0, 5.0], &[1.0, 3.0], &[1.0]];
    for set in sets {
        let values = multiples(low, high, set, 1);
        if values.len() <= most {
            return if values.len() >= 3 || high / low > 3.0 { values } else { linear(low, high, most) };
        }
    }
    let every = powers.div_ceil(most).max(1);
    multiples(low, high, &[1.0], every as i32)
}

fn multiples(low: f64, high: f64, set: &[f64], every: i32) -> Vec<f64> {
    let (from, to) = (low.log10().floor() as i32, high.log10().ceil() as i32);
    (from..=to)
        .filter(|power| power.rem_euclid(every) == 0)
        .flat_map(|power| {
            set.iter().map(move |m| if power < 0 { m / 10f64.powi(-power) } else { m * 10f64.powi(power) })
        })
        .filter(|v| (low * (1.0 - 1e-9)..=high * (1.0 + 1e-9)).contains(v))
        .collect()
}

/// Labels that belong together. On an axis that spans less than two powers of ten they share their unit and their
/// number of decimals; on a wider one each has its own.
fn labelled(values: &[f64]) -> Vec<Tick> {
    let sizes = || values.iter().map(|v| v.abs()).filter(|v| *v != 0.0);
    let (smallest, largest) = (sizes().fold(f64::INFINITY, f64::min), sizes().fold(0.0, f64::max));
    if largest >= 1e15 || smallest < 1e-5 {
        return values.iter().map(|&value| Tick { value, label: with_exponent(value) }).collect();
    }
    let shared = (largest / smallest < 100.0).then(|| unit_of(largest));
    let decimals = |v: f64, unit: f64| significant(v / unit, 6).split_once('.').map_or(0, |(_, d)| d.len());
    let most = shared.map_or(0, |(unit, _)| values.iter().map(|v| decimals(*v, unit)).max().unwrap_or(0));
    let number = |&v: &f64| match shared {
        Some((unit, _)) if v != 0.0 => format!("{:.most$}", v / unit),
        _ => significant(v / unit_of(v.abs()).0, 6),
    };
    let numbers = grouped_alike(&values.iter().map(number).collect::<Vec<_>>());
    let tick = |(&value, number): (&f64, String)| {
        let (_, suffix) =
            if value == 0.0 { (1.0, "") } else { shared.unwrap_or_else(|| unit_of(value.abs())) };
        Tick { value, label: number + suffix }
    };
    values.iter().zip(numbers).map(tick).collect()
}

/// From a million on, numbers are shown in millions and so on.
fn unit_of(size: f64) -> (f64, &'static str) {
    match size {
        _ if size >= 1e12 => (1e12, " T"),
        _ if size >= 1e9 => (1e9, " G"),
        _ if size >= 1e6 => (1e6, " M"),
        _ => (1.0, ""),
    }
}

/// `1e-7`, `2.5e18`.
fn with_exponent(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let text = format!("{value:.3e}");
    match text.split_once('e') {
        Some((mantissa, exponent)) => format!("{}e{exponent}", without_trailing_zeros(mantissa)),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(scale: Scale, low: f64, high: f64) -> String {
        let (ticks, _) = choose(scale, low, high, 7);
        assert!(ticks.len() <= 7, "{ticks:?}");
        ticks.iter().map(|t| t.label.as_str()).collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn linear_ticks_are_round_and_print_as_people_write_them() {
        insta::assert_snapshot!(labels(Scale::Linear, 0.0, 2048.0), @"0 | 500 | 1000 | 1500 | 2000");
        insta::assert_snapshot!(labels(Scale::Linear, 0.0, 1.0), @"0 | 0.2 | 0.4 | 0.6 | 0.8 | 1.0");
        insta::assert_snapshot!(labels(Scale::Linear, 0.1, 0.35), @"0.10 | 0.15 | 0.20 | 0.25 | 0.30 | 0.35");
        insta::assert_snapshot!(labels(Scale::Linear, 8_200.0, 13_900.0), @"9,000 | 10,000 | 11,000 | 12,000 | 13,000");
        insta::assert_snapshot!(labels(Scale::Linear, -3.0, 3.0), @"-3 | -2 | -1 | 0 | 1 | 2 | 3");
        insta::assert_snapshot!(labels(Scale::Linear, 0.0, 6.5e9), @"0 | 1 G | 2 G | 3 G | 4 G | 5 G | 6 G");
        insta::assert_snapshot!(labels(Scale::Linear, 0.0, 3e-7), @"0 | 5e-8 | 1e-7 | 1.5e-7 | 2e-7 | 2.5e-7 | 3e-7");
    }

    #[test]
    fn logarithmic_ticks_follow_the_width_of_the_axis() {
        insta::assert_snapshot!(labels(Scale::Log, 0.09, 11.0), @"0.1 | 0.2 | 0.5 | 1 | 2 | 5 | 10");
        insta::assert_snapshot!(labels(Scale::Log, 1.0, 2000.0), @"1 | 3 | 10 | 30 | 100 | 300 | 1000");
        insta::assert_snapshot!(labels(Scale::Log, 0.9, 1.1e9), @"1 | 100 | 10,000 | 1 M | 100 M");
        insta::assert_snapshot!(labels(Scale::Log, 410.0, 620.0), @"450 | 500 | 550 | 600");
        insta::assert_snapshot!(labels(Scale::Log, 0.3, 2.2), @"0.5 | 1.0 | 2.0");
    }

    #[test]
    fn chosen_ticks_keep_to_the_view() {
        let ticks = at(&[0.0, 512.0, 1024.0, 4096.0], 0.0, 2048.0);
        assert_eq!(ticks.iter().map(|t| t.label.as_str()).collect::<Vec<_>>(), ["0", "512", "1024"]);
    }
}
