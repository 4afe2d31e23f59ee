//! The run of a search, or of cases. It evaluates points, under every scenario where there are several. Then it
//! evaluates what is asked besides, and makes the tables.

use std::collections::BTreeSet;
use std::path::Path;

use deployment::Problem;
use kareto::robust::Robust;
use kareto::search::{Search, SearchContext};
use kareto::{Archive, ArchiveStore, SearchRun, run_search};

use super::again::{Again, search_problem};
use super::against::compared;
use super::listed_points::Listed;
use super::sensed::sense;
use super::varied::{Varied, vary};
use super::{Done, Finished};
use crate::against::Compared;
use crate::archive::fingerprint;
use crate::archive::open_archive;
use crate::evaluate::{CostBeforehand, PointEvaluator, Traces};
use crate::findings::{Findings, Found, Scenarios, surfaces};
use crate::observer::{Counting, Expected, Observer};
use crate::plan::{CasesPlan, Head, ReadTraces, SearchPlan};
use crate::record::{
    AGAINST, ARCHIVE, Body, CasesEntry, Folder, REGIMES, SURFACES, ScenarioEntry, SearchEntry, TraceEntry,
    UncertaintyEntry, against_table, assumptions_table, break_even_table, cases_table, claims_table,
    front_table, picks_table, regimes_table, regret_table, sensitivity_table, skipped_table, surfaces_table,
};

/// A search or cases, and the traces.
pub(super) struct Ready {
    plan: SearchPlan,
    cases: Option<CasesPlan>,
    traces: Traces,
}

/// A finished search.
pub(super) struct Searched {
    /// The points that the search asked for. Its counts are of points.
    pub(super) run: SearchRun,
    /// Everything in the archive.
    pub(super) kept: Archive,
    /// The scenarios, if there are any. `run` and `kept` then have one figure for all scenarios.
    pub(super) scenarios: Option<Scenarios>,
    /// Evaluations made now, including the points besides the search.
    evaluated: usize,
    /// Evaluations that the search asked for and the archive had.
    reused: usize,
    /// Names the code that made the evaluations in the archive.
    code: BTreeSet<String>,
}

impl Ready {
    /// Reads the traces, and checks what the simulator would refuse.
    pub(super) fn new(
        file: &Path,
        plan: SearchPlan,
        cases: Option<CasesPlan>,
        read: &mut ReadTraces,
    ) -> Result<Self, Problem> {
        let mut traces = Vec::new();
        for (name, trace) in &plan.traces {
            traces.push((name.clone(), read.get(trace)?));
        }
        let traces = Traces::new(traces, &plan.archive_space);
        plan.check(&traces).map_err(|m| Problem::user(format!("{}: {m}", file.display())))?;
        Ok(Self { plan, cases, traces })
    }

    /// What it is expected to do.
    pub(super) fn expected(&self) -> Expected {
        let points = self
            .plan
            .search
            .evaluations
            .map_or(self.plan.space.size(), |most| most.min(self.plan.space.size()));
        // Cases have their traces among the points; scenarios evaluate each point on every trace.
        let traces = self.traces.all.len();
        let each = if self.plan.weighing.is_some() { points } else { points.div_ceil(traces) };
        Expected::of(self.traces.all.iter().map(|(_, trace)| (each, &**trace)))
    }

