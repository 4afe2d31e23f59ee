//! Figures over a full grid of two axes as heat maps, and how coupled and how smooth they are.

use deployment::Problem;
use experiment::{CasesEntry, LoadedSearch, Surface, surfaces as found};
use report::chart::{Heat, Size, Svg};
use report::html::{Figure, Number, Page, TableView};
use report::number::significant;
use report::{Cell, Kind, Table};

use super::super::parts::{rounded, tenths};
use super::panel::{axis, capital};

/// Draws the surfaces of a record.
pub(super) fn surfaces(
    page: &mut Page,
    loaded: &LoadedSearch,
    cases: &CasesEntry,
    pictures: &mut Vec<(String, String)>,
) -> Result<(), Problem> {
    let Some(along) = cases.along.as_deref() else { return Ok(()) };
    let over = [cases.compare.as_str(), along];
    let of = |figure: &String| found(&loaded.found.space, &loaded.found.searched, over, figure);
    let all: Vec<Surface> = cases.surfaces.iter().flat_map(of).collect();
    page.answer(answer(&all, over), numbers(&all));
    let section = page.section("How coupled, and how smooth");
    section.table(
        TableView::new(shapes(loaded, &all, over)?).data("surfaces.csv").caption(
            "**Interaction**: the share of the variance that no sum of a part of the row and a part of the column gives; of \
             logarithms, no product. **Turns**: values that are above or below both neighbours of a line by more than 1 %. \
             **Bend**: the largest bend over the one at steps twice as wide; 0.25 is smooth, 0.5 a kink, 1 a jump; more says that neighbours go up and down in turn.",
        ),
    );
    let effects = TableView::new(effects(loaded, &all, over)?).data("surfaces.csv").caption(format!(
        "The change of a figure from the least to the largest {} at both ends of {}, and the other way round [%]. Without \
         coupling both ends would be alike.",
        over[1], over[0]
    ));
    section.table(effects.folded("What one axis does at both ends of the other"));
    for (number, surface) in all.iter().enumerate() {
        let title = told(loaded, surface, over);
        let svg = map(loaded, surface, over, &title)?;
        pictures.push((format!("surface-{}.svg", number + 1), svg.as_str().to_owned()));
        let caption = format!(
            "{} over {} and {}. Framed: turns, {} of {} places where one could be.",
            capital(&title),
            over[1],
            over[0],
            surface.shape.turns.len(),
            surface.shape.inner
        );
        page.section(capital(&title)).figure(Figure::new(svg, caption).data("cases.csv"));
    }
    if !cases.absent.is_empty() {
        page.section("Absent traces")
            .prose(format!("The files of these traces were absent: {}.", cases.absent.join(", ")));
    }
    Ok(())
}

/// The interaction at its largest scale: what neither a sum nor a product gives.
fn coupling(surface: &Surface) -> f64 {
    let shape = &surface.shape;
    shape.interaction_log_percent.map_or(shape.interaction_percent, |log| log.min(shape.interaction_percent))
}

fn answer(all: &[Surface], [rows, columns]: [&str; 2]) -> String {
    let count = |that: &dyn Fn(&Surface) -> bool| all.iter().filter(|it| that(it)).count();
    format!(
        "{columns} and {rows} are coupled in {} of {} surfaces: at least 1 % of the variance is neither a sum nor a product \
         of what each does alone. {} are not monotone, and {} bend as a kink or a jump does.",
        count(&|it| coupling(it) >= 1.0),
        all.len(),
        count(&|it| !it.shape.turns.is_empty()),
        count(&|it| it.shape.bend_ratio.is_some_and(|ratio| ratio >= KINK)),
    )
}

/// Between a smooth surface (0.25) and a kink (0.5).
const KINK: f64 = 0.375;

