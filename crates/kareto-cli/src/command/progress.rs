//! The progress of a run, one line over all its experiments. It is on standard error, and appears only where a person looks.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use experiment::{Expected, Observer};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::complain;

/// Counts the evaluations of the experiment that runs now, and says about how long the whole run may still take.
pub(super) struct Progress {
    bar: ProgressBar,
    run: Mutex<Run>,
}

/// What is done of the whole run.
struct Run {
    experiments: Vec<Expected>,
    /// Experiments that are finished.
    finished: usize,
    /// Evaluations of the one that runs now, those of an earlier run included.
    evaluated: usize,
    /// Work of the evaluations of this run alone.
    fresh: f64,
    began: Instant,
}

impl Run {
    /// The time left, if what is left goes as fast as what was evaluated so far; none before there is anything to go by.
    fn left(&self) -> Option<Duration> {
        let now = self.experiments.get(self.finished)?;
        let later = &self.experiments[self.finished + 1..];
        let of_later: f64 = later.iter().map(|it| it.evaluations as f64 * it.each).sum();
        let work = of_later + now.evaluations.saturating_sub(self.evaluated) as f64 * now.each;
        let gone_s = self.began.elapsed().as_secs_f64();
        (self.fresh > 0.0 && gone_s > 5.0).then(|| Duration::from_secs_f64(gone_s * work / self.fresh))
    }

    fn told(&self) -> String {
        let Some(left) = self.left() else { return String::new() };
        match left.as_secs() {
            0..60 => "less than a minute left in all".to_owned(),
            seconds => format!("about {} min left in all", seconds.div_ceil(60)),
        }
    }
}

impl Progress {
    /// A line that is not shown yet.
    pub(super) fn new() -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        let template = "{prefix} [{bar:30}] {pos}/{len} evaluations; {msg}";
        bar.set_style(ProgressStyle::with_template(template).expect("a template").progress_chars("=> "));
        let run =
            Run { experiments: Vec::new(), finished: 0, evaluated: 0, fresh: 0.0, began: Instant::now() };
        Self { bar, run: Mutex::new(run) }
    }

    fn step(&self, fresh: bool) {
        self.bar.inc(1);
        let mut run = self.run.lock().expect("no thread panics while it counts");
        run.evaluated += 1;
        if fresh {
            run.fresh += run.experiments.get(run.finished).map_or(0.0, |it| it.each);
        }
        self.bar.set_message(run.told());
    }
}

impl Observer for Progress {
    fn plan(&self, experiments: &[Expected]) {
        let mut run = self.run.lock().expect("no thread panics while it counts");
        (run.experiments, run.began) = (experiments.to_vec(), Instant::now());
    }

    fn begin(&self, name: &str) {
        let run = self.run.lock().expect("no thread panics while it counts");
        self.bar.reset();
        self.bar.set_length(0);
        let place = match run.experiments.len() {
            0 | 1 => String::new(),
            all => format!("{} of {all}, ", run.finished + 1),
        };
        self.bar.set_prefix(format!("{place}{name}"));
    }

    fn expect(&self, evaluations: usize) {
        self.bar.inc_length(evaluations as u64);
    }

    fn advance(&self) {
        self.step(true);
    }

    fn reuse(&self) {
        self.step(false);
    }

    fn finish(&self) {
        let mut run = self.run.lock().expect("no thread panics while it counts");
        (run.finished, run.evaluated) = (run.finished + 1, 0);
    }

    /// Takes the line away. Another one says what was done.
    fn end(&self) {
        self.bar.finish_and_clear();
    }

    fn say(&self, line: &str) {
        self.bar.suspend(|| complain(line));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_follows_from_what_was_evaluated() {
        let experiments = vec![
            Expected { evaluations: 10, each: 1.0 },
            Expected { evaluations: 10, each: 4.0 },
            Expected { evaluations: 5, each: 2.0 },
        ];
        let began = Instant::now().checked_sub(Duration::from_secs(60)).expect("the machine is up");
        // One of four units of work a second; of the second experiment two evaluations, one of an earlier run.
        let mut run = Run { experiments, finished: 1, evaluated: 2, fresh: 15.0, began };
        // 8 evaluations of 4 and 5 of 2 are 42 units: 168 s.
        assert_eq!(run.told(), "about 3 min left in all");
        (run.finished, run.evaluated) = (2, 4);
        assert_eq!(run.told(), "less than a minute left in all");
        run.fresh = 0.0;
        assert_eq!(run.told(), "");
    }
}
