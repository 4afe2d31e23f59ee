//! How far a result moves when each of several inputs is moved alone.

use super::axis::{Axis, Extent, Room, Span};
use super::canvas::{Anchor, Canvas, Ink, Marker, Type};
use super::color::{Rgb, of_series};
use super::frame::{Area, Frame, Key, SMALL_PX, Sample, Side, draw_no_data, most_ticks};
use super::{Size, Svg};
use crate::Error;

/// One end of a bar: an input at one value.
#[derive(Debug, Clone, PartialEq)]
pub struct End {
    /// What the result is then.
    pub value: f64,
    /// Whether it is marked, such as where a decision changes.
    pub is_marked: bool,
}

/// One input.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// Its name.
    pub name: String,
    /// The input at its lower value, and at its higher one.
    pub ends: [End; 2],
}

/// A tornado chart. Every bar goes from the result as it is to the result with one input moved: up to the lower value in one
/// colour, and to the higher one in another. The longest bar is on top.
///
/// ```
/// use report::chart::{Axis, Bar, End, Tornado};
///
/// let end = |value| End { value, is_marked: value > 10.0 };
/// let mut chart = Tornado::new("What the cost hangs on", Axis::linear("cost [%]"), 0.0, ["half", "twice"]);
/// chart.bars = vec![Bar { name: "price of DRAM".into(), ends: [end(-5.0), end(12.0)] }];
/// chart.marked_name = "another choice".into();
/// assert!(chart.to_svg()?.as_str().contains("price of DRAM"));
/// # Ok::<(), report::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Tornado {
    /// Above the drawing, and its accessible name.
    pub title: String,
    /// The result.
    pub x: Axis,
    /// The result as it is.
    pub middle: f64,
    /// What the lower and the higher values are called in the legend.
    pub ends: [String; 2],
    /// What marked ends are called in the legend.
    pub marked_name: String,
    /// The inputs, in any order.
    pub bars: Vec<Bar>,
}

/// Height of a bar with the room around it [px].
const ROW_PX: u32 = 30;
/// Height of everything but the bars [px].
const AROUND_PX: u32 = 130;

impl Tornado {
    /// A chart without bars. It grows with them.
    pub fn new(title: impl Into<String>, x: Axis, middle: f64, ends: [&str; 2]) -> Self {
        let (title, marked_name) = (title.into(), "marked".to_owned());
        Tornado { title, x, middle, ends: ends.map(str::to_owned), marked_name, bars: Vec::new() }
    }

    /// Draws it.
    ///
    /// # Errors
    /// [`Error::NotFinite`] and [`Error::NotPositive`] (on a logarithmic axis) name the bar; [`Error::TooWide`];
    /// [`Error::BadSize`] for more than some 120 bars.
    pub fn to_svg(&self) -> Result<Svg, Error> {
        let rows = u32::try_from(self.bars.len()).unwrap_or(u32::MAX);
        let height = rows.saturating_mul(ROW_PX).saturating_add(AROUND_PX).max(240);
        let size = Size { width: Size::STANDARD.width, height };
        size.check(&self.title)?;
        let span = self.span(most_ticks(size).0)?;
        let bars = self.by_length(&span);
        let names: Vec<String> = bars.iter().map(|bar| bar.name.clone()).collect();
        let mut keys = vec![
            Key::new(&self.ends[0], Sample::Swatch(of_series(0))),
            Key::new(&self.ends[1], Sample::Swatch(of_series(1))),
        ];
        if self.bars.iter().any(|bar| bar.ends.iter().any(|end| end.is_marked)) {
            keys.push(Key::new(&self.marked_name, Sample::Disc(Rgb::ACCENT)));
        }
        let frame = Frame {
            title: self.title.clone(),
            keys,
            x: Side::values(&self.x.label, &span),
            y: Side::categories("", &names),
            colors: None,
        };
        Ok(Canvas::draw(size, &self.title, |canvas| {
            let area = frame.draw(canvas, size);
            self.draw_data(canvas, &area, &span, &bars);
        }))
    }

    fn span(&self, most_ticks: usize) -> Result<Span, Error> {
        let mut extent = Extent::new(&self.title, &self.x)?;
        extent.add(self.middle, 0, || "the middle".to_owned())?;
        for bar in &self.bars {
            for (i, end) in bar.ends.iter().enumerate() {
                extent.add(end.value, i, || format!("`{}`", bar.name))?;
            }
        }
        extent.span(Room::Label, most_ticks)
    }

    /// The bars from the shortest, which is drawn at the bottom.
    fn by_length(&self, span: &Span) -> Vec<&Bar> {
        let reach = |bar: &Bar| {
            let shares = bar.ends.iter().map(|end| (span.share(end.value) - span.share(self.middle)).abs());
            shares.fold(0.0, f64::max)
        };
        let mut bars: Vec<&Bar> = self.bars.iter().collect();
        bars.sort_by(|a, b| reach(a).total_cmp(&reach(b)));
        bars
    }

    fn draw_data(&self, canvas: &mut Canvas<'_>, area: &Area, span: &Span, bars: &[&Bar]) {
        if bars.is_empty() {
            draw_no_data(canvas, area);
            return;
        }
        let middle = span.share(self.middle);
        let height = area.height() / bars.len() as f64;
        for (row, bar) in bars.iter().enumerate() {
            let y = (row as f64 + 0.5) / bars.len() as f64;
            let same_side = {
                let [a, b] = [0, 1].map(|end| span.share(bar.ends[end].value) - middle);
                a * b > 0.0
            };
            for (place, end) in bar.ends.iter().enumerate() {
                let (from, to) = (area.at(middle, y), area.at(span.share(end.value), y));
                // Where both ends lie on one side each has half of the height, so that none hides the other.
                let (top, bottom) = match (same_side, place) {
                    (false, _) => (-0.32, 0.32),
                    (true, 0) => (-0.36, -0.02),
                    (true, _) => (0.02, 0.36),
                };
                let (left, right) = (from.0.min(to.0), from.0.max(to.0));
                let corner = |x: f64, share: f64| (x, from.1 + share * height);
                canvas.rect(corner(left, top), corner(right, bottom), Ink::new(of_series(place), 0.0));
                if end.is_marked {
                    let at = corner(to.0, f64::midpoint(top, bottom));
                    canvas.marker(Marker::Circle, at, 4.5, Rgb::ACCENT, Ink::new(Rgb::WHITE, 1.2));
                }
            }
        }
        canvas.line(area.at(middle, 0.0), area.at(middle, 1.0), Ink::new(Rgb::INK, 1.4));
        let label = Type::new(SMALL_PX, Rgb::TEXT, Anchor::Center);
        let at = area.at(middle, 1.0);
        canvas.text("as it is", (at.0, at.1 - 7.0), label);
    }
}
