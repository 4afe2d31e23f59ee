//! Loads that change over time, followed window by window.
//!
//! A run of the simulator gives its requests. [`windows`] counts them by windows of time, outside the simulator. Two
//! questions can be asked of the windows. [`strategies`]: what does it cost to keep one configuration, and what to choose
//! anew in each window? [`recovery`]: does a configuration come back after a surge?

mod claim;
mod recovery;
mod rules;
mod strategies;
mod windows;

pub(crate) use claim::Claim;
pub(crate) use recovery::{Histories, Recovered, recovered};
pub(crate) use rules::{Asks, CONTENTS, ChoiceRules, Content, FIGURES, RecoveryRules, content_name};
pub(crate) use strategies::{Fleet, Lived, STRATEGIES, lived};
pub(crate) use windows::{Series, WINDOW_FIGURES, series};
