//! Data files: GPUs, models, media, prices and engine profiles, one thing each, from `datasets/` or from a user.
//!
//! [`load`] turns a reference into a checked value. A bare name is one of the files that are built into the program, so
//! an installed `kareto` needs no folder beside it. A reference with a `/` or the ending `.toml` is a user's file,
//! relative to the file that names it. The values convert into the simulator's types. This module knows no traces,
//! policies or experiments.

mod embedded;
mod error;
mod fit;
mod gpu;
mod matrices;
mod medium;
mod model;
mod price;
mod profile;
mod quantity;

pub(crate) use error::DataError;
pub use fit::{FitLaw, FittedProfile, ProfileNames, fit_table};
pub(crate) use gpu::Gpu;
pub use matrices::Layers;
pub(crate) use medium::{Law, Links, Medium, Purchase};
pub use model::Model;
pub(crate) use price::PriceList;
pub(crate) use profile::Profile;
pub(crate) use quantity::{ByteSize, BytesPerS, Nanos};

use kv_core::text::decode;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::fmt;
use std::path::Path;

/// Kinds of data files, which are also the folders of `datasets/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A GPU: memory and host link.
    Gpu,
    /// A language model: shape of its KV cache and size of its weights.
    Model,
    /// What a tier is made of.
    Medium,
    /// A price list.
    Prices,
    /// Step times of an engine with a model on GPUs.
    Profile,
}

impl Kind {
    /// Its folder under `datasets/`.
    #[must_use]
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::Gpu => "gpus",
            Self::Model => "models",
            Self::Medium => "media",
            Self::Prices => "prices",
            Self::Profile => "profiles",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gpu => "GPU",
            Self::Model => "model",
            Self::Medium => "medium",
            Self::Prices => "price list",
            Self::Profile => "profile",
        })
    }
}

/// A value that has a file of its own.
pub(crate) trait DataFile: DeserializeOwned {
    /// Which kind.
    const KIND: Kind;

    /// Checks what the form of the file cannot say. Errors call the file `file`.
    ///
    /// # Errors
    /// A value that cannot be.
    fn check(&self, file: &str) -> Result<(), DataError>;
}

/// A figure and its origin. The origin is required, and the program never reads it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Figure<T> {
    /// The figure.
    pub(crate) value: T,
    /// Page, paper or measurement, and what was assumed on the way.
    pub(crate) source: String,
    /// When that was so: `2026-02` or `2026-02-25`.
    pub(crate) date: String,
}

/// Reads the data file that `reference` names; `named_by` is the file in which the reference stands.
///
/// # Errors
/// An unknown name, a file that cannot be read, or one that is not of this kind.
pub(crate) fn load<T: DataFile>(reference: &str, named_by: Option<&Path>) -> Result<T, DataError> {
    let (file, text) = find(T::KIND, reference, named_by)?;
    let value: T = toml::from_str(&text).map_err(|error| DataError::syntax(&file, &text, &error))?;
    value.check(&file)?;
    Ok(value)
}

/// Names of the embedded files of a kind, sorted.
#[must_use]
pub(crate) fn names(kind: Kind) -> Vec<&'static str> {
    let name = |(path, _): &(&'static str, _)| {
        path.strip_prefix(kind.folder())?.strip_prefix('/')?.strip_suffix(".toml")
    };
    embedded::FILES.iter().filter_map(name).collect()
}

/// The text of a file.
///
/// # Errors
/// Says why it cannot be read, or what it is instead of UTF-8. The file is not named.
pub fn read_text(path: &Path) -> Result<String, String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    decode(bytes).map_err(|error| error.to_string())
}

/// How errors call the file, and its text.
fn find(
    kind: Kind,
    reference: &str,
    named_by: Option<&Path>,
) -> Result<(String, Cow<'static, str>), DataError> {
    if reference.contains('/') || reference.ends_with(".toml") {
        let path =
            named_by.and_then(Path::parent).unwrap_or(Path::new("")).join(reference.trim_start_matches("./"));
        let file = path.display().to_string();
        return match read_text(&path) {
            Ok(text) => Ok((file, text.into())),
            Err(problem) => Err(DataError::Unreadable { kind, path: file, problem }),
        };
    }
    let path = format!("{}/{reference}.toml", kind.folder());
    match embedded::FILES.iter().find(|(known, _)| *known == path) {
        Some((_, text)) => Ok((format!("datasets/{path}"), (*text).into())),
        None => {
            Err(DataError::UnknownName { kind, name: reference.to_owned(), known: names(kind).join(", ") })
        }
    }
}

#[cfg(test)]
mod tests;
