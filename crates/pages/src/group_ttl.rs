//! The page of an experiment of group TTL, from its record alone.

use deployment::Problem;
use experiment::LoadedGroupTtl;
use report::chart::{Axis, BarSeries, Bars, Svg};
use report::html::{Figure, TableView};
use report::number::significant;
use report::{Cell, Kind, Table};

use super::Rendered;
use super::answers::of_group_ttl;
use super::parts::{begun, claims_shown, ended, made_by, refused_entry, traced};

/// Renders the page.
pub(super) fn group_ttl_page(loaded: &LoadedGroupTtl, analysis: &str) -> Result<Rendered, Problem> {
    let manifest = &loaded.manifest;
    let mut pictures = Vec::new();
    let mut page = begun(&manifest.experiment, &manifest.question, &manifest.scale);
    of_group_ttl(&mut page, loaded)?;
    let section = page.section("Reuse at equal storage");
    let mut shares: Vec<f64> = numbers(loaded, "storage_share")?.into_iter().flatten().collect();
    shares.sort_by(f64::total_cmp);
    shares.dedup();
    for share in shares {
        let percent = significant(100.0 * share, 3);
        let chart = gains(loaded, share, &percent)?;
        let name = format!("gain-{percent}.svg");
        let caption = format!(
            "More reused prompt tokens with group TTL than with one TTL, where both hold the same over time in the \
             simulator. The group TTLs were tuned for {percent} % of the storage with which one TTL has every hit. A bar is \
             named by what was replayed and by what was tuned on; the tuner is `{}`.",
            texts(loaded, "method")?.first().map_or("-", String::as_str)
        );
        section.figure(Figure::new(chart.clone(), caption).data("group-ttl.csv"));
        pictures.push((name, chart.as_str().to_owned()));
    }
    page.section("All comparisons").table(
        TableView::new(shown(loaded)?)
            .caption("Changes are from one TTL to group TTL. Both are simulated. Storage is the content of the tier over time.")
            .data("group-ttl.csv"),
    );
    if loaded.claims.rows() > 0 {
        page.section("Claims").table(TableView::new(claims_shown(&loaded.claims)?).data("claims.csv"));
    }
    Ok(Rendered { html: ended(page, analysis, facts(loaded)), pictures })
}

/// A group of bars for each case, a bar for each way of tuning with the first method. The table has the other methods: more
/// bars could not be told apart.
fn gains(loaded: &LoadedGroupTtl, share: f64, percent: &str) -> Result<Svg, Problem> {
    let cases: Vec<String> = loaded.entry.case.iter().map(|case| case.name.clone()).collect();
    let title = format!("More reuse than one TTL, budget {percent} %");
    let mut chart = Bars::new(title, "trace", Axis::linear("reused tokens [%]"));
    let (case, part) = (texts(loaded, "case")?, texts(loaded, "part")?);
    let (tuned, method) = (texts(loaded, "tuned")?, texts(loaded, "method")?);
    let (shares, gain) = (numbers(loaded, "storage_share")?, numbers(loaded, "reuse_gain_percent")?);
    let first = method.first();
    for row in (0..loaded.rows.rows()).filter(|&row| shares[row] == Some(share) && method.get(row) == first) {
        let name = format!("{}, {}", part[row].replace('-', " "), tuned[row].replace('-', " "));
        let place = chart.series.iter().position(|series| series.name == name).unwrap_or_else(|| {
            chart.series.push(BarSeries { name: name.clone(), values: vec![None; cases.len()] });
            chart.series.len() - 1
        });
        if let Some(group) = cases.iter().position(|known| *known == case[row]) {
            chart.series[place].values[group] = gain[row];
        }
    }
    chart.groups = cases;
    chart.to_svg().map_err(Problem::machine)
}

/// The columns that a page shows, rounded.
fn shown(loaded: &LoadedGroupTtl) -> Result<Table, Problem> {
    let texts_of = ["case", "part", "tuned", "method"];
    let currency = format!("cost [{}]", loaded.entry.currency);
    let numbers_of = [
        ("storage_share", "budget share"),
        ("storage_gib_hours", "storage [GiB-hours]"),
        ("reuse_ratio", "reuse"),
        ("reuse_ratio_one", "reuse, one TTL"),
        ("reuse_gain_percent", "more reuse [%]"),
        ("model_gain_percent", "by the model [%]"),
        ("ttft_s_mean", "mean TTFT [s]"),
        ("ttft_change_percent", "TTFT [%]"),
        ("cost", currency.as_str()),
        ("cost_change_percent", "cost [%]"),
        ("ttl_s_one", "the one TTL [s]"),
    ];
    let columns: Vec<(&str, Kind)> = texts_of
        .map(|name| (name, Kind::Text))
        .into_iter()
        .chain(numbers_of.map(|(_, title)| (title, Kind::F64)))
        .collect();
    let mut table = Table::new(&columns).map_err(Problem::machine)?;
    let texts = texts_of.iter().map(|name| texts(loaded, name)).collect::<Result<Vec<_>, _>>()?;
    let values = numbers_of.iter().map(|(name, _)| numbers(loaded, name)).collect::<Result<Vec<_>, _>>()?;
    for row in 0..loaded.rows.rows() {
        let rounded = |value: Option<f64>| match value {
            Some(value) => Cell::from(significant(value, 4).parse().unwrap_or(value)),
            None => Cell::Missing,
        };
        let cells = texts.iter().map(|column| Cell::from(column[row].as_str()));
        let cells = cells.chain(values.iter().map(|column| rounded(column[row])));
        table.push_row(cells.collect::<Vec<_>>()).map_err(Problem::machine)?;
    }
    Ok(table)
}

fn facts(loaded: &LoadedGroupTtl) -> Vec<(String, String)> {
    let (manifest, entry) = (&loaded.manifest, &loaded.entry);
    let mut facts: Vec<(String, String)> = entry
        .case
        .iter()
        .map(|case| {
            let text = format!(
                "{}; {} instances; evaluations of `{}`",
                traced(&case.trace),
                case.instances,
                case.fingerprint
            );
            (case.name.clone(), text)
        })
        .collect();
    facts.extend(entry.case.iter().filter_map(|case| {
        let refused = case.refused.as_ref()?;
        Some((format!("refused, {}", case.name), refused_entry(refused)))
    }));
    if !entry.absent.is_empty() {
        facts.push(("not there".to_owned(), entry.absent.join(", ")));
    }
    facts.push(("groups".to_owned(), format!("{} and the rest", entry.groups)));
    facts.push(("re-tuned every".to_owned(), format!("{} s", entry.window_s)));
    facts.push(("scale".to_owned(), manifest.scale.clone()));
    facts.push(made_by());
    facts
}

fn texts(loaded: &LoadedGroupTtl, column: &str) -> Result<Vec<String>, Problem> {
    loaded.rows.texts(column).map_err(Problem::user)
}

fn numbers(loaded: &LoadedGroupTtl, column: &str) -> Result<Vec<Option<f64>>, Problem> {
    loaded.rows.numbers(column).map_err(Problem::user)
}
