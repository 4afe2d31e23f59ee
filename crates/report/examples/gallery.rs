//! Draws one of each chart and a page from made-up numbers into a directory, to look at them.
//!
//! `cargo run --release -p report --example gallery -- out/gallery`

use std::path::Path;

use report::chart::{
    Axis, Band, BarSeries, Bars, Class, Front, Heat, Join, Lattice, Lines, Mark, Marker, Markers, Point,
    Scatter, Series, Svg,
};
use report::html::{Figure, Page, TableView};
use report::{Error, Kind, Table, write_atomically};

fn main() -> Result<(), Error> {
    let directory = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let directory = Path::new(&directory);
    let charts = [
        ("scatter", scatter()?),
        ("lines", lines()?),
        ("bars", bars()?),
        ("heat", heat()?),
        ("lattice", classes()?),
        ("empty", empty()?),
    ];
    for (name, svg) in &charts {
        write_atomically(&directory.join(format!("{name}.svg")), svg.as_str().as_bytes())?;
    }
    let page = page(charts.map(|(name, svg)| (name.to_owned(), svg)))?;
    write_atomically(&directory.join("page.html"), page.as_bytes())
}

/// A lattice of 17 x 17 made-up configurations: (cost, TTFT, throughput).
fn lattice() -> Vec<(f64, f64, f64)> {
    let mut points = Vec::new();
    for d in 0..17 {
        for t in 0..17 {
            let (dram, ttl) = (f64::from(d) * 128.0, f64::from(t) * 150.0);
            let wiggle = ((d * 7 + t * 13) % 11) as f64 / 11.0;
            let hit = 0.35 * (1.0 - (-dram / 400.0).exp()) + 0.4 * (1.0 - (-ttl / 500.0).exp());
            let ttft = 3.2 * (1.0 - hit).powi(2) * (1.0 + 0.12 * wiggle) + ttl / 9000.0;
            let throughput = 8200.0 * (1.0 + 0.7 * hit) * (1.0 - 0.03 * wiggle);
            let cost = 41.0 * (1.0 - 0.22 * hit) + dram * 0.0088 + ttl * 0.0016 + wiggle * 0.6;
            points.push((cost, ttft, throughput));
        }
    }
    points
}

/// Indices of the points that no other beats in cost and TTFT, by cost.
fn front_of(points: &[(f64, f64, f64)]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.sort_by(|a, b| points[*a].0.total_cmp(&points[*b].0).then(points[*a].1.total_cmp(&points[*b].1)));
    let mut best = f64::INFINITY;
    order.retain(|i| {
        let better = points[*i].1 < best;
        best = best.min(points[*i].1);
        better
    });
    order
}

fn scatter() -> Result<Svg, Error> {
    let points = lattice();
    let front = front_of(&points);
    let mark = |i: usize, label: &str, marker| {
        let (x, y, _) = points[i];
        Mark { x, y, label: label.to_owned(), marker }
    };
    let mut chart = Scatter::new(
        "Cost, latency and throughput of 289 configurations on the made-up chat trace",
        Axis::linear("cost of the trace [USD]"),
        Axis::linear("mean TTFT [s]"),
    );
    chart.color = Some(Axis::linear("throughput [tokens/s]"));
    chart.marks = vec![
        mark(8 * 17, "fixed 1024 GB DRAM", Marker::Star),
        mark(front[0], "cheapest under the SLO", Marker::Diamond),
        mark(front[front.len() / 3], "knee", Marker::Diamond),
        mark(front[front.len() / 2], "fastest under the budget", Marker::Diamond),
        mark(front[front.len() - 1], "fastest", Marker::Diamond),
    ];
    chart.points = points.iter().map(|&(x, y, c)| Point { x, y, color: Some(c) }).collect();
    let (ringed, joined) = (front.clone(), front);
    chart.front = Some(Front { name: "on the front".into(), ringed, joined, join: Join::Step });
    chart.to_svg()
}

