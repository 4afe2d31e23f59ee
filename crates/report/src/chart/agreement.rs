//! What was measured against what was predicted, item by item, with the line on which they are equal.

use super::axis::{Axis, Extent, Room, Scale, Span};
use super::canvas::{Canvas, Ink, Marker, Px};
use super::color::{Rgb, of_series};
use super::frame::{Area, Frame, Key, Sample, Side, draw_no_data, most_ticks};
use super::{Size, Svg};
use crate::Error;

/// The items of one kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// Its name in the legend.
    pub name: String,
    /// (measured, predicted) of each item.
    pub pairs: Vec<(f64, f64)>,
}

/// A chart of predictions. Both axes are of one quantity and run over the same values, so that the line of equality is the
/// diagonal.
///
/// ```
/// use report::chart::{Agreement, Axis, Compared};
///
/// let mut chart = Agreement::new("Request by request", "measured [s]", Axis::log("simulated [s]"));
/// chart.compared.push(Compared { name: "TTFT".into(), pairs: vec![(0.5, 0.52), (2.0, 1.9)] });
/// assert!(chart.to_svg()?.as_str().contains("simulated"));
/// # Ok::<(), report::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Agreement {
    /// Above the drawing, and its accessible name.
    pub title: String,
    /// What stands below the horizontal axis.
    pub measured: String,
    /// The vertical axis. The horizontal one has the same scale.
    pub predicted: Axis,
    /// The items. The first are drawn last, on top.
    pub compared: Vec<Compared>,
    /// How large it is.
    pub size: Size,
}

/// The name of the diagonal.
const EQUAL: &str = "equal";

impl Agreement {
    /// A chart without items. It is nearly square, since both axes are alike.
    pub fn new(title: impl Into<String>, measured: impl Into<String>, predicted: Axis) -> Self {
        let size = Size { width: 720, height: 640 };
        Agreement { title: title.into(), measured: measured.into(), predicted, compared: Vec::new(), size }
    }

    /// Draws it. On a logarithmic axis, pairs with a number that is not above 0 have no place and are left out.
    ///
    /// # Errors
    /// [`Error::NotFinite`] names series and item; [`Error::TooWide`]; [`Error::BadSize`].
    pub fn to_svg(&self) -> Result<Svg, Error> {
        self.size.check(&self.title)?;
        let both = |most| self.span(most);
        let (most_x, most_y) = most_ticks(self.size);
        let (x, y) = (both(most_x)?, both(most_y)?);
        let keys = self.compared.iter().enumerate();
        let keys = keys.map(|(i, it)| Key::new(&it.name, Sample::Disc(of_series(i))));
        let frame = Frame {
            title: self.title.clone(),
            keys: keys.chain([Key::new(EQUAL, Sample::Line(Rgb::INK, None))]).collect(),
            x: Side::values(&self.measured, &x),
            y: Side::values(&self.predicted.label, &y),
            colors: None,
        };
        Ok(Canvas::draw(self.size, &self.title, |canvas| {
            let area = frame.draw(canvas, self.size);
            self.draw_data(canvas, &area, (&x, &y));
        }))
    }

    /// The pairs that have a place.
    fn pairs<'a>(&self, compared: &'a Compared) -> impl Iterator<Item = (usize, (f64, f64))> + use<'a> {
        let is_log = self.predicted.scale == Scale::Log;
        let placed = move |&(_, (a, b)): &(usize, (f64, f64))| !is_log || !(a <= 0.0 || b <= 0.0);
        compared.pairs.iter().copied().enumerate().filter(placed)
    }

    fn span(&self, most_ticks: usize) -> Result<Span, Error> {
        let mut extent = Extent::new(&self.title, &self.predicted)?;
        for compared in &self.compared {
            for (i, (measured, predicted)) in self.pairs(compared) {
                extent.add(measured, i, || format!("measured of `{}`", compared.name))?;
                extent.add(predicted, i, || format!("predicted of `{}`", compared.name))?;
            }
        }
        extent.span(Room::Some, most_ticks)
    }

    fn draw_data(&self, canvas: &mut Canvas<'_>, area: &Area, (x, y): (&Span, &Span)) {
        if self.compared.iter().all(|it| self.pairs(it).next().is_none()) {
            draw_no_data(canvas, area);
            return;
        }
        for (i, compared) in self.compared.iter().enumerate().rev() {
            let color = of_series(i);
            let places = self.pairs(compared).map(|(_, (a, b))| area.at(x.share(a), y.share(b)));
            let places: Vec<Px> = places.collect();
            for at in places {
                match Marker::of_series(i) {
                    Marker::Circle => canvas.disc(at, 2.6, Ink::new(color, 0.0).alpha(0.55)),
                    marker => canvas.marker(marker, at, 2.9, color, Ink::new(color, 0.0).alpha(0.55)),
                }
            }
        }
        canvas.path(&[area.at(0.0, 0.0), area.at(1.0, 1.0)], Ink::new(Rgb::INK, 1.4));
    }
}
