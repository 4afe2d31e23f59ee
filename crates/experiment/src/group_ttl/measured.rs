//! The measurements of one case, as an archive. A run that is killed loses none that was finished. A run that is
//! finished neither simulates nor tunes again.

use std::path::Path;

use deployment::Problem;
use kareto::objectives::NotFinite;
use kareto::space::AxisValues;
use kareto::ttl::Method;
use kareto::{ArchiveError, ArchiveStore, Axis, DesignSpace, Evaluation, Objectives, Point};

use super::claim::{PARTS, TUNED};
use super::rules::{Contest, GRID_PLACES, Measured, Part, TunedOn, method_name};
use crate::archive::{archive_problem, fnv1a, open_archive};
use crate::observer::Observer;

/// The name for leases of one TTL, beside the names of tuners.
const ONE_TTL: &str = "one-ttl";

/// Which leases were simulated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Leases {
    /// One TTL. The number is its place on the grid.
    One(i32),
    /// A tuner's choice within a budget. The number is the budget's place in the file.
    Chosen(TunedOn, Method, usize),
}

/// Why there is no measurement: the simulation or the archive has a problem.
struct NotKept(Problem);

impl From<ArchiveError> for NotKept {
    fn from(error: ArchiveError) -> Self {
        Self(archive_problem(error))
    }
}

/// The archive of one case.
pub(crate) struct Measurements {
    store: ArchiveStore,
    methods: Vec<Method>,
    known: usize,
}

impl Measurements {
    /// Opens or creates the archive of a case in a folder. Its name covers everything that the measurements depend on
    /// except the code, which `revision` names. So a case that is changed has another archive.
    pub(crate) fn open(
        directory: &Path,
        fingerprint: &str,
        contest: &Contest,
        revision: Option<String>,
        observer: &dyn Observer,
    ) -> Result<Self, Problem> {
        let fingerprint = format!("{fingerprint}-{:016x}", fnv1a(format!("{contest:?}").as_bytes()));
        let path = directory.join(format!("case-{fingerprint}.jsonl"));
        let of_all = move |_: &Point| revision.clone();
        let store = open_archive(&path, &fingerprint, &space(contest), of_all, observer)?;
        Ok(Self { known: store.evaluations(), store, methods: contest.methods.clone() })
    }

    /// The measurements of these leases, from the archive or by a simulation now.
    pub(crate) fn of(
        &self,
        part: Part,
        leases: Leases,
        simulate: impl FnOnce() -> Result<Evaluation, Problem>,
    ) -> Result<Evaluation, Problem> {
        let simulate = || simulate().map_err(NotKept);
        self.store.get_or_evaluate(&self.point(part, leases), simulate).map_err(|NotKept(problem)| problem)
    }

    /// How many simulations were made now, and how many the archive had.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.store.evaluations() - self.known, self.known)
    }

    fn point(&self, part: Part, leases: Leases) -> Point {
        let at = |found: Option<usize>| found.expect("a name of the space") as u32;
        let part = at(PARTS.iter().position(|(_, known)| *known == part));
        Point(match leases {
            Leases::One(place) => vec![part, 0, 0, place.unsigned_abs()],
            Leases::Chosen(tuned, method, budget) => {
                let tuned = at(TUNED.iter().position(|(_, known)| *known == tuned));
                let method = at(self.methods.iter().position(|known| *known == method));
                vec![part, 1 + tuned, method, budget as u32]
            }
        })
    }
}

/// The axes: the part, how leases were chosen, the method, and the place of the TTL or the budget.
fn space(contest: &Contest) -> DesignSpace {
    let parts: Vec<&str> = PARTS.iter().map(|(name, _)| *name).collect();
    let tuned: Vec<&str> = std::iter::once(ONE_TTL).chain(TUNED.iter().map(|(name, _)| *name)).collect();
    let methods: Vec<&str> = contest.methods.iter().map(|method| method_name(*method)).collect();
    let places = GRID_PLACES.max(contest.storage_shares.len() as i64 - 1);
    let axes = vec![
        Axis::categories("part", &parts),
        Axis::categories("tuned", &tuned),
        Axis::categories("method", &methods),
        Axis { name: "place".to_owned(), values: AxisValues::Integers((0..=places).collect()) },
    ];
    DesignSpace::new(axes).expect("distinct names, and a few thousand places")
}

/// A figure that every evaluation of an archive of measurements has.
pub(crate) fn figure(evaluation: &Evaluation, name: &str) -> Result<f64, Problem> {
    let lacking = || Problem::user(format!("an evaluation of the archive has no figure `{name}`"));
    evaluation.figure(name).ok_or_else(lacking)
}

impl Measured {
    /// The measurement as an evaluation. Throughput is for the archive alone [tokens/s].
    pub(crate) fn to_evaluation(self, throughput_tokens_per_s: f64) -> Result<Evaluation, NotFinite> {
        let metrics = [
            ("storage_gib_hours", self.storage_gib_hours),
            ("reuse_ratio", self.reuse_ratio),
            ("reuse_ratio_tier", self.reuse_ratio_tier),
            ("peak_gib", self.peak_gib),
        ];
        Ok(Evaluation {
            objectives: Objectives::new(self.ttft_s_mean, throughput_tokens_per_s, self.cost)?,
            metrics: metrics.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        })
    }

    /// The measurement of an evaluation.
    pub(crate) fn of(evaluation: &Evaluation) -> Result<Self, Problem> {
        let figure = |name: &str| figure(evaluation, name);
        Ok(Self {
            storage_gib_hours: figure("storage_gib_hours")?,
            reuse_ratio: figure("reuse_ratio")?,
            reuse_ratio_tier: figure("reuse_ratio_tier")?,
            ttft_s_mean: figure("ttft_s_mean")?,
            cost: figure("cost")?,
            peak_gib: figure("peak_gib")?,
        })
    }
}
