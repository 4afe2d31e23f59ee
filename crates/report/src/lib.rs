//! Plain tables to CSV, Parquet and JSON, charts to SVG, and pages to HTML.
//!
//! Results leave the program through this crate. It knows no domain type: a caller turns what it found into a
//! [`Table`], a chart of [`chart`] or an [`html::Page`], and gets text or bytes back. It is also the only crate
//! that links polars, which takes long to compile.
//!
//! It does not choose file names, print, read the clock or the environment, or embed scripts and fonts. It
//! touches files in one place only: [`write_atomically`]. The same input
//! gives the same bytes, so its results can be committed and compared.
//!
//! ```
//! use report::chart::{Axis, Lines, Series};
//! use report::html::{Figure, Page, TableView};
//! use report::{Kind, Table};
//!
//! let mut front = Table::new(&[("dram_gib", Kind::I64), ("ttft_s_mean", Kind::F64)])?;
//! front.push_row([512.into(), 1.25.into()])?;
//! front.push_row([1024.into(), 0.5.into()])?;
//! assert_eq!(front.to_csv(), "dram_gib,ttft_s_mean\n512,1.25\n1024,0.5\n");
//! assert_eq!(Table::from_parquet(&front.to_parquet()?)?, front);
//!
//! let mut chart = Lines::new("TTFT by DRAM", Axis::linear("DRAM [GiB]"), Axis::linear("mean TTFT [s]"));
//! chart.series.push(Series::new("simulated", vec![(512.0, 1.25), (1024.0, 0.5)]));
//! let mut page = Page::new("A front");
//! let figure = Figure::new(chart.to_svg()?, "More DRAM, shorter waits.");
//! page.section("Result").figure(figure).table(TableView::new(front));
//! assert!(page.to_html().contains("<svg"));
//! # Ok::<(), report::Error>(())
//! ```

pub mod chart;
mod error;
pub mod html;
pub mod number;
mod table;
mod write;

pub use error::Error;
pub use table::{Cell, Column, Kind, Table, aligned};
pub use write::write_atomically;
