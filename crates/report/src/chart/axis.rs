//! An axis: what is on it, how it is scaled, and from where to where it runs.

use super::ticks::{self, Tick};
use crate::Error;

/// How values are spread along an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Equal differences are equally far apart.
    Linear,
    /// Equal ratios are equally far apart; every value must be above zero.
    Log,
}

/// An axis or a colour scale. It runs a little beyond its data.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// What is on it, with the unit: `mean TTFT [s]`.
    pub label: String,
    /// How values are spread.
    pub scale: Scale,
    /// Values that must be in view beside the data, such as 0.
    pub include: Vec<f64>,
    /// Where the ticks are; `None` chooses round values. Ticks out of view are left out.
    pub ticks: Option<Vec<f64>>,
}

impl Axis {
    /// A linear axis.
    pub fn linear(label: impl Into<String>) -> Self {
        Axis { label: label.into(), scale: Scale::Linear, include: Vec::new(), ticks: None }
    }

    /// A logarithmic axis.
    pub fn log(label: impl Into<String>) -> Self {
        Axis { scale: Scale::Log, ..Axis::linear(label) }
    }

    /// Keeps `value` in view.
    pub fn including(mut self, value: f64) -> Self {
        self.include.push(value);
        self
    }

    /// Puts the ticks at these values.
    pub fn ticks_at(mut self, values: impl Into<Vec<f64>>) -> Self {
        self.ticks = Some(values.into());
        self
    }
}

/// Which room an axis leaves beyond its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    /// A few percent, so that no point sits on the frame.
    Some,
    /// A line of text, for the values above bars.
    Label,
    /// None: a colour scale ends where its data do.
    None,
}

/// Collects what an axis must show, checking every number on the way.
pub(super) struct Extent<'a> {
    chart: &'a str,
    axis: &'a Axis,
    low: f64,
    high: f64,
}

impl<'a> Extent<'a> {
    pub(super) fn new(chart: &'a str, axis: &'a Axis) -> Result<Self, Error> {
        let mut extent = Extent { chart, axis, low: f64::INFINITY, high: f64::NEG_INFINITY };
        let label = &axis.label;
        for (index, value) in axis.include.iter().enumerate() {
            extent.add(*value, index, || format!("values kept in view on `{label}`"))?;
        }
        for (index, &value) in axis.ticks.iter().flatten().enumerate() {
            if !value.is_finite() {
                let series = format!("ticks of `{label}`");
                return Err(Error::NotFinite { chart: chart.to_owned(), series, index, value });
            }
        }
        Ok(extent)
    }

    /// Takes in `value`, the `index`-th of a series.
    pub(super) fn add(&mut self, value: f64, index: usize, series: impl Fn() -> String) -> Result<(), Error> {
        if !value.is_finite() {
            return Err(Error::NotFinite { chart: self.chart.to_owned(), series: series(), index, value });
        }
        if self.axis.scale == Scale::Log && value <= 0.0 {
            return Err(Error::NotPositive {
                chart: self.chart.to_owned(),
                series: series(),
                index,
                value,
                axis: self.axis.label.clone(),
            });
        }
        self.low = self.low.min(value);
        self.high = self.high.max(value);
        Ok(())
    }

    /// Where the axis runs; 0 to 1 without ticks if it has nothing to show.
    pub(super) fn span(self, room: Room, most_ticks: usize) -> Result<Span, Error> {
        let Extent { chart, axis, low, high } = self;
        if low > high {
            return Ok(Span {
                scale: Scale::Linear,
                low: 0.0,
                high: 1.0,
                ticks: Vec::new(),
                minor: Vec::new(),
            });
        }
        let (low, high) = match axis.scale {
            Scale::Linear => padded(low, high, room),
            Scale::Log => {
                let (low, high) = padded_log(low.log10(), high.log10(), room);
                (10f64.powf(low), 10f64.powf(high))
            }
        };
        if !(high - low).is_finite() || low >= high || (axis.scale == Scale::Log && low <= 0.0) {
            return Err(Error::TooWide { chart: chart.to_owned(), axis: axis.label.clone(), low, high });
        }
        let (ticks, minor) = match &axis.ticks {
            Some(values) => (ticks::at(values, low, high), Vec::new()),
            None => ticks::choose(axis.scale, low, high, most_ticks),
        };
        Ok(Span { scale: axis.scale, low, high, ticks, minor })
    }
}

/// Adds 4 % on both sides, but does not cross zero: a cost below zero would puzzle. A single value gets 5 % of
/// itself.
fn padded(low: f64, high: f64, room: Room) -> (f64, f64) {
    let width = high - low;
    let single = width <= 0.0;
    let pad = match room {
        _ if single && low.abs() > 0.0 => low.abs() * 0.05,
        _ if single => return (0.0, 1.0),
        Room::Some => width * 0.04,
        Room::Label => width * 0.08,
        Room::None => 0.0,
    };
    let low_padded = if low >= 0.0 && low - pad < 0.0 { 0.0 } else { low - pad };
    let high_padded = if high <= 0.0 && high + pad > 0.0 { 0.0 } else { high + pad };
    (low_padded, high_padded)
}

/// The same in powers of ten, where a single value gets a tenth of a power.
fn padded_log(low: f64, high: f64, room: Room) -> (f64, f64) {
    let pad = match room {
        _ if high - low < 1e-9 => 0.1,
        Room::Some | Room::Label => (high - low) * 0.04,
        Room::None => 0.0,
    };
    (low - pad, high + pad)
}

/// An axis that knows where it runs.
#[derive(Debug, Clone)]
pub(super) struct Span {
    scale: Scale,
    low: f64,
    high: f64,
    /// Labelled.
    pub(super) ticks: Vec<Tick>,
    /// Not labelled.
    pub(super) minor: Vec<f64>,
}

impl Span {
    /// Where the axis runs, as an attribute of a layer has it: scale, low end, high end.
    pub(super) fn attribute(&self, name: &str) -> String {
        let scale = match self.scale {
            Scale::Linear => "linear",
            Scale::Log => "log",
        };
        format!(" data-{name}=\"{scale} {} {}\"", self.low, self.high)
    }

    /// Where `value` is, 0 at the low end and 1 at the high end.
    pub(super) fn share(&self, value: f64) -> f64 {
        match self.scale {
            Scale::Linear => (value - self.low) / (self.high - self.low),
            Scale::Log => {
                let low = self.low.log10();
                (value.log10() - low) / (self.high.log10() - low)
            }
        }
    }
}