    /// Runs it.
    pub(super) fn run(self, folder: &Folder, head: &Head, observer: &dyn Observer) -> Result<Done, Problem> {
        let Self { plan, cases, traces } = self;
        let sharing_known = traces.all.iter().all(|(_, trace)| trace.sharing_known());
        let fingerprint = fingerprint(&plan.system, &traces);
        let (base, space) = (&plan.system, &plan.archive_space);
        let objectives = plan.search.objectives.clone();
        let revision_of = PointEvaluator { base, space, traces: &traces, objectives }.revision_of();
        let store = open_archive(&folder.file(ARCHIVE), &fingerprint, space, revision_of, observer)?;
        let searched = search(&plan, &traces, head, &store, observer)?;
        let varied = vary(&plan, &traces, head, folder, &fingerprint, &searched, observer)?;
        let again = Again { plan: &plan, traces: &traces, head, folder, fingerprint: &fingerprint, observer };
        let sensed = sense(&again, &searched.run.archive)?;
        let mut entry = entry(&plan, &traces, &fingerprint, &searched, varied.as_ref());
        if let Some(sensed) = &sensed {
            entry.code.extend(sensed.code.iter().cloned());
            entry.sensitivity = Some(sensed.entry.clone());
        }
        let Searched { run, kept, scenarios, evaluated, reused, code: _ } = searched;
        let compared = match &cases {
            Some(cases) => compared(&plan, cases, &traces, &run.archive)?,
            None => Vec::new(),
        };
        let claims = plan.claims.iter().map(|claim| claim.row(&plan.space, &kept, &run.archive, &compared));
        let claims = claims_table(claims, head.scale)?.to_csv();
        let summary = |evaluated: usize, reused: usize| {
            format!(
                "{} points, {evaluated} evaluated now, {reused} from the archive; {}",
                run.archive.len(),
                run.reason
            )
        };
        if let Some(cases) = &cases {
            entry.name = "cases".to_owned();
            let tables = tables_of_cases(&plan, cases, &run.archive, head, claims, &compared)?;
            return Ok(Done {
                body: Body::Cases { points: entry, compared: CasesEntry::new(&plan, cases, &traces) },
                tables,
                evaluated,
                reused,
                summary: summary(evaluated, reused),
                finished: None,
            });
        }
        let of_varied = varied.as_ref().map_or((0, 0), |it| (it.evaluated, it.reused));
        let of_sensed = sensed.as_ref().map_or((0, 0), |it| (it.evaluated, it.reused));
        let (also_evaluated, also_reused) = (of_varied.0 + of_sensed.0, of_varied.1 + of_sensed.1);
        let summary = summary(evaluated, reused);
        let front = front_table(&plan.space, &run.archive)?.to_csv();
        let skipped = skipped_table(&plan.space, &run.skipped)?.to_csv();
        let found = Found {
            space: plan.space,
            searched: run.archive,
            kept,
            baseline: plan.baseline,
            constraints: plan.constraints,
            currency: entry.currency.clone(),
            scenarios,
            uncertainty: varied.map(|it| it.uncertainty),
            varied: sensed.map(|it| it.varied),
        };
        let findings = Findings::of(&found)?;
        let mut tables = listed_tables(&found, &findings)?;
        tables.extend([("front.csv", front), ("skipped.csv", skipped), ("claims.csv", claims)]);
        Ok(Done {
            body: Body::Search(entry),
            tables,
            evaluated: evaluated + also_evaluated,
            reused: reused + also_reused,
            summary,
            finished: Some(Finished { found, findings, sharing_known }),
        })
    }
}

/// The tables of cases.
fn tables_of_cases(
    plan: &SearchPlan,
    cases: &CasesPlan,
    archive: &Archive,
    head: &Head,
    claims: String,
    compared: &[Compared],
) -> Result<Vec<(&'static str, String)>, Problem> {
    let space = &plan.space;
    let mut tables = vec![("cases.csv", cases_table(space, archive)?.to_csv()), ("claims.csv", claims)];
    if plan.regimes.is_some() {
        tables.push((REGIMES, regimes_table(space, &plan.claims, archive, head.scale)?.to_csv()));
    }
    if let (Some(along), false) = (&cases.along, cases.surfaces.is_empty()) {
        let over = [cases.compare.as_str(), along.as_str()];
        let all = cases.surfaces.iter().flat_map(|figure| surfaces(space, archive, over, figure));
        tables.push((SURFACES, surfaces_table(space, over, &all.collect::<Vec<_>>())?.to_csv()));
    }
    if cases.against.is_some() {
        tables.push((AGAINST, against_table(space, compared)?.to_csv()));
    }
    Ok(tables)
}

