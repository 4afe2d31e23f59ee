//! A language model, as far as its KV cache and its weights are concerned.

use super::matrices::{Layers, Matrices};
use super::{ByteSize, DataError, DataFile, Figure, Kind};
use crate::problem::Problem;
use serde::Deserialize;
use std::fmt;

/// A language model.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Name, by which profiles know it.
    pub name: String,
    /// What it is called in full.
    pub(crate) title: String,
    /// Shape of its attention.
    pub(crate) kv: Kv,
    /// Its weights over all GPUs \[B\].
    pub(crate) weights: Figure<ByteSize>,
    /// The matrices of its layers, where somebody may measure them. No simulation depends on them.
    pub(crate) matrices: Option<Matrices>,
}

/// What a simulation depends on. The names of archives are made from this text.
impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, title, kv, weights, matrices: _ } = self;
        let mut text = f.debug_struct("Model");
        text.field("name", name).field("title", title).field("kv", kv).field("weights", weights).finish()
    }
}

/// What one token leaves in the cache.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Kv {
    /// Layers that keep KV.
    pub(crate) layers: u32,
    /// Key-value heads of a layer. Without them the model has a latent.
    pub(crate) heads: Option<u32>,
    /// Elements of a head.
    pub(crate) head_dim: Option<u32>,
    /// Elements of a layer's latent (MLA): the compressed key and value, and the part of the key that carries the position.
    pub(crate) latent_dim: Option<u32>,
    /// Bytes of an element: 2 for bf16, 1 for fp8, 0.5 for fp4, more with its scales.
    pub(crate) bytes_per_element: f64,
    /// Where the shape is from.
    pub(crate) source: String,
    /// When that was so.
    pub(crate) date: String,
}

impl DataFile for Model {
    const KIND: Kind = Kind::Model;

    fn check(&self, file: &str) -> Result<(), DataError> {
        let kv = &self.kv;
        let ranges = [
            ("kv.layers", Some(kv.layers), 1_000),
            ("kv.heads", kv.heads, 1_024),
            ("kv.head_dim", kv.head_dim, 4_096),
            ("kv.latent_dim", kv.latent_dim, 65_536),
        ];
        for (key, value, most) in ranges {
            if let Some(value) = value.filter(|value| !(1..=most).contains(value)) {
                return Err(DataError::value(file, key, value, format!("1 to {most}")));
            }
        }
        if !(kv.bytes_per_element > 0.0 && kv.bytes_per_element <= 4.0) {
            let allowed = "a number above 0, up to 4";
            return Err(DataError::value(file, "kv.bytes_per_element", kv.bytes_per_element, allowed));
        }
        match (kv.heads, kv.head_dim, kv.latent_dim) {
            (Some(heads), Some(_), None) => {
                self.matrices.iter().try_for_each(|matrices| matrices.check(file, heads))
            }
            (None, None, Some(_)) if self.matrices.is_none() => Ok(()),
            (None, None, Some(_)) => Err(DataError::Inconsistent {
                file: file.to_owned(),
                key: "matrices",
                problem: "a model with a latent has none of these; allowed: no `[matrices]`".to_owned(),
            }),
            _ => Err(DataError::Inconsistent {
                file: file.to_owned(),
                key: "kv",
                problem: "allowed: `heads` and `head_dim`, or `latent_dim` alone".to_owned(),
            }),
        }
    }
}

impl Model {
    /// A model by name, or from a `.toml` file.
    ///
    /// # Errors
    /// An unknown name, a file that cannot be read, or one that is not a model.
    pub fn load(reference: &str) -> Result<Self, Problem> {
        Ok(super::load(reference, None)?)
    }

    /// The sizes of its layers; `None` where its file has no `[matrices]`.
    #[must_use]
    pub fn layers(&self) -> Option<Layers> {
        let (matrices, kv) = (self.matrices.as_ref()?, &self.kv);
        Some(Layers {
            layers: kv.layers,
            hidden: matrices.hidden,
            query_heads: matrices.heads,
            kv_heads: kv.heads?,
            head_dim: kv.head_dim?,
            intermediate: matrices.intermediate,
            vocabulary: matrices.vocabulary,
        })
    }

    /// Names of the models of this program whose layers are known.
    #[must_use]
    pub fn names_with_layers() -> Vec<&'static str> {
        let known = |name: &&str| Self::load(name).is_ok_and(|model| model.matrices.is_some());
        super::names(Kind::Model).into_iter().filter(known).collect()
    }

    /// One copy of the KV of one token over all layers \[B\]: keys and values of all heads, or the latent.
    #[must_use]
    pub fn kv_bytes_per_token(&self) -> u64 {
        self.bytes(self.kv.heads.unwrap_or(1))
    }

    /// KV of one token over all layers that each of `gpus` GPUs holds \[B\]. Where there are fewer heads than GPUs, several GPUs
    /// hold the same head. A latent is whole on each of them.
    pub(crate) fn kv_bytes_per_token_of_rank(&self, gpus: u32) -> u64 {
        self.bytes(self.kv.heads.map_or(1, |heads| heads.div_ceil(gpus)))
    }

    /// Whether its KV is a latent, which all GPUs share.
    pub(crate) fn has_latent(&self) -> bool {
        self.kv.latent_dim.is_some()
    }

    /// Key-value heads can be spread over GPUs evenly: so many on each, or so many GPUs for each.
    pub(crate) fn heads_fit(&self, gpus: u32) -> Result<(), String> {
        match self.kv.heads {
            Some(heads) if !heads.is_multiple_of(gpus) && !gpus.is_multiple_of(heads) => Err(format!(
                "tensor_parallel is {gpus} and {} has {heads} key-value heads; allowed: a divisor or a multiple of {heads}",
                self.name
            )),
            _ => Ok(()),
        }
    }

    /// Bytes of so many heads, or of the latent. A fraction of a byte, which fp4 may have, is rounded.
    fn bytes(&self, heads: u32) -> u64 {
        let kv = &self.kv;
        let elements = match (kv.head_dim, kv.latent_dim) {
            (_, Some(latent)) => u64::from(latent),
            (dim, None) => 2 * u64::from(heads) * u64::from(dim.unwrap_or(1)),
        };
        // At most 2^44 elements, so the product is exact but for what the number of the file lacks.
        (((elements * u64::from(kv.layers)) as f64 * kv.bytes_per_element).round() as u64).max(1)
    }
}
