//! Tables of a sensitivity analysis: the choice under every parameter at every factor, and break-even prices.

use deployment::Problem;
use kareto::{DesignSpace, Point};
use report::{Cell, Kind, Table};

use crate::findings::Sensitivity;

/// `sensitivity.csv`: a row for each parameter and factor. Percentages compare the choice with itself as it is.
pub(crate) fn sensitivity_table(
    space: &DesignSpace,
    sensitivity: &Sensitivity,
    choice: &Point,
) -> Result<Table, Problem> {
    let mut columns = vec![("parameter", Kind::Text), ("factor", Kind::F64), ("evaluations", Kind::I64)];
    let numbers = [
        "ttft_s_mean",
        "throughput_tokens_per_s",
        "cost",
        "ttft_percent",
        "throughput_percent",
        "cost_percent",
    ];
    columns.extend(numbers.map(|name| (name, Kind::F64)));
    columns.extend([("keeps_constraints", Kind::Text), ("pick_changes", Kind::Text), ("pick", Kind::Text)]);
    columns.extend([("pick_cost", Kind::F64), ("staying_percent", Kind::F64)]);
    let mut table = Table::new(&columns).map_err(Problem::machine)?;
    let yes_or_no = |it: bool| Cell::from(if it { "yes" } else { "no" });
    for row in &sensitivity.rows {
        let o = &row.then;
        let mut cells = vec![
            Cell::from(row.parameter.as_str()),
            Cell::from(row.factor),
            Cell::from(row.evaluations as i64),
        ];
        cells.extend([o.ttft_s_mean(), o.throughput_tokens_per_s(), o.cost()].map(Cell::from));
        cells.extend(row.change.percents().map(Cell::from));
        cells.extend([yes_or_no(row.keeps), yes_or_no(row.is_changed(choice))]);
        cells.push(Cell::from(row.pick.as_ref().map(|pick| space.key(&pick.point))));
        cells.push(Cell::from(row.pick.as_ref().map(|pick| pick.evaluation.objectives.cost())));
        cells.push(Cell::from(row.staying_percent));
        table.push_row(cells).map_err(Problem::machine)?;
    }
    Ok(table)
}

/// `break-even.csv`: the price at which the choice is no longer the cheapest, and the prices at which neighbours on the front
/// cost the same. Prices are factors on those of the price list.
pub(crate) fn break_even_table(
    space: &DesignSpace,
    sensitivity: &Sensitivity,
    choice: &Point,
) -> Result<Table, Problem> {
    let texts = ["between", "part", "from", "to"].map(|name| (name, Kind::Text));
    let columns: Vec<_> = texts.into_iter().chain([("price_factor", Kind::F64)]).collect();
    let mut table = Table::new(&columns).map_err(Problem::machine)?;
    let mut push = |between: &str, part: &str, from: &Point, to: &Point, factor: Option<f64>| {
        let texts = [between.to_owned(), part.to_owned(), space.key(from), space.key(to)];
        let cells = texts.into_iter().map(Cell::from).chain([Cell::from(factor)]);
        table.push_row(cells).map_err(Problem::machine)
    };
    for (part, ends) in &sensitivity.choice_prices {
        for (factor, other) in ends.iter().flatten() {
            push("the choice and what replaces it", part, choice, other, Some(*factor))?;
        }
    }
    for it in &sensitivity.neighbours {
        push("neighbours on the front", &it.part, &it.from, &it.to, it.factor)?;
    }
    Ok(table)
}
