//! The analysis of a record: the values that names in it stand for are taken from the record.

use std::collections::BTreeMap;

use deployment::Problem;
use kareto::front::Front;
use kareto::{Archive, DesignSpace, Evaluation, Point};
use report::{Column, Table};

use crate::prose::{Counted, Piece, Place, Reference, Settings, TRACE_FIELDS, Value, among, pieces};
use crate::record::{Loaded, LoadedSearch, TraceEntry};

/// The analysis of a record, with the values of its figures.
///
/// At smoke scale a figure that the record does not have is a dash: the points are others there.
///
/// # Errors
/// The analysis names a figure that the record does not have.
pub fn analysis(loaded: &Loaded) -> Result<String, Problem> {
    let manifest = loaded.manifest();
    let wrong = |key: &str, message: String| {
        let folder = &manifest.experiment;
        Problem::user(format!("{folder}/manifest.toml: key `analysis`, `{{{key}}}`: {message}"))
    };
    let values = Values::of(loaded);
    let mut text = String::new();
    for piece in pieces(&manifest.analysis).map_err(|(key, message)| wrong(&key, message))? {
        match piece {
            Piece::Words(words) => text += &words,
            Piece::Figure { raw, reference, shown } => match values.of_reference(&reference) {
                Ok(value) => text += &shown.text(&value),
                Err(_) if manifest.scale != "full" => text += "\u{2013}",
                Err(message) => return Err(wrong(&raw, message)),
            },
        }
    }
    Ok(text)
}

/// Everything that a record has values of.
struct Values<'a> {
    loaded: &'a Loaded,
    rows: Vec<Row>,
}

/// A row: an evaluated point, or a line of the table of the record.
#[derive(Debug, Default)]
struct Row(BTreeMap<String, Value>);

impl<'a> Values<'a> {
    fn of(loaded: &'a Loaded) -> Self {
        let rows = match loaded {
            Loaded::Search(of) | Loaded::Cases(of, _) => points(of),
            Loaded::GroupTtl(of) => lines(&of.rows),
            Loaded::Comparison(of) => lines(&of.searches),
            Loaded::Reuse(of) => lines(&of.rows),
            Loaded::EngineRuns(of) => lines(&of.figures),
            Loaded::Timeline(of) => match (&of.recovery, &of.strategies) {
                (Some((rows, _)), _) | (None, Some((_, rows))) => lines(rows),
                (None, None) => lines(&of.windows),
            },
        };
        Self { loaded, rows }
    }

    fn of_reference(&self, reference: &Reference) -> Result<Value, String> {
        match reference {
            Reference::Claim { id, field } => self.claim(id, field),
            Reference::Trace { field } => self.trace(field),
            Reference::Count { of: Counted::Front } => {
                let found = &self.search()?.found;
                Ok(Value::Number(Front::of(&found.searched).len() as f64))
            }
            Reference::Count { of: Counted::Rows(settings) } => {
                Ok(Value::Number(self.with(settings)?.len() as f64))
            }
            Reference::At { place, figure } => self.at(place, figure),
            Reference::Extreme { most, settings, figure } => self.extreme(*most, settings, figure),
            Reference::Change { from, to, figure } => {
                let number = |place| match self.at(place, figure)? {
                    Value::Number(number) => Ok(number),
                    Value::Words(_) => Err(format!("`{figure}` is no number, so it has no change")),
                };
                let (before, after): (f64, f64) = (number(from)?, number(to)?);
                if before == 0.0 {
                    return Err(format!(
                        "`{figure}` is 0 at the first place, so its change is no percentage"
                    ));
                }
                Ok(Value::Number(100.0 * (after - before) / before))
            }
        }
    }

