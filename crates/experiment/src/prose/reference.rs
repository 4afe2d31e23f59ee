//! The names of figures in a text: `{knee.ttft_s_mean|3}`.

use report::number::{grouped, significant};

/// What a claim has.
pub(crate) const CLAIM_FIELDS: [&str; 7] =
    ["paper", "ours", "unit", "verdict", "best_regime", "regimes_met", "regimes"];
/// What a trace has.
pub(crate) const TRACE_FIELDS: [&str; 4] = ["name", "requests", "duration_s", "prompt_tokens"];

/// A piece of a text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Piece {
    /// Words as they are.
    Words(String),
    /// A figure.
    Figure {
        /// The text between the braces.
        raw: String,
        /// What it names.
        reference: Reference,
        /// How it is shown.
        shown: Shown,
    },
}

/// What a name stands for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Reference {
    /// `claim.ID.FIELD`
    Claim { id: String, field: String },
    /// `trace.FIELD`
    Trace { field: String },
    /// `count.SETTINGS`
    Count { of: Counted },
    /// `ROLE.FIGURE` and `point.SETTINGS.FIGURE`
    At { place: Place, figure: String },
    /// `least.SETTINGS.FIGURE` and `most.SETTINGS.FIGURE`
    Extreme { most: bool, settings: Settings, figure: String },
    /// `change.PLACE>PLACE.FIGURE`
    Change { from: Place, to: Place, figure: String },
}

/// What is counted.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Counted {
    /// The points of the front.
    Front,
    /// The rows with these settings.
    Rows(Settings),
}

/// Names and values, as `dram_gib=512,disk_lease_s=0`.
pub(crate) type Settings = Vec<(String, String)>;

/// One row of a record.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Place {
    /// A listed configuration.
    Role(String),
    /// The only row with these settings.
    Row(Settings),
}

/// The configurations that a record lists, and the recommended one.
pub(super) const ROLES: [&str; 6] =
    ["baseline", "cheapest", "fastest", "highest-throughput", "knee", "choice"];

const ALLOWED: &str = "claim.ID.FIELD, trace.FIELD, count.SETTINGS, count.front, point.SETTINGS.FIGURE, \
     least.SETTINGS.FIGURE, most.SETTINGS.FIGURE, change.PLACE>PLACE.FIGURE, and ROLE.FIGURE where ROLE is one of";

/// How a value is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shown {
    sign: bool,
    digits: Digits,
    percent: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Digits {
    Significant(usize),
    Decimals(usize),
}

impl Shown {
    /// `+`, then significant digits as `3` or decimals as `.1`, then `%` for a share in percent.
    fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`|{text}` is no form of a number; allowed: `|3` (significant digits), `|.1` (decimals), with `+` \
                 before (the sign is shown) and `%` behind (a share in percent)"
            )
        };
        let (sign, rest) = text.strip_prefix('+').map_or((false, text), |rest| (true, rest));
        let (percent, rest) = rest.strip_suffix('%').map_or((false, rest), |rest| (true, rest));
        let number = |digits: &str| digits.parse::<usize>().ok().filter(|it| *it <= 15).ok_or_else(wrong);
        let digits = match (rest.strip_prefix('.'), rest) {
            (Some(decimals), _) => Digits::Decimals(number(decimals)?),
            (None, "") => Digits::Significant(3),
            (None, digits) => Digits::Significant(number(digits)?.max(1)),
        };
        Ok(Self { sign, digits, percent })
    }

    pub(crate) fn text(self, value: &Value) -> String {
        let value = match value {
            Value::Words(words) => return words.clone(),
            Value::Number(number) => *number,
        };
        let value = if self.percent { 100.0 * value } else { value };
        let text = match self.digits {
            Digits::Significant(digits) => significant(value, digits),
            // Adding 0 makes -0.0 a plain 0.
            Digits::Decimals(digits) => {
                let scale = 10f64.powi(digits as i32);
                format!("{:.digits$}", (value * scale).round() / scale + 0.0)
            }
        };
        let sign = if self.sign && value > 0.0 { "+" } else { "" };
        let unit = if self.percent { " %" } else { "" };
        format!("{sign}{}{unit}", grouped(&text))
    }
}

