//! A recipe: what a trace is made of, as a TOML file. Every part is optional only where leaving it out means "none".

use serde::{Deserialize, Serialize};

use super::arrivals::{ArrivalProcess, RateCurve};
use super::distribution::Distribution;
use super::error::RecipeError;

/// What a synthetic trace is made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Name, for reports.
    pub name: String,
    /// What it stands for and where its figures come from.
    pub about: String,
    /// Tokens in a block.
    pub block_tokens: u32,
    /// Length of the trace [s].
    pub duration_s: f64,
    /// Sessions begin so long before the trace does [s], so that it does not start among newcomers only. What
    /// they ask before the trace starts is left out; its blocks miss at their first use in the trace.
    pub warmup_s: f64,
    /// New sessions per second, before rate curves.
    pub sessions_per_s: f64,
    /// Regularity of session starts.
    pub arrivals: ArrivalProcess,
    /// Whether draws are spread evenly, so that seeds differ less: for few sessions with long tails, as fits have.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stratified: bool,
    /// The seed where none is named: of a fit, that of its nearest draw.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Factors on the rate.
    #[serde(default)]
    pub rate: Vec<RateCurve>,
    /// Kinds of sessions.
    pub class: Vec<Class>,
}

/// A kind of session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Class {
    /// Name, for error messages and random streams.
    pub name: String,
    /// Weight among sessions relative to the other classes'.
    pub share: f64,
    /// Levels of the shared prefix tree, outermost first: tenant, system prompt, template, document.
    #[serde(default)]
    pub prefix: Vec<PrefixLevel>,
    /// Own tokens of a first prompt, after the shared prefix [tokens].
    pub first_tokens: Distribution,
    /// New tokens of a follow-up prompt [tokens].
    pub followup_tokens: Distribution,
    /// Generated tokens [tokens].
    pub output_tokens: Distribution,
    /// Chance that another turn follows the first, the second, ...; the last entry holds for all later ones.
    pub next_turn: Vec<f64>,
    /// From a request's arrival to its follow-up's [s].
    pub gap_s: Distribution,
    /// How follow-ups leave the conversation; without any, every follow-up keeps all of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub breaks: Vec<Breaks>,
    /// Chance that a follow-up goes on from the text that the last break left, which then waits in its turn: two
    /// conversations in one session.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub returns: f64,
    /// A session ends rather than send a longer prompt [tokens].
    pub max_prompt_tokens: u32,
}

fn one() -> Distribution {
    Distribution::Constant(1.0)
}

fn is_one(distribution: &Distribution) -> bool {
    *distribution == one()
}

fn is_zero(chance: &f64) -> bool {
    *chance <= 0.0
}

/// A kind of follow-ups that do not go on from prompt and output before: edited, rewritten, compacted, asked aside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Breaks {
    /// Chance that the first follow-up is one, the second, ...; the last entry holds for all later ones.
    pub chance: Vec<f64>,
    /// Share of the prompt before that the new prompt begins with; above 1 counts as 1.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub kept_share: Distribution,
    /// The same as an upper bound [tokens]: what is left is a system prompt, however long the prompt before was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_tokens: Option<Distribution>,
    /// Length of the new prompt over that of the prompt before; at least what is kept.
    pub length_ratio: Distribution,
}

/// The entry of a turn, counted from 0, where the last one holds for all later turns.
pub(super) fn of_turn(chances: &[f64], turn: usize) -> f64 {
    chances[turn.min(chances.len() - 1)]
}

fn always() -> f64 {
    1.0
}

/// One level of a shared prefix tree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrefixLevel {
    /// Children of each node of the level above.
    pub choices: u64,
    /// Zipf exponent of their popularity; 0 is even.
    pub zipf: f64,
    /// Length of a node's text, drawn once for each node [tokens].
    pub tokens: Distribution,
    /// How long a text is in use until another takes its place [s], each at a time of its own; without it, for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewed_s: Option<f64>,
    /// Chance that a session goes on to this level at all.
    #[serde(default = "always")]
    pub taken: f64,
}

