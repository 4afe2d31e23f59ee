//! Scenarios on a page: the figures of the listed configurations under each load, and their regret there.

use deployment::Problem;
use experiment::{Choice, Findings, Found, Listed, Regretted, Scenarios};
use kareto::Evaluation;
use kareto::robust::Aggregate;
use kareto::robust::regret::{Of, Regret};
use report::html::{Figure, Section, TableView};
use report::{Cell, Kind, Table};

use super::chart::front_chart;
use super::parts::{rounded, tenths, time, words};

/// What an archive's objectives are, in words.
pub(super) fn objectives_are(scenarios: &Scenarios) -> String {
    let sum: f64 = scenarios.weighing.weights.iter().sum();
    let shares: Vec<String> = (scenarios.names.iter().zip(&scenarios.weighing.weights))
        .map(|(name, weight)| format!("`{name}` {:.0} %", 100.0 * weight / sum))
        .collect();
    match scenarios.weighing.front {
        Aggregate::Mean => format!("the mean over the scenarios, weighted {}", shares.join(", ")),
        Aggregate::Worst => {
            let names: Vec<String> = scenarios.names.iter().map(|name| format!("`{name}`")).collect();
            format!("the worst over the scenarios {}, each objective under its own", names.join(", "))
        }
    }
}

/// The section of a page, and its pictures by file name.
pub(super) fn section(
    section: &mut Section,
    found: &Found,
    scenarios: &Scenarios,
    findings: &Findings,
) -> Result<Vec<(String, String)>, Problem> {
    section.prose(
        "Regret says how much worse a configuration is under a scenario than the best evaluated configuration that \
         keeps the constraints. Each objective is compared with the best in that objective. The cost is also compared \
         with the cheapest configuration that is at least as fast and serves at least as much.",
    );
    section.table(TableView::new(table(&findings.regretted, &found.currency)?).data("regret.csv"));
    let mut pictures = Vec::new();
    for (name, under, evaluated) in scenarios.restricted_to(&found.searched) {
        let at = |row: &Listed| {
            Some(Listed { evaluation: under.get(&row.point)?.clone(), point: row.point.clone(), ..*row })
        };
        let marked: Vec<Listed> = findings.listed.iter().filter_map(at).collect();
        let title = format!("Under {name}: cost against time to first token");
        let chart = front_chart(&title, &found.currency, &found.space, &evaluated, &marked)?;
        let file = format!("scenario-{name}.svg");
        pictures.push((file, chart.as_str().to_owned()));
        section.figure(Figure::new(
            chart,
            format!(
                "All configurations under `{name}` alone. The line joins those that are worth choosing for `{name}` alone. \
                 The marks show the choices for all scenarios."
            ),
        ));
    }
    Ok(pictures)
}

fn table(rows: &[Regretted], currency: &str) -> Result<Table, Problem> {
    let (cost, more) = (format!("cost [{currency}]"), format!("more [{currency}]"));
    let columns = [
        ("configuration", Kind::Text),
        ("scenario", Kind::Text),
        ("TTFT [s]", Kind::F64),
        ("longer [s]", Kind::F64),
        ("longer [%]", Kind::F64),
        ("tokens/s", Kind::F64),
        ("fewer", Kind::F64),
        ("fewer [%]", Kind::F64),
        (cost.as_str(), Kind::F64),
        (more.as_str(), Kind::F64),
        ("more [%]", Kind::F64),
        ("more than as good [%]", Kind::F64),
    ];
    let mut table = Table::new(&columns).map_err(Problem::machine)?;
    for row in rows {
        let percent = |it: &Regret| Cell::from(it.percent.map(tenths));
        let mut cells = vec![Cell::from(row.title), Cell::from(row.scenario.as_str())];
        for it in &row.regrets {
            if it.of != Of::CostAsGood {
                cells.extend([Cell::from(rounded(it.value)), Cell::from(rounded(it.regret))]);
            }
            cells.push(percent(it));
        }
        table.push_row(cells).map_err(Problem::machine)?;
    }
    Ok(table)
}

/// The meaning of the choice for all scenarios under each of them, and the choice for each scenario alone.
pub(super) fn paragraphs(found: &Found, scenarios: &Scenarios, choice: &Choice) -> Vec<String> {
    let currency = &found.currency;
    let told = |evaluation: &Evaluation| {
        let o = &evaluation.objectives;
        format!("mean TTFT {}, {:.2} {currency}", time(o.ttft_s_mean()), o.cost())
    };
    let alone = choice.alone.iter().map(|alone| {
        let (name, here) = (&alone.scenario, told(&alone.here));
        if alone.own.point == choice.pick.point {
            format!("Under `{name}`: {here}. For it alone the choice would be the same.")
        } else {
            let (what, there) = (words(&found.space, &alone.own.point), told(&alone.own.evaluation));
            format!("Under `{name}`: {here}. For it alone the choice would be {what}: {there}.")
        }
    });
    let are = format!("These figures are {}.", objectives_are(scenarios));
    std::iter::once(are).chain(alone).collect()
}
