//! The progress bar of a search, on standard error and only where a person looks at it.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use kareto::{Evaluation, Observer, Point};

/// Counts evaluations.
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar for one experiment.
    pub(crate) fn new(experiment: &str) -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        let template = "{msg} [{bar:30}] {pos}/{len} evaluations, {elapsed} gone, {eta} left";
        bar.set_style(ProgressStyle::with_template(template).expect("a template").progress_chars("=> "));
        bar.set_message(experiment.to_owned());
        Self { bar }
    }

    /// Takes the bar away: what was done is said elsewhere.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Observer for Progress {
    fn on_planned(&self, points: &[Point], _known: usize) {
        self.bar.inc_length(points.len() as u64);
    }

    fn on_evaluated(&self, _point: &Point, _evaluation: &Evaluation) {
        self.bar.inc(1);
    }

    fn on_reused(&self, _point: &Point, _evaluation: &Evaluation) {
        self.bar.inc(1);
    }
}
