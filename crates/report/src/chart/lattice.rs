//! A lattice whose cells belong to classes, such as what became of each configuration.

use super::canvas::{Anchor, Canvas, Drawing, Ink, Type, area_attribute};
use super::color::{Rgb, of_series};
use super::frame::{Area, Frame, Key, SMALL_PX, Sample, Side, draw_no_data};
use super::{Size, Svg};
use crate::Error;

/// One class of cells. Its colour comes from its place in [`Lattice::classes`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// In the legend.
    pub name: String,
    /// One or two letters that stand in its cells and in the legend, so that colour is not all.
    pub sign: String,
}

impl Class {
    /// A class.
    pub fn new(sign: impl Into<String>, name: impl Into<String>) -> Self {
        Self { name: name.into(), sign: sign.into() }
    }
}

/// A lattice in colours by class.
///
/// ```
/// use report::chart::{Class, Lattice};
///
/// let mut chart = Lattice::new("What the search asked for", "DRAM [GiB]", "lease [s]");
/// chart.columns = vec!["0".into(), "512".into(), "1024".into()];
/// chart.rows = vec!["600".into(), "1200".into()];
/// chart.classes = vec![Class::new("E", "evaluated"), Class::new("o", "off the front")];
/// chart.cells = vec![Some(0), Some(1), Some(0), Some(0), None, Some(0)];
/// assert!(chart.to_svg()?.as_str().contains("E evaluated"));
/// # Ok::<(), report::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lattice {
    /// Above the drawing, and its accessible name.
    pub title: String,
    /// What the columns are.
    pub x_label: String,
    /// What the rows are.
    pub y_label: String,
    /// Names of the columns, left to right.
    pub columns: Vec<String>,
    /// Names of the rows, from below.
    pub rows: Vec<String>,
    /// The classes, in the order of the legend.
    pub classes: Vec<Class>,
    /// Places in `classes`, row by row from below, each from the left; `None` is drawn grey.
    pub cells: Vec<Option<usize>>,
    /// How large it is.
    pub size: Size,
}

impl Lattice {
    /// A lattice without cells, of standard size.
    pub fn new(title: impl Into<String>, x_label: impl Into<String>, y_label: impl Into<String>) -> Self {
        Lattice {
            title: title.into(),
            x_label: x_label.into(),
            y_label: y_label.into(),
            columns: Vec::new(),
            rows: Vec::new(),
            classes: Vec::new(),
            cells: Vec::new(),
            size: Size::STANDARD,
        }
    }

    /// Draws it. Classes without cells are left out of the legend.
    ///
    /// # Errors
    /// [`Error::SeriesLength`] unless there is a cell for each column of each row; [`Error::NoSuchPoint`] for a class
    /// that there is not; [`Error::BadSize`].
    pub fn to_svg(&self) -> Result<Svg, Error> {
        self.size.check(&self.title)?;
        let (expected, got) = (self.columns.len() * self.rows.len(), self.cells.len());
        let (chart, points) = (self.title.clone(), self.classes.len());
        if got != expected {
            return Err(Error::SeriesLength { chart, series: "cells".to_owned(), got, expected });
        }
        if let Some(&index) = self.cells.iter().flatten().find(|&&class| class >= points) {
            return Err(Error::NoSuchPoint { chart, series: "classes".to_owned(), index, points });
        }
        let occurs = |&(place, _): &(usize, &Class)| self.cells.contains(&Some(place));
        let mut keys: Vec<Key> = (self.classes.iter().enumerate().filter(occurs))
            .map(|(place, Class { name, sign })| {
                Key::new(format!("{sign} {name}"), Sample::Swatch(of_series(place)))
            })
            .collect();
        if self.cells.contains(&None) {
            keys.push(Key::new("no class", Sample::Swatch(Rgb::NONE)));
        }
        let frame = Frame {
            title: self.title.clone(),
            keys,
            x: Side::categories(&self.x_label, &self.columns),
            y: Side::categories(&self.y_label, &self.rows),
            colors: None,
        };
        let mut drawing = Drawing::new(self.size);
        let area = drawing.layer("", |canvas| frame.draw(canvas, self.size));
        let (columns, rows) = (self.columns.len(), self.rows.len());
        let attributes = format!(
            "class=\"cells\" data-columns=\"{columns}\" data-rows=\"{rows}\" {}",
            area_attribute(&area)
        );
        drawing.layer(&attributes, |canvas| self.draw_data(canvas, &area));
        Ok(drawing.finish(&self.title))
    }

    fn draw_data(&self, canvas: &mut Canvas<'_>, area: &Area) {
        if self.cells.is_empty() {
            draw_no_data(canvas, area);
            return;
        }
        let (columns, rows) = (self.columns.len() as f64, self.rows.len() as f64);
        let corner = |column: usize, row: usize| area.at(column as f64 / columns, row as f64 / rows);
        for (place, cell) in self.cells.iter().enumerate() {
            let (column, row) = (place % self.columns.len(), place / self.columns.len());
            let (low, high) = (corner(column, row), corner(column + 1, row + 1));
            let color = cell.map_or(Rgb::NONE, of_series);
            canvas.rect((low.0, high.1), (high.0 - 0.5, low.1 - 0.5), Ink::new(color, 0.0));
            if let Some(class) = cell {
                let middle = (f64::midpoint(low.0, high.0), f64::midpoint(low.1, high.1));
                let type_ = Type::new(SMALL_PX, color.readable_on(), Anchor::Center);
                canvas.text(&self.classes[*class].sign, middle, type_);
            }
        }
    }
}
