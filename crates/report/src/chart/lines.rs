//! Several quantities along one axis, as lines.

use super::axis::{Axis, Extent, Room, Span};
use super::canvas::{Canvas, Ink, Marker, Px};
use super::color::{Rgb, of_series};
use super::frame::{Area, Frame, Key, Sample, Side, draw_no_data, most_ticks};
use super::{Join, Size, Svg};
use crate::Error;

/// Whether a line's points are marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Markers {
    /// Each point has a marker, of another shape for each series.
    Shown,
    /// Only the line is drawn.
    Hidden,
}

/// A range around a line, such as quartiles or a confidence interval.
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    /// For each point of the series, its lower and upper end.
    pub ends: Vec<(f64, f64)>,
}

/// One line.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Its name in the legend.
    pub name: String,
    /// (x, y), joined in this order.
    pub points: Vec<(f64, f64)>,
    /// How they are joined.
    pub join: Join,
    /// Whether they are marked.
    pub markers: Markers,
    /// A range around it.
    pub band: Option<Band>,
}

impl Series {
    /// Straight lines between marked points.
    pub fn new(name: impl Into<String>, points: Vec<(f64, f64)>) -> Self {
        Series { name: name.into(), points, join: Join::Straight, markers: Markers::Shown, band: None }
    }
}

/// A line chart.
///
/// ```
/// use report::chart::{Axis, Lines, Series};
///
/// let mut chart = Lines::new("Hit rate by capacity", Axis::log("DRAM [GiB]"), Axis::linear("hit rate").including(0.0));
/// chart.series = vec![
///     Series::new("LRU", vec![(64.0, 0.2), (256.0, 0.4), (1024.0, 0.5)]),
///     Series::new("Belady", vec![(64.0, 0.3), (256.0, 0.5), (1024.0, 0.55)]),
/// ];
/// assert!(chart.to_svg()?.as_str().contains("Belady"));
/// # Ok::<(), report::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Lines {
    /// Above the drawing, and its accessible name.
    pub title: String,
    /// Horizontal axis.
    pub x: Axis,
    /// Vertical axis.
    pub y: Axis,
    /// The lines, the first drawn on top.
    pub series: Vec<Series>,
    /// How large it is.
    pub size: Size,
}

impl Lines {
    /// A line chart without lines, of standard size.
    pub fn new(title: impl Into<String>, x: Axis, y: Axis) -> Self {
        Lines { title: title.into(), x, y, series: Vec::new(), size: Size::STANDARD }
    }

    /// Draws it.
    ///
    /// # Errors
    /// [`Error::NotFinite`] and [`Error::NotPositive`] (on a logarithmic axis) name series and point;
    /// [`Error::SeriesLength`] for a band of another length than its line; [`Error::TooWide`]; [`Error::BadSize`].
    pub fn to_svg(&self) -> Result<Svg, Error> {
        self.size.check(&self.title)?;
        let (x, y) = self.spans()?;
        let frame = Frame {
            title: self.title.clone(),
            keys: self.keys(),
            x: Side::values(&self.x.label, &x),
            y: Side::values(&self.y.label, &y),
            colors: None,
        };
        Ok(Canvas::draw(self.size, &self.title, |canvas| {
            let area = frame.draw(canvas, self.size);
            self.draw_data(canvas, &area, &|p: (f64, f64)| area.at(x.share(p.0), y.share(p.1)));
        }))
    }

    fn spans(&self) -> Result<(Span, Span), Error> {
        let (most_x, most_y) = most_ticks(self.size);
        let mut x = Extent::new(&self.title, &self.x)?;
        let mut y = Extent::new(&self.title, &self.y)?;
        for series in &self.series {
            let name = &series.name;
            for (i, point) in series.points.iter().enumerate() {
                x.add(point.0, i, || format!("x of `{name}`"))?;
                y.add(point.1, i, || format!("y of `{name}`"))?;
            }
            let Some(band) = &series.band else { continue };
            if band.ends.len() != series.points.len() {
                let (got, expected) = (band.ends.len(), series.points.len());
                let (chart, series) = (self.title.clone(), format!("band of `{name}`"));
                return Err(Error::SeriesLength { chart, series, got, expected });
            }
            for (i, (low, high)) in band.ends.iter().enumerate() {
                y.add(*low, i, || format!("band of `{name}`, lower end"))?;
                y.add(*high, i, || format!("band of `{name}`, upper end"))?;
            }
        }
        Ok((x.span(Room::Some, most_x)?, y.span(Room::Some, most_y)?))
    }

    /// One line needs no legend: its axis says what it is.
    fn keys(&self) -> Vec<Key> {
        let shown = self.series.iter().enumerate();
        let key = |(i, series): (usize, &Series)| {
            Key::new(&series.name, Sample::Line(of_series(i), series.marker_shape(i)))
        };
        if self.series.len() > 1 { shown.map(key).collect() } else { Vec::new() }
    }

    fn draw_data(&self, canvas: &mut Canvas<'_>, area: &Area, at: &impl Fn((f64, f64)) -> Px) {
        if self.series.iter().all(|s| s.points.is_empty()) {
            draw_no_data(canvas, area);
        }
        for (i, series) in self.series.iter().enumerate() {
            let Some(band) = &series.band else { continue };
            let end = |pick: fn(&(f64, f64)) -> f64| -> Vec<Px> {
                let ends = series.points.iter().zip(&band.ends);
                series.join.path(&ends.map(|(p, e)| at((p.0, pick(e)))).collect::<Vec<_>>())
            };
            let (low, high) = (end(|e| e.0), end(|e| e.1));
            let around: Vec<Px> = low.into_iter().chain(high.into_iter().rev()).collect();
            canvas.area(&around, Ink::new(of_series(i), 0.0).alpha(0.16));
        }
        for (i, series) in self.series.iter().enumerate().rev() {
            let places: Vec<Px> = series.points.iter().map(|p| at(*p)).collect();
            canvas.path(&series.join.path(&places), Ink::new(of_series(i), 2.0));
            // A single point makes no line, so it is marked in any case.
            let lone = (places.len() == 1).then(|| Marker::of_series(i));
            if let Some(marker) = series.marker_shape(i).or(lone) {
                let edge = Ink::new(Rgb::WHITE, 1.0);
                places.iter().for_each(|p| canvas.marker(marker, *p, 4.0, of_series(i), edge));
            }
        }
    }
}

impl Series {
    fn marker_shape(&self, index: usize) -> Option<Marker> {
        match self.markers {
            Markers::Shown => Some(Marker::of_series(index)),
            Markers::Hidden => None,
        }
    }
}
