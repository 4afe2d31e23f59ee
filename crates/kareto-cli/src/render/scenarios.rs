//! Scenarios of load: what the listed configurations do under each of them, and what they regret there.

use kareto::front::Front;
use kareto::picks::{Pick, pick};
use kareto::robust::regret::{Of, Regret, regrets};
use kareto::robust::{Aggregate, Weighing};
use kareto::{Archive, Evaluation, Point};
use report::html::{Figure, Section, TableView};
use report::{Cell, Kind, Table};

use super::advice::time;
use super::chart::front_chart;
use super::page::{rounded, tenths};
use super::{Listed, Loaded};
use crate::error::CliError;

/// Scenarios with what is evaluated under each.
pub(crate) struct Scenarios {
    /// In the order of the archive's first axis.
    pub(crate) names: Vec<String>,
    pub(crate) weighing: Weighing,
    /// Every evaluation, of points with the scenario in front.
    pub(crate) joint: Archive,
    /// By scenario, of points of the design space.
    pub(crate) under: Vec<Archive>,
}

impl Scenarios {
    /// Parts what was evaluated.
    pub(crate) fn new(names: Vec<String>, weighing: Weighing, joint: Archive) -> Self {
        let under = (0..).take(names.len()).map(|position| kareto::robust::joint::slice(&joint, position));
        Self { under: under.collect(), names, weighing, joint }
    }

    /// Names with evaluations.
    fn each(&self) -> impl Iterator<Item = (&String, &Archive)> {
        self.names.iter().zip(&self.under)
    }

    /// What an archive's objectives are, in words.
    pub(crate) fn objectives_are(&self) -> String {
        let sum: f64 = self.weighing.weights.iter().sum();
        let shares: Vec<String> = (self.names.iter().zip(&self.weighing.weights))
            .map(|(name, weight)| format!("`{name}` {:.0} %", 100.0 * weight / sum))
            .collect();
        match self.weighing.front {
            Aggregate::Mean => format!("the mean over the scenarios, weighted {}", shares.join(", ")),
            Aggregate::Worst => {
                let names: Vec<String> = self.names.iter().map(|name| format!("`{name}`")).collect();
                format!("the worst over the scenarios {}, each objective under its own", names.join(", "))
            }
        }
    }
}

/// A listed configuration under one scenario.
pub(crate) struct Regretted {
    pub(crate) title: &'static str,
    pub(crate) point: Point,
    pub(crate) scenario: String,
    pub(crate) regrets: Vec<Regret>,
}

/// The regrets of the listed configurations under every scenario, against the configurations that `choices` has.
pub(crate) fn regretted(scenarios: &Scenarios, choices: &Archive, listed: &[Listed]) -> Vec<Regretted> {
    let under = |row: &Listed| {
        let (title, point) = (row.title, row.point.clone());
        let each = scenarios.each().filter_map(move |(name, under)| {
            let regrets = regrets(under, choices, &point)?;
            Some(Regretted { title, point: point.clone(), scenario: name.clone(), regrets })
        });
        each.collect::<Vec<_>>()
    };
    listed.iter().flat_map(under).collect()
}

/// The section of a page, and its pictures by file name.
pub(super) fn section(
    section: &mut Section,
    loaded: &Loaded,
    scenarios: &Scenarios,
    choices: &Archive,
    listed: &[Listed],
) -> Result<Vec<(String, String)>, CliError> {
    section.prose(
        "Regret is how much worse a configuration is under a scenario than the best evaluated one that keeps the \
         constraints: in each objective against the best in that objective, and in cost also against the cheapest that \
         is at least as fast and serves at least as much.",
    );
    let rows = regretted(scenarios, choices, listed);
    section.table(TableView::new(table(&rows, &loaded.manifest.currency)?).data("regret.csv"));
    let mut pictures = Vec::new();
    for (name, under) in scenarios.each() {
        let evaluated = restricted(under, &loaded.searched);
        let at = |row: &Listed| {
            Some(Listed { evaluation: under.get(&row.point)?.clone(), point: row.point.clone(), ..*row })
        };
        let marked: Vec<Listed> = listed.iter().filter_map(at).collect();
        let title = format!("Under {name}: cost against time to first token");
        let chart = front_chart(&title, &loaded.manifest.currency, &loaded.space, &evaluated, &marked)?;
        let file = format!("scenario-{name}.svg");
        pictures.push((file, chart.as_str().to_owned()));
        section.figure(Figure::new(
            chart,
            format!(
                "All configurations under `{name}` alone. The line is what one would choose from for it alone; the marks \
                 are what is chosen for all scenarios."
            ),
        ));
    }
    Ok(pictures)
}

/// The part of an archive that is of points that another one has.
fn restricted(archive: &Archive, to: &Archive) -> Archive {
    let mut part = Archive::new();
    for (point, evaluation) in archive.iter().filter(|(point, _)| to.contains(point)) {
        part.insert(point.clone(), evaluation.clone()).expect("a point occurs once in an archive");
    }
    part
}

fn table(rows: &[Regretted], currency: &str) -> Result<Table, CliError> {
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
    let mut table = Table::new(&columns).map_err(CliError::machine)?;
    for row in rows {
        let percent = |it: &Regret| Cell::from(it.percent.map(tenths));
        let mut cells = vec![Cell::from(row.title), Cell::from(row.scenario.as_str())];
        for it in &row.regrets {
            if it.of != Of::CostAsGood {
                cells.extend([Cell::from(rounded(it.value)), Cell::from(rounded(it.regret))]);
            }
            cells.push(percent(it));
        }
        table.push_row(cells).map_err(CliError::machine)?;
    }
    Ok(table)
}

/// Evaluations at another price of one part of the cost: every scenario's own, made one again.
pub(super) fn repriced(scenarios: &Scenarios, archive: &Archive, part: &str, factor: f64) -> Archive {
    let joint = kareto::recommend::repriced(&scenarios.joint, part, factor);
    let whole = scenarios.weighing.aggregated(&joint).expect("finite amounts at a finite factor");
    restricted(&whole, archive)
}

/// What the choice for all scenarios means under each, and what would be chosen for each alone; `choices` keep the
/// constraints, and `words` says a configuration.
pub(super) fn paragraphs(
    scenarios: &Scenarios,
    choices: &Archive,
    chosen: &Pick,
    currency: &str,
    words: &dyn Fn(&Point) -> String,
) -> Vec<String> {
    let told = |evaluation: &Evaluation| {
        let o = &evaluation.objectives;
        format!("mean TTFT {}, {:.2} {currency}", time(o.ttft_s_mean()), o.cost())
    };
    let alone = |(name, under): (&String, &Archive)| {
        let here = under.get(&chosen.point)?;
        let own = pick(&Front::of(&restricted(under, choices)), chosen.kind)?;
        Some(if own.point == chosen.point {
            format!("Under `{name}`: {}. For it alone the choice would be the same.", told(here))
        } else {
            let (what, there) = (words(&own.point), told(&own.evaluation));
            format!("Under `{name}`: {}. For it alone the choice would be {what}: {there}.", told(here))
        })
    };
    let are = format!("These figures are {}.", scenarios.objectives_are());
    std::iter::once(are).chain(scenarios.each().filter_map(alone)).collect()
}