impl Recipe {
    /// Reads and checks a recipe.
    ///
    /// # Errors
    /// Not TOML, unknown keys, values out of range: with the key and what is allowed.
    pub fn parse(toml: &str) -> Result<Self, RecipeError> {
        let recipe: Self = toml::from_str(toml)?;
        recipe.check()?;
        Ok(recipe)
    }

    /// The recipe as TOML, to be read by [`Recipe::parse`].
    ///
    /// # Panics
    /// Never: a recipe has no value that TOML cannot write.
    #[must_use]
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("numbers, texts, lists and tables")
    }

    /// Checks what types cannot.
    ///
    /// # Errors
    /// The first value out of range.
    pub fn check(&self) -> Result<(), RecipeError> {
        let limits = [
            ("block_tokens", f64::from(self.block_tokens), 1.0, 1e6),
            ("duration_s", self.duration_s, 1e-3, 1e9),
            ("warmup_s", self.warmup_s, 0.0, 1e9),
            ("sessions_per_s", self.sessions_per_s, 1e-9, 1e6),
        ];
        for (key, value, least, most) in limits {
            let expected = format!("a number from {least} to {most}");
            RecipeError::unless((least..=most).contains(&value), key, value, &expected)?;
        }
        self.arrivals.check()?;
        self.rate.iter().try_for_each(|curve| curve.check("rate"))?;
        RecipeError::unless(!self.class.is_empty(), "class", "[]", "at least one class of sessions")?;
        self.class.iter().try_for_each(Class::check)
    }
}

impl Class {
    fn check(&self) -> Result<(), RecipeError> {
        let key = |name: &str| format!("class {}: {name}", self.name);
        let share = |name: &str, value: f64| {
            RecipeError::unless((0.0..=1.0).contains(&value), key(name), value, "a number from 0 to 1")
        };
        RecipeError::unless(
            self.share > 0.0 && self.share.is_finite(),
            key("share"),
            self.share,
            "a number above 0",
        )?;
        RecipeError::unless(!self.next_turn.is_empty(), key("next_turn"), "[]", "at least one chance")?;
        self.next_turn.iter().try_for_each(|&chance| share("next_turn", chance))?;
        share("returns", self.returns)?;
        for breaks in &self.breaks {
            let chances = &breaks.chance;
            RecipeError::unless(!chances.is_empty(), key("breaks.chance"), "[]", "at least one chance")?;
            chances.iter().try_for_each(|&chance| share("breaks.chance", chance))?;
            breaks.kept_share.check(&key("breaks.kept_share"))?;
            breaks.kept_tokens.iter().try_for_each(|kept| kept.check(&key("breaks.kept_tokens")))?;
            breaks.length_ratio.check(&key("breaks.length_ratio"))?;
        }
        RecipeError::unless(self.max_prompt_tokens > 0, key("max_prompt_tokens"), 0, "at least 1")?;
        self.first_tokens.check(&key("first_tokens"))?;
        self.followup_tokens.check(&key("followup_tokens"))?;
        self.output_tokens.check(&key("output_tokens"))?;
        self.gap_s.check(&key("gap_s"))?;
        self.prefix.iter().try_for_each(|level| {
            RecipeError::unless(level.choices > 0, key("prefix.choices"), level.choices, "at least 1")?;
            let zipf = (0.0..=10.0).contains(&level.zipf);
            RecipeError::unless(zipf, key("prefix.zipf"), level.zipf, "a number from 0 to 10")?;
            share("prefix.taken", level.taken)?;
            if let Some(renewed_s) = level.renewed_s {
                let fits = (1.0..=1e9).contains(&renewed_s);
                RecipeError::unless(
                    fits,
                    key("prefix.renewed_s"),
                    renewed_s,
                    "a number from 1 to 1000000000",
                )?;
            }
            level.tokens.check(&key("prefix.tokens"))
        })
    }
}