/// Searches, and evaluates the points besides the search.
fn search(
    plan: &SearchPlan,
    traces: &Traces,
    head: &Head,
    store: &ArchiveStore,
    observer: &dyn Observer,
) -> Result<Searched, Problem> {
    let (base, space) = (&plan.system, &plan.space);
    let chosen = &plan.search;
    let objectives = chosen.objectives.clone();
    let evaluator = PointEvaluator { base, space: &plan.archive_space, traces, objectives };
    let counting = Counting(observer);
    observer.begin(&head.name);
    // With scenarios, a search sees one figure for all of them. That figure stays in memory; the archive has each
    // scenario.
    let names: Vec<String> = traces.all.iter().map(|(name, _)| name.clone()).collect();
    let in_memory = ArchiveStore::in_memory(space);
    let search_run = |search: &mut dyn Search| {
        let run = match &plan.weighing {
            Some(weighing) => {
                let robust = Robust { names: &names, weighing, evaluator: &evaluator, store };
                run_search(search, space, &robust, &in_memory, &counting)
            }
            None => run_search(search, space, &evaluator, store, &counting),
        };
        run.map_err(search_problem)
    };
    let context = SearchContext {
        space,
        seed: chosen.seed,
        evaluations: chosen.evaluations,
        objectives: plan.objectives(),
        known_cost: CostBeforehand::of(base, space, traces),
    };
    let mut search = chosen.spec.search(&chosen.params, &context);
    let before = store.evaluations();
    let run = search_run(search.as_mut())?;
    let each = if plan.weighing.is_some() { names.len() } else { 1 };
    let reused = run.archive.len() * each - (store.evaluations() - before);
    search_run(&mut Listed(plan.points_beside()))?;
    observer.end();

    let (mut kept, mut scenarios) = (store.snapshot().with_objectives(chosen.objectives.clone()), None);
    let evaluated = kept.len() - before;
    if let Some(weighing) = &plan.weighing {
        let joint = std::mem::take(&mut kept);
        kept = weighing.aggregated(&joint).map_err(Problem::user)?;
        scenarios = Some(Scenarios::new(names, weighing.clone(), joint));
    }
    Ok(Searched { run, kept, scenarios, evaluated, reused, code: store.revisions() })
}

/// The entry of a search in the manifest.
fn entry(
    plan: &SearchPlan,
    traces: &Traces,
    fingerprint: &str,
    searched: &Searched,
    varied: Option<&Varied>,
) -> SearchEntry {
    let Searched { run, kept, .. } = searched;
    let space = &plan.space;
    let not_asked = kept.iter().filter(|(point, _)| !run.archive.contains(point));
    SearchEntry {
        name: plan.search.spec.name.to_owned(),
        front: plan.weighing.as_ref().map(|it| it.front),
        objectives: plan.search.other_objectives(),
        space_points: space.size(),
        evaluations: run.archive.len(),
        ended: run.reason.to_string(),
        currency: plan.system.currency(),
        baseline: plan.baseline.as_ref().map(|point| space.key(point)),
        fingerprint: fingerprint.to_owned(),
        code: searched.code.iter().chain(varied.iter().flat_map(|it| &it.code)).cloned().collect(),
        beside: not_asked.map(|(point, _)| space.key(point)).collect(),
        trace: TraceEntry::of_all(plan, traces),
        uncertainty: varied.map(|it| UncertaintyEntry {
            resamples: it.uncertainty.resamples.len(),
            assumptions: !it.uncertainty.assumptions.is_empty(),
            evaluations: it.evaluated + it.reused,
        }),
        sensitivity: None,
        scenario: ScenarioEntry::of_all(plan, traces),
        constraint: plan.constraints.clone(),
    }
}

/// The tables of the baseline and the picks.
fn listed_tables(found: &Found, findings: &Findings) -> Result<Vec<(&'static str, String)>, Problem> {
    let space = &found.space;
    let picks = picks_table(space, &findings.listed, found.uncertainty.as_ref())?;
    let mut tables = vec![("picks.csv", picks.to_csv())];
    if found.scenarios.is_some() {
        tables.push(("regret.csv", regret_table(space, &findings.regretted)?.to_csv()));
    }
    if found.uncertainty.as_ref().is_some_and(|it| !it.assumptions.is_empty()) {
        tables.push(("assumptions.csv", assumptions_table(space, &findings.assumed)?.to_csv()));
    }
    if let (Some(sensitivity), Some(choice)) = (&findings.sensitivity, &findings.choice) {
        let (point, space) = (&choice.pick.point, &found.space);
        tables.push(("sensitivity.csv", sensitivity_table(space, sensitivity, point)?.to_csv()));
        tables.push(("break-even.csv", break_even_table(space, sensitivity, point)?.to_csv()));
    }
    Ok(tables)
}
