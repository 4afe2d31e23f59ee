//! What is asked of the windows of a load.

use deployment::Table;

use super::windows::Window;

/// The question of a file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Asks {
    /// Which configuration each window is given.
    Choice(ChoiceRules),
    /// Whether configurations come back after a surge.
    Recovery(RecoveryRules),
}

/// How a configuration is chosen for a window, and what a switch costs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ChoiceRules {
    /// The figure that has a limit.
    pub(crate) figure: Limited,
    /// The limit \[s\].
    pub(crate) at_most_s: f64,
    /// How long a window stands for \[h\].
    pub(crate) window_h: f64,
    /// The names of the windows.
    pub(crate) names: Vec<String>,
    /// What a switch leaves of the caches. Each is tried.
    pub(crate) content: Vec<Content>,
    /// How long an instance is paid for before it serves \[h\].
    pub(crate) boot_h: f64,
}

/// When a window counts as recovered.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RecoveryRules {
    /// The hit ratio is lower by this much at most.
    pub(crate) hit_ratio_within: f64,
    /// Mean TTFT is so many times as long at most.
    pub(crate) ttft_at_most_times: f64,
    /// So many windows in a row.
    pub(crate) windows: u32,
}

/// A figure that a limit may be set to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limited {
    TtftMean,
    TtftP99,
    QueueMean,
}

pub(crate) const FIGURES: Table<Limited> = &[
    ("ttft_s_mean", Limited::TtftMean),
    ("ttft_s_p99", Limited::TtftP99),
    ("queue_s_mean", Limited::QueueMean),
];

impl Limited {
    /// The figure of a window \[s\]. In a window without requests nobody waits.
    pub(crate) fn of(self, window: &Window) -> f64 {
        let value = match self {
            Self::TtftMean => window.ttft_s_mean,
            Self::TtftP99 => window.ttft_s_p99,
            Self::QueueMean => window.queue_s_mean,
        };
        value.unwrap_or(0.0)
    }
}

/// What a switch leaves of the caches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// Nothing. New instances start beside the old ones, and all of them boot.
    Lost,
    /// What the new configuration would hold if it had always been there. Only added instances boot.
    Kept,
}

pub(crate) const CONTENTS: Table<Content> = &[("lost", Content::Lost), ("kept", Content::Kept)];

/// The name of a value in files and tables.
pub(crate) fn content_name(content: Content) -> &'static str {
    CONTENTS.iter().find(|(_, known)| *known == content).expect("every value has a name").0
}
