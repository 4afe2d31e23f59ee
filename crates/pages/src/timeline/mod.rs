//! The page of a timeline: which configuration each window is given and what that costs, or whether configurations come
//! back after a surge.

mod recovery;
mod rows;
mod strategies;

use deployment::Problem;
use experiment::{LoadEntry, LoadedTimeline};
use report::html::Page;
use report::number::significant;

use self::recovery::recovery;
use self::strategies::strategies;
use super::Rendered;
use super::parts::{begun, ended, made_by, refused_entry, traced};

/// Draws a record of a timeline.
pub(crate) fn timeline_page(loaded: &LoadedTimeline, analysis: &str) -> Result<Rendered, Problem> {
    let manifest = &loaded.manifest;
    let mut page = begun(&manifest.experiment, &manifest.question, &manifest.scale);
    let mut pictures = Vec::new();
    if let (Some((choices, totals)), Some(entry)) = (&loaded.strategies, &loaded.entry.choice) {
        strategies(&mut page, loaded, entry, (choices, totals), &mut pictures)?;
    }
    if let (Some((rows, claims)), Some(entry)) = (&loaded.recovery, &loaded.entry.recovery) {
        recovery(&mut page, loaded, entry, (rows, claims), &mut pictures)?;
    }
    absent(&mut page, loaded);
    Ok(Rendered { html: ended(page, analysis, facts(loaded)), pictures })
}

fn absent(page: &mut Page, loaded: &LoadedTimeline) {
    if !loaded.entry.absent.is_empty() {
        page.section("Absent loads").prose(format!(
            "The files of these loads were absent: {}. Nothing on this page is about them.",
            loaded.entry.absent.join(", ")
        ));
    }
}

fn facts(loaded: &LoadedTimeline) -> Vec<(String, String)> {
    let entry = &loaded.entry;
    let mut facts: Vec<(String, String)> = Vec::new();
    for load in &entry.load {
        let windows = format!("{} windows of {}", load.windows, minutes(load.window_s));
        let text = format!("{}; {windows}; runs of `{}`", traced(&load.trace), load.fingerprint);
        facts.push((load.name.clone(), text));
        facts.extend(load.refused.as_ref().map(|it| (format!("refused, {}", load.name), refused_entry(it))));
    }
    if let Some(rules) = &entry.choice {
        let window_h = significant(rules.window_h, 4);
        facts.push(("a window stands for".to_owned(), format!("{window_h} h, and costs as much")));
        facts.push(("an instance boots for".to_owned(), minutes(rules.boot_h * 3_600.0)));
    }
    if let Some(rules) = &entry.recovery {
        let text = format!(
            "{} windows in a row in which the hit ratio is at most {} lower than without a surge, and mean TTFT at most {} \
             times as long",
            rules.windows, rules.hit_ratio_within, rules.ttft_at_most_times
        );
        facts.push(("back".to_owned(), text));
    }
    facts.push(("scale".to_owned(), loaded.manifest.scale.clone()));
    facts.push(made_by());
    facts
}

/// A duration in minutes, or in seconds where it is short.
fn minutes(seconds: f64) -> String {
    if seconds < 60.0 {
        format!("{} s", significant(seconds, 3))
    } else {
        format!("{} min", significant(seconds / 60.0, 3))
    }
}

/// The trace of a load in a few words, for headings.
fn heading(load: &LoadEntry) -> String {
    format!("Load: {}", load.name)
}