    fn search(&self) -> Result<&'a LoadedSearch, String> {
        match self.loaded {
            Loaded::Search(loaded) | Loaded::Cases(loaded, _) => Ok(loaded),
            _ => Err("this kind of record has no points; allowed: claim, count, point, least, most, change"
                .to_owned()),
        }
    }

    fn claim(&self, id: &str, field: &str) -> Result<Value, String> {
        let claims = self.loaded.claims().ok_or("this kind of record has no claims")?;
        let ids = claims.texts("id").map_err(|error| error.to_string())?;
        let names: Vec<&str> = ids.iter().map(String::as_str).collect();
        among("claim", id, &names)?;
        let row = ids.iter().position(|known| known == id).unwrap_or(0);
        lines(claims).swap_remove(row).value(field)
    }

    fn trace(&self, field: &str) -> Result<Value, String> {
        let entry: &TraceEntry = &self.search()?.entry.trace;
        match field {
            "name" => Ok(Value::Words(entry.name.clone())),
            "requests" => Ok(Value::Number(entry.requests as f64)),
            "duration_s" => Ok(Value::Number(entry.duration_s)),
            "prompt_tokens" => Ok(Value::Number(entry.prompt_tokens as f64)),
            other => Err(format!("there is no field `{other}`; allowed: {}", TRACE_FIELDS.join(", "))),
        }
    }

    fn at(&self, place: &Place, figure: &str) -> Result<Value, String> {
        match place {
            Place::Role(role) => self.role(role, figure),
            Place::Row(settings) => match self.with(settings)?.as_slice() {
                [row] => row.value(figure),
                rows => Err(format!("{} rows have these settings; allowed: settings of one row", rows.len())),
            },
        }
    }

    fn role(&self, role: &str, figure: &str) -> Result<Value, String> {
        let loaded = self.search()?;
        let row = |point: &Point, evaluation: &Evaluation| row(&loaded.found.space, point, evaluation);
        let row = match role {
            "choice" => {
                let choice = loaded.findings.choice.as_ref();
                choice.map(|choice| row(&choice.pick.point, &choice.pick.evaluation))
            }
            role => {
                let listed = loaded.findings.listed.iter().find(|it| it.title == role.replace('-', " "));
                listed.map(|it| row(&it.point, &it.evaluation))
            }
        };
        row.ok_or_else(|| format!("the record has no `{role}`"))?.value(figure)
    }

    fn extreme(&self, most: bool, settings: &Settings, figure: &str) -> Result<Value, String> {
        let mut numbers = Vec::new();
        for row in self.with(settings)? {
            match row.value(figure)? {
                Value::Number(number) => numbers.push(number),
                Value::Words(_) => return Err(format!("`{figure}` is no number")),
            }
        }
        let extreme = match most {
            true => numbers.into_iter().max_by(f64::total_cmp),
            false => numbers.into_iter().min_by(f64::total_cmp),
        };
        extreme.map(Value::Number).ok_or_else(|| "no row has these settings".to_owned())
    }

    /// The rows with these settings. Under several scenarios, those over all of them unless one is named.
    fn with(&self, settings: &Settings) -> Result<Vec<&Row>, String> {
        let Some(first) = self.rows.first() else { return Err("the record has no rows".to_owned()) };
        let known: Vec<&str> = first.0.keys().map(String::as_str).collect();
        for (name, _) in settings {
            among("setting", name, &known)?;
        }
        let scenario = ("scenario".to_owned(), "all".to_owned());
        let over_all = known.contains(&"scenario") && !settings.iter().any(|(name, _)| name == "scenario");
        let wanted: Vec<&(String, String)> = settings.iter().chain(over_all.then_some(&scenario)).collect();
        let fits =
            |row: &&Row| wanted.iter().all(|(name, value)| row.0.get(name).is_some_and(|it| it.is(value)));
        let rows: Vec<&Row> = self.rows.iter().filter(fits).collect();
        if rows.is_empty() {
            let asked: Vec<String> = settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
            return Err(format!(
                "the record has no row with {}; allowed: settings of an evaluated point",
                asked.join(",")
            ));
        }
        Ok(rows)
    }
}

impl Row {
    fn value(&self, figure: &str) -> Result<Value, String> {
        self.0.get(figure).cloned().ok_or_else(|| {
            let known: Vec<&str> = self.0.keys().map(String::as_str).collect();
            format!("there is no figure `{figure}` here; allowed: {}", known.join(", "))
        })
    }
}

/// The evaluated points of a search or of cases, and those under each scenario.
fn points(loaded: &LoadedSearch) -> Vec<Row> {
    let found = &loaded.found;
    let of = |archive: &Archive, scenario: Option<&str>| -> Vec<Row> {
        let each = archive.iter().map(|(point, evaluation)| {
            let mut row = row(&found.space, point, evaluation);
            row.0.extend(scenario.map(|it| ("scenario".to_owned(), Value::Words(it.to_owned()))));
            row
        });
        each.collect()
    };
    match &found.scenarios {
        None => of(&found.kept, None),
        Some(scenarios) => {
            let under = scenarios.names.iter().zip(&scenarios.under);
            let under = under.flat_map(|(name, archive)| of(archive, Some(name)));
            of(&found.kept, Some("all")).into_iter().chain(under).collect()
        }
    }
}

fn row(space: &DesignSpace, point: &Point, evaluation: &Evaluation) -> Row {
    let mut row = Row::default();
    for (axis, value) in space.axes().iter().zip(space.values(point)) {
        let text = value.to_string();
        let value = text.parse().map_or(Value::Words(text), Value::Number);
        row.0.insert(axis.name.clone(), value);
    }
    // Cases may have an axis of this name.
    let words = || Value::Words(crate::findings::words(space, point));
    row.0.entry("configuration".to_owned()).or_insert_with(words);
    let o = &evaluation.objectives;
    let objectives = [
        ("ttft_s_mean", o.ttft_s_mean()),
        ("throughput_tokens_per_s", o.throughput_tokens_per_s()),
        ("cost", o.cost()),
    ];
    row.0.extend(objectives.map(|(name, value)| (name.to_owned(), Value::Number(value))));
    row.0.extend(evaluation.metrics.iter().map(|(name, value)| (name.clone(), Value::Number(*value))));
    row
}

/// The lines of a table. A missing cell is no value.
fn lines(table: &Table) -> Vec<Row> {
    let mut rows: Vec<Row> = (0..table.rows()).map(|_| Row::default()).collect();
    for (name, column) in table.columns() {
        let cell = |place: usize| match column {
            Column::F64(values) => values[place].map(Value::Number),
            Column::I64(values) => values[place].map(|it| Value::Number(it as f64)),
            Column::Text(values) => values[place].clone().map(Value::Words),
        };
        for (place, row) in rows.iter_mut().enumerate() {
            row.0.extend(cell(place).map(|value| (name.to_owned(), value)));
        }
    }
    rows
}
