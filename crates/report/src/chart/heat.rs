//! A quantity over a lattice, as colours.

use super::axis::{Axis, Extent, Room, Span};
use super::canvas::{Anchor, Canvas, Ink, Type, text_width};
use super::color::{Rgb, viridis};
use super::frame::{Area, Frame, Key, SMALL_PX, Sample, Side, draw_no_data, most_ticks};
use super::{Size, Svg};
use crate::Error;
use crate::number::side_by_side;

/// A heat map. The value stands in each cell that is large enough.
///
/// ```
/// use report::chart::{Axis, Heat};
///
/// let mut chart = Heat::new("TTFT over the space", "DRAM [GiB]", "lease [s]", Axis::linear("mean TTFT [s]"));
/// chart.columns = vec!["0".into(), "512".into(), "1024".into()];
/// chart.rows = vec!["600".into(), "1200".into()];
/// chart.values = vec![Some(3.0), Some(2.0), Some(1.5), Some(2.5), Some(1.5), None];
/// chart.marked = vec![(1, 1)];
/// assert!(chart.to_svg()?.as_str().contains("1024"));
/// # Ok::<(), report::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Heat {
    /// Above the drawing, and its accessible name.
    pub title: String,
    /// What the columns are.
    pub x_label: String,
    /// What the rows are.
    pub y_label: String,
    /// The quantity.
    pub color: Axis,
    /// Names of the columns, left to right.
    pub columns: Vec<String>,
    /// Names of the rows, from below.
    pub rows: Vec<String>,
    /// Row by row from below, each from the left; `None` is drawn grey.
    pub values: Vec<Option<f64>>,
    /// Cells to frame, as (column, row).
    pub marked: Vec<(usize, usize)>,
    /// What the framed cells are called in the legend.
    pub marked_name: String,
    /// How large it is.
    pub size: Size,
}

impl Heat {
    /// A heat map without cells, of standard size.
    pub fn new(
        title: impl Into<String>,
        x_label: impl Into<String>,
        y_label: impl Into<String>,
        color: Axis,
    ) -> Self {
        Heat {
            title: title.into(),
            x_label: x_label.into(),
            y_label: y_label.into(),
            color,
            columns: Vec::new(),
            rows: Vec::new(),
            values: Vec::new(),
            marked: Vec::new(),
            marked_name: "marked".to_owned(),
            size: Size::STANDARD,
        }
    }

    /// Draws it.
    ///
    /// # Errors
    /// [`Error::SeriesLength`] unless there is a value for each column of each row; [`Error::NotFinite`] and
    /// [`Error::NotPositive`] name the value; [`Error::NoSuchPoint`] for a marked cell outside (the index is
    /// `row * columns + column`); [`Error::TooWide`]; [`Error::BadSize`].
    pub fn to_svg(&self) -> Result<Svg, Error> {
        self.size.check(&self.title)?;
        let span = self.span()?;
        let missing = self.values.iter().any(Option::is_none);
        let mut keys = Vec::new();
        if missing {
            keys.push(Key::new("no value", Sample::Swatch(Rgb::NONE)));
        }
        if !self.marked.is_empty() {
            keys.push(Key::new(&self.marked_name, Sample::Framed));
        }
        let frame = Frame {
            title: self.title.clone(),
            keys,
            x: Side::categories(&self.x_label, &self.columns),
            y: Side::categories(&self.y_label, &self.rows),
            colors: Some(Side::values(&self.color.label, &span)),
        };
        Ok(Canvas::draw(self.size, &self.title, |canvas| {
            let area = frame.draw(canvas, self.size);
            self.draw_data(canvas, &area, &span);
        }))
    }

    fn span(&self) -> Result<Span, Error> {
        let expected = self.columns.len() * self.rows.len();
        let (chart, got) = (self.title.clone(), self.values.len());
        if got != expected {
            return Err(Error::SeriesLength { chart, series: "values".to_owned(), got, expected });
        }
        if let Some((column, row)) =
            self.marked.iter().find(|(c, r)| *c >= self.columns.len() || *r >= self.rows.len())
        {
            let index = row.saturating_mul(self.columns.len()).saturating_add(*column);
            return Err(Error::NoSuchPoint {
                chart,
                series: self.marked_name.clone(),
                index,
                points: expected,
            });
        }
        let mut extent = Extent::new(&self.title, &self.color)?;
        for (i, value) in self.values.iter().enumerate().filter_map(|(i, v)| Some((i, (*v)?))) {
            extent.add(value, i, || "values".to_owned())?;
        }
        extent.span(Room::None, most_ticks(self.size).1)
    }

    fn draw_data(&self, canvas: &mut Canvas<'_>, area: &Area, span: &Span) {
        if self.values.is_empty() {
            draw_no_data(canvas, area);
            return;
        }
        let (columns, rows) = (self.columns.len() as f64, self.rows.len() as f64);
        let corner = |column: usize, row: usize| area.at(column as f64 / columns, row as f64 / rows);
        let texts = side_by_side(&self.values, 3);
        let widest = texts.iter().map(|t| text_width(t, SMALL_PX)).fold(0.0, f64::max);
        let roomy = widest + 4.0 < area.width() / columns && area.height() / rows > 16.0;
        for (i, (value, text)) in self.values.iter().zip(&texts).enumerate() {
            let (column, row) = (i % self.columns.len(), i / self.columns.len());
            let (low, high) = (corner(column, row), corner(column + 1, row + 1));
            let color = value.map_or(Rgb::NONE, |v| viridis(span.share(v)));
            canvas.rect((low.0, high.1), (high.0 - 0.5, low.1 - 0.5), Ink::new(color, 0.0));
            if roomy {
                let middle = (f64::midpoint(low.0, high.0), f64::midpoint(low.1, high.1));
                canvas.text(text, middle, Type::new(SMALL_PX, color.readable_on(), Anchor::Center));
            }
        }
        for (column, row) in &self.marked {
            let (low, high) = (corner(*column, *row), corner(column + 1, row + 1));
            let inner =
                |inset: f64| ((low.0 + inset, high.1 + inset), (high.0 - inset - 0.5, low.1 - inset - 0.5));
            let (a, b) = inner(1.0);
            canvas.outline(a, b, Ink::new(Rgb::ACCENT, 2.5));
            let (a, b) = inner(3.0);
            canvas.outline(a, b, Ink::new(Rgb::WHITE, 1.2));
        }
    }
}
