//! The medium of a tier, and the links that a purchase of it gives.
//!
//! Each law has a file: [`HostLink`], [`Device`], [`Capacity`]. The price list has the prices of media.

mod capacity;
mod device;
mod host_link;

pub(crate) use capacity::Capacity;
pub(crate) use device::Device;
pub(crate) use host_link::HostLink;

use super::{ByteSize, BytesPerS, DataError, DataFile, Gpu, Kind, Nanos};
use kv_core::units::GIB;
use serde::Deserialize;
use tier_sim::{Duplex, LinkSpec, Sharing};

/// A medium.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Medium {
    /// Name.
    pub name: String,
    /// The medium whose price it has; without it price lists know it by its own name.
    #[serde(default)]
    priced_as: Option<String>,
    /// What it is called in full.
    pub(crate) title: String,
    /// Where its figures are from.
    pub(crate) source: String,
    /// When that was so.
    pub(crate) date: String,
    /// How fast it is.
    pub(crate) law: Law,
}

/// How fast a medium is.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Law {
    /// Host memory: each GPU's own host link, slowed by small fragments.
    HostLink(HostLink),
    /// A device with given speeds, whatever the size bought.
    Device(Device),
    /// A cloud disk whose speed grows with the size bought.
    Capacity(Capacity),
}

/// What is bought and for whom.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Purchase<'a> {
    /// Size bought \[B\].
    pub(crate) size_bytes: u64,
    /// KV of one block over all GPUs of an instance \[B\].
    pub(crate) block_bytes: u64,
    /// Contiguous bytes that one copy between host and GPU moves \[B\].
    pub(crate) fragment_bytes: u64,
    /// The GPUs at the other end.
    pub(crate) gpu: &'a Gpu,
    /// How many of them share the work: each moves its part of a block over its own host link.
    pub(crate) gpus: u32,
    /// How transfers share a link.
    pub(crate) sharing: Sharing,
}

/// The links of a tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Links {
    /// Towards the tier above.
    pub(crate) read: LinkSpec,
    /// From the tier above.
    pub(crate) write: LinkSpec,
    /// Whether both directions have a link each.
    pub(crate) duplex: Duplex,
}

impl DataFile for Medium {
    const KIND: Kind = Kind::Medium;

    fn check(&self, file: &str) -> Result<(), DataError> {
        match &self.law {
            Law::HostLink(law) => law.check(file),
            Law::Device(law) => law.check(file),
            Law::Capacity(law) => law.check(file),
        }
    }
}

impl Medium {
    /// The name by which price lists know it.
    pub(crate) fn price_name(&self) -> &str {
        self.priced_as.as_ref().unwrap_or(&self.name)
    }

    /// The size to buy so that `needed_bytes` fit: whole GiB, and at least the smallest disk sold \[B\].
    ///
    /// # Errors
    /// More than the largest one sold.
    pub(crate) fn size_to_buy(&self, needed_bytes: u64) -> Result<u64, DataError> {
        let whole = needed_bytes.div_ceil(GIB).saturating_mul(GIB);
        match &self.law {
            Law::HostLink(_) | Law::Device(_) => Ok(whole),
            Law::Capacity(law) => law.size_to_buy(&self.name, whole),
        }
    }

    /// The links of a purchase.
    #[must_use]
    pub(crate) fn links(&self, purchase: &Purchase<'_>) -> Links {
        match &self.law {
            Law::HostLink(law) => law.links(purchase),
            Law::Device(law) => law.links(purchase),
            Law::Capacity(law) => law.links(purchase),
        }
    }
}

/// Refuses figures of 0: nothing would move.
fn all_positive(file: &str, figures: &[(&str, u64)]) -> Result<(), DataError> {
    match figures.iter().find(|&&(_, value)| value == 0) {
        Some((key, value)) => Err(DataError::value(file, key, value, "more than 0")),
        None => Ok(()),
    }
}

fn io_per_block(block_bytes: u64, io_size: ByteSize) -> u64 {
    block_bytes.div_ceil(io_size.0)
}

fn gib(bytes: u64) -> String {
    format!("{} GiB", bytes.div_ceil(GIB))
}