fn numbers(all: &[Surface]) -> Vec<Number> {
    let most = |of: &dyn Fn(&Surface) -> f64| {
        all.iter().max_by(|a, b| of(a).total_cmp(&of(b))).map(|it| (of(it), it.figure.clone()))
    };
    let number = |name: &str, found: Option<(f64, String)>, unit: &str| {
        let (value, figure) = found?;
        let value = format!("{}{unit}", significant(value, 3));
        Some(Number { of: name.to_owned(), value, beside: format!("of {figure}") })
    };
    let turning = |it: &Surface| 100.0 * it.shape.turns.len() as f64 / it.shape.inner.max(1) as f64;
    [
        number("largest interaction", most(&coupling), " %"),
        number("most turns, of the places where one could be", most(&turning), " %"),
        number("bend of a halved step, at most", most(&|it| it.shape.bend_ratio.unwrap_or(0.0)), ""),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The figure, and the settings that the surface has on the other axes.
fn told(loaded: &LoadedSearch, surface: &Surface, over: [&str; 2]) -> String {
    let space = &loaded.found.space;
    let settings = space.axes().iter().zip(space.values(&surface.point));
    let fixed = settings.filter(|(axis, _)| !over.contains(&axis.name.as_str()));
    let fixed: Vec<String> = fixed.map(|(axis, value)| format!("{} {value}", axis.name)).collect();
    let name = match surface.figure.as_str() {
        "ttft_s_mean" => "mean TTFT",
        "throughput_tokens_per_s" => "throughput",
        other => other,
    };
    if fixed.is_empty() { name.to_owned() } else { format!("{name}, {}", fixed.join(", ")) }
}

fn map(loaded: &LoadedSearch, surface: &Surface, over: [&str; 2], title: &str) -> Result<Svg, Problem> {
    /// The height of a row, and the height around all rows \[px\].
    const ROW_PX: u32 = 22;
    const AROUND_PX: u32 = 150;
    let space = &loaded.found.space;
    let names = |name: &str| -> Vec<String> {
        let axis = space.axes().iter().find(|axis| axis.name == name).expect("a surface lies over two axes");
        (0..axis.len() as u32).map(|position| axis.value(position).to_string()).collect()
    };
    let unit = match surface.figure.as_str() {
        "cost" => loaded.found.currency.as_str(),
        "throughput_tokens_per_s" => "tokens/s",
        figure if figure.contains("_s_") => "s",
        _ => "1",
    };
    let values: Vec<f64> = surface.rows.iter().flatten().copied().collect();
    let color = axis(format!("{} [{unit}]", surface.figure), &values);
    let mut heat = Heat::new(capital(title), over[1], over[0], color);
    heat.rows = names(over[0]);
    heat.columns = names(over[1]);
    heat.values = values.into_iter().map(Some).collect();
    heat.marked = surface.shape.turns.iter().map(|&(row, column)| (column, row)).collect();
    heat.marked.sort_unstable();
    heat.marked.dedup();
    heat.marked_name = "a turn".to_owned();
    let height = (AROUND_PX + ROW_PX * heat.rows.len() as u32).clamp(Size::STANDARD.height / 2, 4000);
    heat.size = Size { height, ..Size::STANDARD };
    heat.to_svg().map_err(Problem::machine)
}

fn shapes(loaded: &LoadedSearch, all: &[Surface], over: [&str; 2]) -> Result<Table, Problem> {
    let mut table = Table::new(&[
        ("surface", Kind::Text),
        ("interaction [%]", Kind::F64),
        ("of logarithms [%]", Kind::F64),
        ("turns", Kind::I64),
        ("of", Kind::I64),
        ("bend", Kind::F64),
    ])
    .map_err(Problem::machine)?;
    let short = |value: f64| significant(value, 3).parse().unwrap_or(value);
    for surface in all {
        let shape = &surface.shape;
        let row = [
            Cell::from(told(loaded, surface, over)),
            Cell::from(short(shape.interaction_percent)),
            Cell::from(shape.interaction_log_percent.map(short)),
            Cell::from(shape.turns.len() as i64),
            Cell::from(shape.inner as i64),
            Cell::from(shape.bend_ratio.map(|ratio| rounded(short(ratio)))),
        ];
        table.push_row(row).map_err(Problem::machine)?;
    }
    Ok(table)
}

fn effects(loaded: &LoadedSearch, all: &[Surface], over: [&str; 2]) -> Result<Table, Problem> {
    let [rows, columns] = over;
    let heads = [
        "surface".to_owned(),
        format!("{columns}, at the least {rows}"),
        format!("{columns}, at the largest {rows}"),
        format!("{rows}, at the least {columns}"),
        format!("{rows}, at the largest {columns}"),
    ];
    let kinds = heads.iter().enumerate();
    let kinds = kinds.map(|(place, head)| (head.as_str(), if place == 0 { Kind::Text } else { Kind::F64 }));
    let mut table = Table::new(&kinds.collect::<Vec<_>>()).map_err(Problem::machine)?;
    for surface in all {
        let shape = &surface.shape;
        let changes = shape.column_change_percent.into_iter().chain(shape.row_change_percent);
        let cells = std::iter::once(Cell::from(told(loaded, surface, over)));
        table.push_row(cells.chain(changes.map(|it| Cell::from(tenths(it))))).map_err(Problem::machine)?;
    }
    Ok(table)
}