fn lines() -> Result<Svg, Error> {
    let hit = |most: f64, half: f64| -> Vec<(f64, f64)> {
        (0..9).map(|i| 2f64.powi(i + 5)).map(|c| (c, most * c / (c + half))).collect()
    };
    let mut chart = Lines::new(
        "Hit rate by capacity",
        Axis::log("DRAM [GiB]").ticks_at([32.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 2048.0, 4096.0, 8192.0]),
        Axis::linear("hit tokens / prompt tokens").including(0.0),
    );
    chart.series = ["LRU", "FIFO", "S3-FIFO", "LFU with ageing", "group leases"]
        .iter()
        .zip([(0.61, 300.0), (0.58, 420.0), (0.62, 240.0), (0.6, 340.0), (0.63, 180.0)])
        .map(|(name, (most, half))| Series::new(*name, hit(most, half)))
        .collect();
    let ceiling = hit(0.66, 120.0);
    let ends = ceiling.iter().map(|(_, y)| (y - 0.02, y + 0.02)).collect();
    let mut belady = Series::new("Belady (range of 5 seeds)", ceiling);
    belady.band = Some(Band { ends });
    belady.markers = Markers::Hidden;
    chart.series.push(belady);
    chart.to_svg()
}

fn bars() -> Result<Svg, Error> {
    let mut chart =
        Bars::new("Improvement over fixed 1024 GB DRAM", "trace", Axis::linear("better by [%], best pick"));
    chart.groups = ["A: chat", "B: API", "C: coding agent with a long name"].map(String::from).to_vec();
    chart.series = vec![
        BarSeries { name: "throughput".into(), values: vec![Some(9.3), Some(2.11), Some(4.0)] },
        BarSeries { name: "TTFT".into(), values: vec![Some(58.3), Some(18.0), Some(-6.5)] },
        BarSeries { name: "cost".into(), values: vec![Some(20.2), Some(13.0), None] },
    ];
    chart.to_svg()
}

fn heat() -> Result<Svg, Error> {
    let mut chart = Heat::new(
        "Mean TTFT over the coarse grid",
        "DRAM [GiB]",
        "disk lease [s]",
        Axis::linear("mean TTFT [s]"),
    );
    chart.columns = (0..9).map(|d| (d * 256).to_string()).collect();
    chart.rows = (0..9).map(|t| (t * 300).to_string()).collect();
    let points = lattice();
    chart.values = (0..9)
        .flat_map(|t| (0..9).map(move |d| (d, t)))
        .map(|(d, t)| (d + t < 15).then(|| points[d * 2 * 17 + t * 2].1))
        .collect();
    chart.marked = vec![(4, 0), (2, 3)];
    chart.marked_name = "baseline and knee".to_owned();
    chart.to_svg()
}

fn classes() -> Result<Svg, Error> {
    let mut chart = Lattice::new("What a search asked for", "DRAM [GiB]", "disk lease [s]");
    chart.columns = (0..9).map(|d| (d * 256).to_string()).collect();
    chart.rows = (0..9).map(|t| (t * 300).to_string()).collect();
    chart.classes =
        vec![Class::new("E", "evaluated"), Class::new("r", "beyond a step of diminishing return")];
    chart.cells = (0..9).flat_map(|t| (0..9).map(move |d| Some(usize::from(d + t > 8)))).collect();
    chart.to_svg()
}

fn empty() -> Result<Svg, Error> {
    Scatter::new("Nothing was found", Axis::linear("cost [USD]"), Axis::log("mean TTFT [s]")).to_svg()
}

fn page(charts: [(String, Svg); 6]) -> Result<String, Error> {
    let mut picks = Table::new(&[
        ("pick", Kind::Text),
        ("DRAM [GiB]", Kind::I64),
        ("TTFT [s]", Kind::F64),
        ("tokens/s", Kind::F64),
        ("cost [USD]", Kind::F64),
    ])?;
    picks.push_row(["fixed".into(), 1024.into(), 1.8301.into(), 9920.0.into(), 47.9.into()])?;
    picks.push_row(["`knee`".into(), 512.into(), 0.71.into(), 12_031.5.into(), 41.25.into()])?;
    picks.push_row(["fastest".into(), report::Cell::Missing, 0.5.into(), 13_200.0.into(), 52.0.into()])?;
    let mut page = Page::new("Gallery");
    page.lead("One of each chart, from made-up numbers. Nothing here was **measured**.");
    page.section("Picks")
        .prose("The recommended rows of `front.csv`; see [the data](front.csv).")
        .table(TableView::new(picks).caption("Three picks.").data("front.csv").highlight(1))
        .list(["cheapest under an SLO", "fastest under a budget"]);
    for (name, svg) in charts {
        let caption = format!("The {name} chart. What is to be seen in it would be said here.");
        page.section(name.clone()).figure(Figure::new(svg, caption).data(format!("{name}.csv")));
    }
    page.section("How it was made").facts([("command", "`gallery out`"), ("seed", "1"), ("trace", "none")]);
    page.footer("Made by the example `gallery` of the crate `report`.");
    Ok(page.to_html())
}