/// The pieces of a text. The error has the text between the braces, and what is wrong with it.
pub(crate) fn pieces(text: &str) -> Result<Vec<Piece>, (String, String)> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let (words, after) = rest.split_at(open);
        let Some(close) = after.find('}') else {
            let begin: String = after[1..].chars().take(40).collect();
            return Err((begin, "the brace is not closed".to_owned()));
        };
        let raw = &after[1..close];
        let (name, form) = raw.rsplit_once('|').unwrap_or((raw, ""));
        let fail = |message| (raw.to_owned(), message);
        let (reference, shown) = (reference(name).map_err(fail)?, Shown::parse(form).map_err(fail)?);
        pieces.push(Piece::Words(words.to_owned()));
        pieces.push(Piece::Figure { raw: raw.to_owned(), reference, shown });
        rest = &after[close + 1..];
    }
    pieces.push(Piece::Words(rest.to_owned()));
    Ok(pieces)
}

fn reference(name: &str) -> Result<Reference, String> {
    let wrong = || format!("this names no figure; allowed: {ALLOWED} {}", ROLES.join(", "));
    let (head, rest) = name.split_once('.').ok_or_else(wrong)?;
    // A value may have a point in it, and the name of a figure has none.
    let last =
        |rest: &str| rest.rsplit_once('.').map(|(a, b)| (a.to_owned(), b.to_owned())).ok_or_else(wrong);
    match head {
        "claim" => last(rest).map(|(id, field)| Reference::Claim { id, field }),
        "trace" => Ok(Reference::Trace { field: rest.to_owned() }),
        "count" if rest == "front" => Ok(Reference::Count { of: Counted::Front }),
        "count" => Ok(Reference::Count { of: Counted::Rows(settings(rest)?) }),
        "point" => {
            let (place, figure) = last(rest)?;
            Ok(Reference::At { place: Place::Row(settings(&place)?), figure })
        }
        "least" | "most" => {
            let (given, figure) = rest.rsplit_once('.').unwrap_or(("", rest));
            Ok(Reference::Extreme {
                most: head == "most",
                settings: settings(given)?,
                figure: figure.to_owned(),
            })
        }
        "change" => {
            let (places, figure) = last(rest)?;
            let (from, to) = places.split_once('>').ok_or_else(wrong)?;
            Ok(Reference::Change { from: place(from)?, to: place(to)?, figure })
        }
        role if ROLES.contains(&role) => {
            Ok(Reference::At { place: Place::Role(role.to_owned()), figure: rest.to_owned() })
        }
        _ => Err(wrong()),
    }
}

fn place(text: &str) -> Result<Place, String> {
    let text = text.trim();
    if ROLES.contains(&text) {
        return Ok(Place::Role(text.to_owned()));
    }
    settings(text).map(Place::Row)
}

/// `dram_gib=512,disk_lease_s=0`; nothing, or `all`, is no setting.
fn settings(text: &str) -> Result<Settings, String> {
    let given = text.split(',').map(str::trim).filter(|it| !it.is_empty() && *it != "all");
    let pair = |it: &str| {
        let (name, value) = it.split_once('=').ok_or_else(|| {
            format!(
                "`{it}` is no setting; allowed: NAME=VALUE with commas between, or one of {}",
                ROLES.join(", ")
            )
        })?;
        Ok((name.trim().to_owned(), value.trim().to_owned()))
    };
    given.map(pair).collect()
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Number(f64),
    Words(String),
}

impl Value {
    /// Whether it is what a setting says.
    pub(crate) fn is(&self, text: &str) -> bool {
        match self {
            Self::Words(words) => words == text,
            Self::Number(number) => text.parse::<f64>().is_ok_and(|it| it.total_cmp(number).is_eq()),
        }
    }
}

/// Whether a name is known; otherwise what is allowed.
pub(crate) fn among(what: &str, name: &str, known: &[&str]) -> Result<(), String> {
    if known.contains(&name) {
        return Ok(());
    }
    let allowed = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    Err(format!("there is no {what} `{name}`; allowed: {allowed}"))
}
