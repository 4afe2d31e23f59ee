//! A cloud disk: the more is bought, the faster it is, up to a cap.

use super::{ByteSize, BytesPerS, DataError, Links, Nanos, Purchase, all_positive, gib, io_per_block};
use kv_core::units::GIB;
use serde::Deserialize;
use tier_sim::{Duplex, LinkSpec};

/// A cloud disk whose speed grows with its size; reads and writes share it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Capacity {
    /// Smallest disk sold.
    pub(crate) min_size: ByteSize,
    /// Largest disk sold.
    pub(crate) max_size: ByteSize,
    /// min(base + per_gib * GiB, cap).
    pub(crate) bandwidth: BandwidthLaw,
    /// min(base + per_gib * GiB, cap).
    pub(crate) io_per_s: IoLaw,
    /// First byte \[ns\].
    pub(crate) latency: Nanos,
    /// Largest single operation \[B\].
    pub(crate) io_size: ByteSize,
}

/// Bandwidth by size.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BandwidthLaw {
    /// At size 0.
    pub(crate) base: BytesPerS,
    /// For each GiB.
    pub(crate) per_gib: BytesPerS,
    /// Never more.
    pub(crate) cap: BytesPerS,
}

/// Operations a second by size.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IoLaw {
    /// At size 0.
    pub(crate) base: u64,
    /// For each GiB.
    pub(crate) per_gib: u64,
    /// Never more.
    pub(crate) cap: u64,
}

impl Capacity {
    pub(super) fn check(&self, file: &str) -> Result<(), DataError> {
        all_positive(
            file,
            &[
                ("law.capacity.bandwidth.base", self.bandwidth.base.0),
                ("law.capacity.bandwidth.cap", self.bandwidth.cap.0),
                ("law.capacity.io_per_s.base", self.io_per_s.base),
                ("law.capacity.io_per_s.cap", self.io_per_s.cap),
                ("law.capacity.io_size", self.io_size.0),
            ],
        )?;
        if self.min_size > self.max_size {
            let allowed = format!("at most max_size, {}", gib(self.max_size.0));
            return Err(DataError::value(file, "law.capacity.min_size", gib(self.min_size.0), allowed));
        }
        Ok(())
    }

    /// `whole` bytes or the smallest disk sold; `medium` is how an error calls it.
    pub(super) fn size_to_buy(&self, medium: &str, whole: u64) -> Result<u64, DataError> {
        if whole > self.max_size.0 {
            let allowed = format!("{} to {}", gib(self.min_size.0), gib(self.max_size.0));
            return Err(DataError::value(&format!("medium {medium}"), "size", gib(whole), allowed));
        }
        Ok(whole.max(self.min_size.0))
    }

    pub(super) fn links(&self, purchase: &Purchase<'_>) -> Links {
        let gib = purchase.size_bytes / GIB;
        let BandwidthLaw { base, per_gib, cap } = self.bandwidth;
        let io = self.io_per_s;
        let link = LinkSpec {
            bytes_per_s: base.0.saturating_add(per_gib.0.saturating_mul(gib)).min(cap.0),
            latency_ns: self.latency.0,
            io_per_s: Some(io.base.saturating_add(io.per_gib.saturating_mul(gib)).min(io.cap)),
            io_per_block: io_per_block(purchase.block_bytes, self.io_size),
            sharing: purchase.sharing,
        };
        Links { read: link, write: link, duplex: Duplex::Half }
    }
}
