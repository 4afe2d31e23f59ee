//! Synthetic traces from recipes of named parts.
//!
//! A recipe says when sessions begin, what texts they share, how long prompts and outputs are, whether another
//! turn follows, and when. The same recipe, seed and version give the same trace, byte for byte. A synthetic
//! trace does not claim to be any real trace. A command prints how near each recipe comes to published figures.

mod arrivals;
mod calibrate;
mod distribution;
mod error;
mod generate;
mod prefix;
mod recipe;
mod strata;

use kv_core::{Trace, TraceBuilder};

pub use arrivals::{ArrivalProcess, RateCurve};
pub use calibrate::{Calibration, CalibrationRow, calibration};
pub use distribution::{Component, Distribution};
pub use error::RecipeError;
pub use generate::{Synthesis, SyntheticRequest};
pub(crate) use prefix::{Ids, SharedPrefixes, Text};
pub use recipe::{Breaks, Class, PrefixLevel, Recipe};

/// Recipes that come with the program: name and TOML.
const EMBEDDED: [(&str, &str); 5] = [
    ("chat", include_str!("../../../../datasets/recipes/chat.toml")),
    ("api", include_str!("../../../../datasets/recipes/api.toml")),
    ("agent", include_str!("../../../../datasets/recipes/agent.toml")),
    ("coder", include_str!("../../../../datasets/recipes/coder.toml")),
    ("toolagent", include_str!("../../../../datasets/recipes/toolagent.toml")),
];

/// The seed where none is named.
pub const DEFAULT_SEED: u64 = 1;

/// A recipe that comes with the program.
#[must_use]
pub fn embedded(name: &str) -> Option<Recipe> {
    let (_, toml) = EMBEDDED.iter().find(|(known, _)| *known == name)?;
    Some(Recipe::parse(toml).expect("embedded recipes are tested"))
}

/// Names of the recipes that come with the program.
pub fn embedded_names() -> impl Iterator<Item = &'static str> {
    EMBEDDED.iter().map(|(name, _)| *name)
}

/// The trace that a recipe and a seed give.
///
/// # Errors
/// A value of the recipe that is out of range, or more block references than a trace holds.
pub fn synthesise(recipe: &Recipe, seed: u64) -> Result<Trace, RecipeError> {
    recipe.check()?;
    let mut builder = TraceBuilder::new(recipe.block_tokens);
    for r in Synthesis::new(recipe, seed) {
        builder.push(r.arrival_ns, r.prompt_tokens, r.output_tokens, &r.hash_ids, Some(r.session))?;
    }
    Ok(builder.finish())
}

/// The trace used where none is named: 25 minutes of `chat` in 512-token blocks, about 9,000 requests.
///
/// # Panics
/// Never: the recipe is embedded and tested.
#[must_use]
pub fn default_trace() -> Trace {
    let recipe = Recipe { block_tokens: 512, duration_s: 1_500.0, ..embedded("chat").expect("embedded") };
    synthesise(&recipe, DEFAULT_SEED).expect("embedded recipes are tested")
}

#[cfg(test)]
mod tests;
