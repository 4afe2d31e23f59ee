//! Quantities side by side, in groups.

use super::axis::{Axis, Extent, Room, Scale, Span};
use super::canvas::{Anchor, Canvas, Ink, Px, Type, text_width};
use super::color::{Rgb, of_series};
use super::frame::{Area, Frame, Key, SMALL_PX, Sample, Side, draw_no_data, most_ticks};
use super::{Size, Svg};
use crate::Error;
use crate::number::side_by_side;

/// Bars of one colour, one in each group.
#[derive(Debug, Clone, PartialEq)]
pub struct BarSeries {
    /// Its name in the legend.
    pub name: String,
    /// One for each group; `None` leaves a gap.
    pub values: Vec<Option<f64>>,
}

/// A chart of grouped bars that start at zero. The value stands above each bar that is wide enough.
///
/// ```
/// use report::chart::{Axis, BarSeries, Bars};
///
/// let mut chart = Bars::new("TTFT by trace", "trace", Axis::linear("mean TTFT [s]"));
/// chart.groups = vec!["chat".into(), "agent".into()];
/// chart.series = vec![
///     BarSeries { name: "fixed".into(), values: vec![Some(1.9), Some(4.2)] },
///     BarSeries { name: "tuned".into(), values: vec![Some(1.1), None] },
/// ];
/// assert!(chart.to_svg()?.as_str().contains("tuned"));
/// # Ok::<(), report::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Bars {
    /// Above the drawing, and its accessible name.
    pub title: String,
    /// What the groups are.
    pub x_label: String,
    /// Vertical axis. Bars have lengths, so it is drawn linear and from zero, whatever its scale says.
    pub y: Axis,
    /// Names of the groups, left to right.
    pub groups: Vec<String>,
    /// The bars of each group, left to right.
    pub series: Vec<BarSeries>,
    /// How large it is.
    pub size: Size,
}

impl Bars {
    /// A chart without bars, of standard size.
    pub fn new(title: impl Into<String>, x_label: impl Into<String>, y: Axis) -> Self {
        let (title, x_label) = (title.into(), x_label.into());
        Bars { title, x_label, y, groups: Vec::new(), series: Vec::new(), size: Size::STANDARD }
    }

    /// Draws it.
    ///
    /// # Errors
    /// [`Error::SeriesLength`] for a series without one value for each group; [`Error::NotFinite`] names series and
    /// group; [`Error::TooWide`]; [`Error::BadSize`].
    pub fn to_svg(&self) -> Result<Svg, Error> {
        self.size.check(&self.title)?;
        let y = self.span()?;
        let keys =
            self.series.iter().enumerate().map(|(i, s)| Key::new(&s.name, Sample::Swatch(of_series(i))));
        let frame = Frame {
            title: self.title.clone(),
            keys: if self.series.len() > 1 { keys.collect() } else { Vec::new() },
            x: Side::categories(&self.x_label, &self.groups),
            y: Side::values(&self.y.label, &y),
            colors: None,
        };
        Ok(Canvas::draw(self.size, &self.title, |canvas| {
            let area = frame.draw(canvas, self.size);
            self.draw_data(canvas, &area, &y);
        }))
    }

    fn span(&self) -> Result<Span, Error> {
        let axis = Axis { scale: Scale::Linear, ..self.y.clone() }.including(0.0);
        let mut y = Extent::new(&self.title, &axis)?;
        for series in &self.series {
            if series.values.len() != self.groups.len() {
                let (chart, name) = (self.title.clone(), series.name.clone());
                let (got, expected) = (series.values.len(), self.groups.len());
                return Err(Error::SeriesLength { chart, series: name, got, expected });
            }
            for (i, value) in series.values.iter().enumerate().filter_map(|(i, v)| Some((i, (*v)?))) {
                y.add(value, i, || format!("`{}`", series.name))?;
            }
        }
        y.span(Room::Label, most_ticks(self.size).1)
    }

    fn draw_data(&self, canvas: &mut Canvas<'_>, area: &Area, y: &Span) {
        if self.series.iter().all(|s| s.values.iter().all(Option::is_none)) {
            draw_no_data(canvas, area);
            return;
        }
        let group_width = area.width() / self.groups.len() as f64;
        let bar_width = (group_width * 0.76 / self.series.len() as f64).min(64.0);
        let from_middle = |i: usize| (i as f64 - self.series.len() as f64 / 2.0) * bar_width;
        let zero = y.share(0.0);
        for (i, series) in self.series.iter().enumerate() {
            let texts = side_by_side(&series.values, 3);
            for (group, value) in series.values.iter().enumerate().filter_map(|(g, v)| Some((g, (*v)?))) {
                let left = area.left + (group as f64 + 0.5) * group_width + from_middle(i) + 0.5;
                let right = left + bar_width - 1.0;
                let (a, b) = (area.at(0.0, zero).1, area.at(0.0, y.share(value)).1);
                canvas.rect((left, a.min(b)), (right, a.max(b)), Ink::new(of_series(i), 0.0));
                if text_width(&texts[group], SMALL_PX) < bar_width + 2.0 {
                    let middle = if value < 0.0 { b + 10.0 } else { b - 9.0 };
                    draw_value(canvas, &texts[group], (f64::midpoint(left, right), middle));
                }
            }
        }
        canvas.line(area.at(0.0, zero), area.at(1.0, zero), Ink::new(Rgb::RULE, 1.0));
    }
}

/// Over a grid line the value needs a ground of its own.
fn draw_value(canvas: &mut Canvas<'_>, text: &str, at: Px) {
    let half = text_width(text, SMALL_PX) / 2.0;
    let ground = Ink::new(Rgb::WHITE, 0.0).alpha(0.85);
    canvas.rect((at.0 - half, at.1 - 6.5), (at.0 + half, at.1 + 6.5), ground);
    canvas.text(text, at, Type::new(SMALL_PX, Rgb::TEXT, Anchor::Center));
}
