//! The plots of a described trace.

use kv_core::Trace;
use kv_core::units::s_from_ns;
use report::Error;
use report::chart::{Axis, Join, Lines, Markers, Series, Svg};
use trace_synth::curve::{CachePolicy, hit_curve as hits_by_capacity};
use trace_synth::{Cdfs, Description, Reuse, Window, WorkingSet};

/// A line without marks.
fn line(name: &str, points: Vec<(f64, f64)>, join: Join) -> Series {
    Series { join, markers: Markers::Hidden, ..Series::new(name, points) }
}

/// The points that a logarithmic axis can show.
fn above_zero(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    points.iter().copied().filter(|point| point.0 > 0.0).collect()
}

fn number(count: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a count below 2^53")]
    let number = count as f64;
    number
}

/// The time axis in the unit that suits a trace's length, and the seconds of that unit.
fn time_axis(duration_s: f64) -> (Axis, f64) {
    let (unit, unit_s) = match duration_s {
        d if d < 300.0 => ("s", 1.0),
        d if d < 3.0 * 3600.0 => ("min", 60.0),
        d if d < 4.0 * 86_400.0 => ("h", 3600.0),
        _ => ("days", 86_400.0),
    };
    (Axis::linear(format!("time from the first arrival [{unit}]")), unit_s)
}

/// A figure of each window. Its point stands at the window's end or start.
fn by_window(set: &WorkingSet, unit_s: f64, at_end: bool, of: impl Fn(&Window) -> f64) -> Vec<(f64, f64)> {
    let shift = if at_end { 1 } else { 0 };
    let time = |index: usize| number(index + shift) * set.window_s / unit_s;
    set.windows.iter().enumerate().map(|(index, window)| (time(index), of(window))).collect()
}

/// Requests a second, by window; by sixtieth of the trace where it has no windows.
pub(super) fn arrival_rate(trace: &Trace, d: &Description) -> Result<Svg, Error> {
    let (x, unit_s) = time_axis(d.duration_s);
    let mut chart = Lines::new("Arrival rate", x, Axis::linear("requests / s").including(0.0));
    if let Some(set) = &d.working_set {
        let mut points =
            by_window(set, unit_s, false, |window| number(window.requests) / set.window_s.max(1e-9));
        if points.len() > 1 {
            points.pop(); // cut short by the trace's end
        }
        // The last whole window lasts as long as the others.
        points.extend(points.last().map(|&(time, rate)| (time + set.window_s / unit_s, rate)));
        chart.series = vec![line("requests", points, Join::Step)];
    } else if d.duration_s > 0.0 {
        chart.series = vec![line("requests", sixtieths(trace, d.duration_s, unit_s), Join::Step)];
    }
    chart.to_svg()
}

/// Requests a second in each sixtieth of a trace.
fn sixtieths(trace: &Trace, duration_s: f64, unit_s: f64) -> Vec<(f64, f64)> {
    let width_s = duration_s / 60.0;
    let ends = (0..=60).map(|part| f64::from(part) * width_s);
    let before = |end_s: f64| trace.arrivals_ns().partition_point(|&ns| s_from_ns(ns) < end_s);
    ends.map(|start_s| {
        let requests = before(start_s + width_s) - before(start_s);
        (start_s / unit_s, number(requests) / width_s)
    })
    .take(60)
    .collect()
}

/// Prompt and output lengths.
pub(super) fn lengths(cdfs: &Cdfs) -> Result<Svg, Error> {
    let y = Axis::linear("share of requests").including(0.0);
    let mut chart = Lines::new("Lengths", Axis::log("tokens"), y);
    chart.series = vec![
        line("prompt", above_zero(&cdfs.input_length_tokens), Join::Step),
        line("output", above_zero(&cdfs.output_length_tokens), Join::Step),
    ];
    chart.to_svg()
}

/// Reuse intervals and their fits.
pub(super) fn reuse(found: &Reuse, cdfs: &Cdfs) -> Result<Svg, Error> {
    let y = Axis::linear("share of reuses").including(0.0);
    let mut chart = Lines::new("Reuse intervals", Axis::log("since the use before [s]"), y);
    let sample = above_zero(&cdfs.reuse_interval_s);
    chart.series = vec![line("trace", sample.clone(), Join::Step)];
    if let Some(fits) = &found.interval_fits {
        let fitted = |name: &str, cdf: &dyn Fn(f64) -> Option<f64>| {
            let share = |x: f64| Some((x, fits.zero_share + (1.0 - fits.zero_share) * cdf(x)?));
            line(name, sample.iter().filter_map(|point| share(point.0)).collect(), Join::Straight)
        };
        chart.series.extend([
            fitted("exponential", &|x| fits.exponential.cdf(x)),
            fitted("lognormal", &|x| fits.lognormal.cdf(x)),
            fitted("Weibull", &|x| fits.weibull.cdf(x)),
        ]);
    }
    chart.to_svg()
}

/// Hits by capacity: LRU, FIFO, the best choice, and the unlimited cache.
pub(super) fn hit_curve(trace: &Trace, d: &Description) -> Result<Svg, Error> {
    const SHARES: [f64; 16] =
        [0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0];
    let unique = number(trace.unique_blocks());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a count")]
    let mut capacities: Vec<usize> = SHARES.iter().map(|share| (share * unique) as usize).collect();
    capacities.retain(|&capacity| capacity > 0);
    capacities.dedup();
    let y = Axis::linear("hits / block references").including(0.0);
    let mut chart = Lines::new("Hit curve", Axis::log("capacity [blocks]"), y);
    chart.series = CachePolicy::ALL
        .into_iter()
        .map(|policy| {
            let points = hits_by_capacity(trace, policy, &capacities).into_iter();
            let points = points.map(|point| (number(point.capacity_blocks), point.block_hit_ratio));
            Series::new(policy.name().to_uppercase(), points.collect())
        })
        .collect();
    let ends = capacities.first().zip(capacities.last());
    let ideal = ends.zip(d.ideal_hit_ratio);
    let ideal = ideal.map(|((&a, &b), ratio)| vec![(number(a), ratio), (number(b), ratio)]);
    chart.series.push(line("unlimited", ideal.unwrap_or_default(), Join::Straight));
    chart.to_svg()
}

/// Blocks over time.
pub(super) fn working_set(d: &Description) -> Result<Svg, Error> {
    let (x, unit_s) = time_axis(d.duration_s);
    let mut chart = Lines::new("Working set", x, Axis::linear("blocks").including(0.0));
    if let Some(set) = &d.working_set {
        let at_end = |of: fn(&Window) -> usize| by_window(set, unit_s, true, |window| number(of(window)));
        chart.series = vec![
            line("to be named again", at_end(|window| window.live_blocks), Join::Straight),
            line("named in the window", at_end(|window| window.distinct_blocks), Join::Straight),
            line("of these, new", at_end(|window| window.new_blocks), Join::Straight),
        ];
    }
    chart.to_svg()
}
