//! Charts as SVG: [`Scatter`], [`Lines`], [`Bars`], [`Heat`], [`Lattice`], [`Agreement`],
//! [`Tornado`].
//!
//! Each is a plain struct: fill its fields, call `to_svg`. plotters writes the SVG. Axes, ticks, legends and
//! the placing of labels are ours, because plotters guesses text widths, prints `1024.0` and lays its legend
//! over the data. Drawings are light or dark as the reader's screen is, carry their title as accessible name, and never
//! tell things apart by colour alone.
//!
//! A chart without data is drawn with the note "no data", because a filter that leaves nothing should not stop
//! a report. A number that is not finite is an error that names its series and index.
//!
//! No fonts are read: text is laid out with widths that a wide sans-serif font keeps.

mod agreement;
mod axis;
mod bars;
mod canvas;
mod color;
mod frame;
mod heat;
mod lattice;
mod lines;
mod place;
mod scatter;
mod ticks;
mod tornado;

use std::fmt;

pub use agreement::{Agreement, Compared};
pub use axis::{Axis, Scale};
pub use bars::{BarSeries, Bars};
pub use canvas::Marker;
pub use heat::Heat;
pub use lattice::{Class, Lattice};
pub use lines::{Band, Lines, Markers, Series};
pub use scatter::{Front, Mark, Point, Scatter};
pub use tornado::{Bar, End, Tornado};

use crate::Error;

/// What turns a drawing dark on a dark screen. It stands in every drawing, so that a file of its own has it too.
const STYLE: &str = concat!("<style>", include_str!("chart/dark.css"), "</style>\n");

/// A drawing made here, and therefore safe to put into a page as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Svg(String);

impl Svg {
    /// The SVG document.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The document without its style, for a page that has [`DARK`] once for all its drawings.
    pub(crate) fn without_style(&self) -> String {
        self.0.replacen(STYLE, "", 1)
    }
}

/// The style of all drawings.
pub(crate) const DARK: &str = include_str!("chart/dark.css");

impl fmt::Display for Svg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How large a chart is drawn, in px of a page. Text has the same size in every drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Width [px], 320 to 4000.
    pub width: u32,
    /// Height [px], 240 to 4000.
    pub height: u32,
}

impl Size {
    /// Readable in a page's column and on half a sheet of paper: 720 x 480 px.
    pub const STANDARD: Size = Size { width: 720, height: 480 };

    fn check(self, chart: &str) -> Result<(), Error> {
        let Size { width, height } = self;
        if (320..=4000).contains(&width) && (240..=4000).contains(&height) {
            return Ok(());
        }
        Err(Error::BadSize { chart: chart.to_owned(), width, height })
    }
}

/// How a line goes from one point to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    /// Straight.
    Straight,
    /// Along x to the next point, then along y: the value holds until the next point.
    Step,
}

impl Join {
    fn path(self, points: &[(f64, f64)]) -> Vec<(f64, f64)> {
        match self {
            Join::Straight => points.to_vec(),
            Join::Step => {
                let corners = points.windows(2).flat_map(|w| [w[0], (w[1].0, w[0].1)]);
                corners.chain(points.last().copied()).collect()
            }
        }
    }
}
