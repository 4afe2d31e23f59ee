//! What can be wrong with a recipe.

use kv_core::MalformedRequest;
use thiserror::Error;

/// A recipe that cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RecipeError {
    /// It is not TOML, or not the recipe's keys.
    #[error("{0}")]
    Toml(#[from] toml::de::Error),
    /// A value that is not allowed.
    #[error("recipe: {key} is {value}; expected {expected}")]
    Value {
        /// The key, with the tables it stands in.
        key: String,
        /// Its value.
        value: String,
        /// What is allowed.
        expected: String,
    },
    /// It asks for more than a trace can hold.
    #[error("recipe: {0}")]
    TooLarge(#[from] MalformedRequest),
}

impl RecipeError {
    /// An error unless a condition holds.
    pub(super) fn unless(
        holds: bool,
        key: impl Into<String>,
        value: impl ToString,
        expected: &str,
    ) -> Result<(), Self> {
        if holds {
            return Ok(());
        }
        Err(Self::Value { key: key.into(), value: value.to_string(), expected: expected.to_owned() })
    }
}
