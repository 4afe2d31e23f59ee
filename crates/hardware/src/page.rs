//! A report as a page with plots: measured figures as marks, laws as lines through them.

mod plots;

use report::html::{Figure, Page, TableView};
use report::{Cell, Kind, Table};

use crate::fit::Residual;
use crate::medium::size;
use crate::text::{facts, laws};
use crate::{Error, Measurement, Report};

/// The page. `files` are the other files in its folder, by name and what they are.
///
/// # Errors
/// A chart cannot be drawn.
pub fn page(report: &Report, files: &[(String, String)]) -> Result<String, Error> {
    let mut page = Page::new("Transfers measured on this machine");
    if report.is_of_stub() {
        page.lead("**The GPU is a stub of CUDA's driver.** Its figures come from a formula and say nothing of any machine.");
    }
    let states = report.parts.iter().map(|part| format!("{} {}", part.part, part.state));
    page.lead(states.collect::<Vec<_>>().join("; ") + ".");
    page.section("The machine").facts(facts(report));
    let found = page.section("Laws");
    if laws(report).is_empty() {
        found.prose("Nothing was measured that a law could be fitted to.");
    } else {
        found.list(laws(report));
        found.prose(
            "Every law is one formula over the figures below; nothing is tuned. Errors are those of the law against each \
             transfer, which the last section lists.",
        );
    }
    for figure in plots::plots(report)? {
        page.section(figure.heading).figure(Figure::new(figure.svg, figure.caption));
    }
    let notes: Vec<&String> = report.parts.iter().flat_map(|part| &part.notes).collect();
    if !notes.is_empty() {
        page.section("Notes").list(notes);
    }
    let tables = page.section("Figures");
    let measured: Vec<Measurement> = report.measurements().copied().collect();
    tables.table(
        TableView::new(measurements(&measured)?)
            .folded(format!("All {} transfers", measured.len()))
            .data("measurements.csv"),
    );
    let residuals: Vec<Residual> = all_residuals(report);
    if !residuals.is_empty() {
        let view = TableView::new(residual_table(&residuals)?);
        tables.table(view.folded("What the laws leave, transfer by transfer"));
    }
    if !files.is_empty() {
        let files = files.iter().map(|(name, what)| format!("[{name}]({name}): {what}"));
        page.section("Files").list(files);
    }
    page.footer(format!("kareto {} validate hardware, {}", report.program, report.date));
    Ok(page.to_html())
}

/// All residuals of all laws.
pub(crate) fn all_residuals(report: &Report) -> Vec<Residual> {
    let fits = &report.fits;
    let copies = fits.host_copy.iter().flat_map(|fit| &fit.residuals);
    let link = fits.host_link.iter().flat_map(|fit| &fit.residuals);
    let disk = fits.disk.iter().flat_map(|fit| &fit.residuals);
    copies.chain(link).chain(disk).copied().collect()
}

/// A word of an enum, as it stands in JSON.
fn word(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|it| it.as_str().map(str::to_owned)).unwrap_or_default()
}

fn point_cells(it: &Measurement) -> Vec<Cell> {
    let point = &it.point;
    vec![
        Cell::Text(word(point.op)),
        Cell::Text(word(point.memory)),
        Cell::Text(word(point.method)),
        Cell::I64(point.lanes.into()),
        Cell::Text(size(point.fragment_bytes)),
        Cell::Text(size(point.total_bytes)),
    ]
}

const POINT: [(&str, Kind); 6] = [
    ("transfer", Kind::Text),
    ("memory", Kind::Text),
    ("calls", Kind::Text),
    ("lanes", Kind::I64),
    ("fragment", Kind::Text),
    ("total", Kind::Text),
];

fn measurements(measured: &[Measurement]) -> Result<Table, Error> {
    let more = [
        ("median [us]", Kind::F64),
        ("least [us]", Kind::F64),
        ("spread [%]", Kind::F64),
        ("repeats", Kind::I64),
        ("GB/s", Kind::F64),
        ("noisy", Kind::Text),
    ];
    let mut table = Table::new(&[&POINT[..], &more[..]].concat())?;
    for it in measured {
        let mut cells = point_cells(it);
        cells.extend([
            Cell::F64(rounded(it.seconds_median * 1e6)),
            Cell::F64(rounded(it.seconds_min * 1e6)),
            Cell::F64(rounded(it.spread * 100.0)),
            Cell::I64(it.repeats.into()),
            Cell::F64(rounded(it.bytes_per_s() / 1e9)),
            Cell::Text(if it.noisy { "noisy" } else { "" }.to_owned()),
        ]);
        table.push_row(cells)?;
    }
    Ok(table)
}

fn residual_table(residuals: &[Residual]) -> Result<Table, Error> {
    let more = [("measured [us]", Kind::F64), ("law [us]", Kind::F64), ("error [%]", Kind::F64)];
    let mut table = Table::new(&[&POINT[..], &more[..]].concat())?;
    for it in residuals {
        let mut cells = point_cells(&it.measured);
        cells.extend([
            Cell::F64(rounded(it.measured.seconds_median * 1e6)),
            Cell::F64(rounded(it.fitted_s * 1e6)),
            Cell::F64(rounded(it.error_percent)),
        ]);
        table.push_row(cells)?;
    }
    Ok(table)
}

/// The measurements as they go into a file: sizes in bytes, times in seconds.
///
/// # Errors
/// A figure is no number.
pub(crate) fn measurements_csv(measured: &[Measurement]) -> Result<String, Error> {
    let columns = [
        ("op", Kind::Text),
        ("memory", Kind::Text),
        ("method", Kind::Text),
        ("lanes", Kind::I64),
        ("fragment_bytes", Kind::I64),
        ("total_bytes", Kind::I64),
        ("seconds_median", Kind::F64),
        ("seconds_min", Kind::F64),
        ("spread", Kind::F64),
        ("repeats", Kind::I64),
        ("noisy", Kind::I64),
    ];
    let mut table = Table::new(&columns)?;
    for it in measured {
        let point = &it.point;
        table.push_row([
            Cell::Text(word(point.op)),
            Cell::Text(word(point.memory)),
            Cell::Text(word(point.method)),
            Cell::I64(point.lanes.into()),
            Cell::I64(point.fragment_bytes as i64),
            Cell::I64(point.total_bytes as i64),
            Cell::F64(it.seconds_median),
            Cell::F64(it.seconds_min),
            Cell::F64(it.spread),
            Cell::I64(it.repeats.into()),
            Cell::I64(it.noisy.into()),
        ])?;
    }
    Ok(table.to_csv())
}

/// Four digits.
fn rounded(value: f64) -> f64 {
    if value.abs() < 1e-300 {
        return 0.0;
    }
    let scale = 10_f64.powi(3 - value.abs().log10().floor() as i32);
    (value * scale).round() / scale
}
