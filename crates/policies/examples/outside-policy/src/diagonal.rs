//! diagonal: a search that lives outside Kareto. It asks for points along the diagonal of the space, and says of every other
//! point why it did not ask.

use kareto::search::{SkipReason, Skipped};
use kareto::{Archive, Ask, DesignSpace, Point, Reason, Search, SearchSpec};
use kv_core::policy::{ParamKind, ParamSpec};

/// The row for the registry.
pub const SPEC: SearchSpec = SearchSpec {
    name: "diagonal",
    summary: "points along the diagonal of the space",
    source: "an example",
    draws: false,
    params: &[ParamSpec {
        name: "points",
        unit: "points",
        kind: ParamKind::Whole,
        default: Some(5.0),
        min: 2.0,
        max: 1000.0,
        doc: "points to ask for, both ends included",
    }],
    build: |params, context| {
        Box::new(Diagonal { space: context.space.clone(), points: params.whole("points") as u32 })
    },
};

struct Diagonal {
    space: DesignSpace,
    points: u32,
}

impl Search for Diagonal {
    fn ask(&mut self, archive: &Archive) -> Ask {
        if !archive.is_empty() {
            return Ask::Done(Reason::Other("the diagonal is evaluated".into()));
        }
        let steps = self.points - 1;
        let at =
            |step: u32| self.space.axes().iter().map(|axis| (axis.len() as u32 - 1) * step / steps).collect();
        Ask::Evaluate((0..=steps).map(|step| Point(at(step))).collect())
    }

    fn skipped(&self, _archive: &Archive) -> Skipped {
        let why = SkipReason {
            figures: vec![("diagonal_points", f64::from(self.points))],
            ..SkipReason::new("off-diagonal", "beside the diagonal".to_owned())
        };
        Skipped::all(&self.space, why)
    }
}
