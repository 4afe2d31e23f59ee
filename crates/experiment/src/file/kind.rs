//! Which kind of experiment a file is, and which tables belong to it.

use std::ops::Range;

use deployment::{Problem, Source, SystemFile};
use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::{File, ScaleChanges};

/// The kinds of experiments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A search for the Pareto front of a design space.
    Search,
    /// Every combination of named lists is evaluated and compared.
    Cases,
    /// Searches are compared on full grids.
    Comparison,
    /// A TTL for each prefix group is compared with one TTL.
    GroupTtl,
    /// Reuse in traces is measured. Nothing is simulated.
    Reuse,
    /// Loads that change over time are followed window by window.
    Timeline,
    /// Recorded runs of real engines are replayed and compared.
    EngineRuns,
}

impl Kind {
    /// The table that messages name for files of this kind.
    fn marked_by(self) -> &'static str {
        match self {
            Self::Search => "`[search]`",
            Self::Cases => "`[cases]`",
            Self::Comparison => "`[compare]`",
            Self::GroupTtl => "`[group_ttl]`",
            Self::Reuse => "`[reuse]`",
            Self::Timeline => "`[timeline]`",
            Self::EngineRuns => "`[[engine_run]]`",
        }
    }
}

use Kind::{Cases, Comparison, EngineRuns, GroupTtl, Reuse, Search, Timeline};

/// Tables and keys that only some kinds have. All other tables belong to every kind.
const OWNERS: [(&str, &[Kind]); 23] = [
    ("`[cases]`", &[Cases]),
    ("`[compare]`", &[Comparison]),
    ("`[group_ttl]`", &[GroupTtl]),
    ("`[reuse]`", &[Reuse]),
    ("`[timeline]`", &[Timeline]),
    ("`[[engine_run]]`", &[EngineRuns]),
    ("`[system]`", &[Search, Cases, Comparison, GroupTtl, Timeline]),
    ("`[[configuration]]`", &[Search, Cases, Comparison, GroupTtl, Timeline]),
    ("`window`", &[Search, Cases, Comparison, GroupTtl, Reuse, Timeline]),
    ("`runs`", &[EngineRuns]),
    ("`[trace]`", &[Search, Cases]),
    ("`[axes]`", &[Search, Cases, Comparison, Timeline]),
    ("`[search]`", &[Search]),
    ("`[[scenario]]`", &[Search]),
    ("`[uncertainty]`", &[Search]),
    ("`[sensitivity]`", &[Search]),
    ("`[baseline]`", &[Search, Cases]),
    ("`[[constraint]]`", &[Search]),
    ("`[[claim]]`", &[Search, Cases]),
    ("`evaluations`", &[Search]),
    ("`seeds`", &[Comparison]),
    ("`block_tokens`", &[Reuse]),
    ("`axes`", &[Search, Cases, Comparison, Timeline]),
];

impl File {
    /// The kind of experiment that the file is.
    ///
    /// # Errors
    /// A table or key belongs to another kind. The problem has its place.
    pub(crate) fn kind(&self, source: &Source) -> Result<Kind, Problem> {
        let kind = if self.engine_run.is_some() {
            EngineRuns
        } else if self.compare.is_some() {
            Comparison
        } else if self.group_ttl.is_some() {
            GroupTtl
        } else if self.timeline.is_some() {
            Timeline
        } else if self.cases.is_some() {
            Cases
        } else if self.reuse.is_some() {
            Reuse
        } else {
            Search
        };
        for (name, span) in self.tables() {
            let owners = OWNERS.iter().find(|(known, _)| *known == name).expect("every table has a row").1;
            if !owners.contains(&kind) {
                return Err(source.error(span, misplaced(name, owners, kind), "here"));
            }
        }
        Ok(kind)
    }

    /// `[system]`, which every kind that simulates has.
    ///
    /// # Errors
    /// The file has none.
    pub(crate) fn system(&self, source: &Source) -> Result<&SystemFile, Problem> {
        let system = self.system.as_ref().map(Spanned::get_ref);
        system.ok_or_else(|| source.error_in_file("missing field `system`"))
    }

    /// The tables and keys of the file that only some kinds have, with their places.
    fn tables(&self) -> Vec<(&'static str, Range<usize>)> {
        fn one<T>(name: &'static str, table: Option<&Spanned<T>>) -> Option<(&'static str, Range<usize>)> {
            table.map(|table| (name, table.span()))
        }
        let scenario = self.scenario.iter().flatten().next();
        let mut tables: Vec<_> = [
            one("`[cases]`", self.cases.as_ref()),
            one("`[compare]`", self.compare.as_ref()),
            one("`[group_ttl]`", self.group_ttl.as_ref()),
            one("`[reuse]`", self.reuse.as_ref()),
            one("`[system]`", self.system.as_ref()),
            self.configuration.first().map(|it| ("`[[configuration]]`", it.name.span())),
            one("`[timeline]`", self.timeline.as_ref()),
            one("`[[engine_run]]`", self.engine_run.iter().flatten().next()),
            one("`[[scenario]]`", scenario),
            one("`[uncertainty]`", self.uncertainty.as_ref()),
            one("`[sensitivity]`", self.sensitivity.as_ref()),
            one("`[trace]`", self.trace.as_ref()),
            one("`[axes]`", self.axes.as_ref()),
            self.search.as_ref().map(|search| ("`[search]`", search.get_ref().name.span())),
            one("`[baseline]`", self.baseline.as_ref()),
            one("`[[constraint]]`", self.constraint.first()),
            one("`[[claim]]`", self.claim.first()),
        ]
        .into_iter()
        .flatten()
        .collect();
        for changes in [&self.smoke, &self.full].into_iter().flatten().map(Spanned::get_ref) {
            let ScaleChanges { window, evaluations, seeds, axes, block_tokens, runs } = changes;
            tables.extend(one("`window`", window.as_ref()));
            tables.extend(one("`runs`", runs.as_ref()));
            tables.extend(one("`evaluations`", evaluations.as_ref()));
            tables.extend(one("`seeds`", seeds.as_ref()));
            tables.extend(one("`block_tokens`", block_tokens.as_ref()));
            tables.extend(one("`axes`", axes.as_ref()));
        }
        tables
    }
}

fn misplaced(name: &str, owners: &[Kind], kind: Kind) -> String {
    let of: Vec<&str> = owners
        .iter()
        .map(|owner| match owner {
            Search => "a search",
            Cases => "cases",
            Comparison => "a comparison of searches",
            GroupTtl => "group TTL",
            Reuse => "reuse in traces",
            Timeline => "a timeline",
            EngineRuns => "recorded runs",
        })
        .collect();
    let of = of.join(" or ");
    match kind {
        Cases => format!("{name} belongs to {of}, and `[cases]` evaluates every combination"),
        kind => format!("{name} belongs to {of}, and this file has {}", kind.marked_by()),
    }
}
