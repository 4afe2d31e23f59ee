//! The progress bar of a run. It is on standard error, and appears only where a person looks at it.

use experiment::Observer;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::complain;

/// Counts the evaluations of the search or replay that runs now.
pub(super) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar that is not shown yet.
    pub(super) fn new() -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        let template = "{msg} [{bar:30}] {pos}/{len} evaluations, {elapsed} gone, {eta} left";
        bar.set_style(ProgressStyle::with_template(template).expect("a template").progress_chars("=> "));
        Self { bar }
    }
}

impl Observer for Progress {
    fn begin(&self, name: &str) {
        self.bar.reset();
        self.bar.set_length(0);
        self.bar.set_message(name.to_owned());
    }

    fn expect(&self, evaluations: usize) {
        self.bar.inc_length(evaluations as u64);
    }

    fn advance(&self) {
        self.bar.inc(1);
    }

    /// Takes the bar away. Another line says what was done.
    fn end(&self) {
        self.bar.finish_and_clear();
    }

    fn say(&self, line: &str) {
        self.bar.suspend(|| complain(line));
    }
}
