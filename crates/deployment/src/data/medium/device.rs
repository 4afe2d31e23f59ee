//! A device whose speed does not depend on how much of it is used: a local SSD.

use super::{ByteSize, BytesPerS, DataError, Links, Nanos, Purchase, all_positive, io_per_block};
use serde::Deserialize;
use tier_sim::{Duplex, LinkSpec};

/// A device with given speeds.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Device {
    /// Reading.
    pub(crate) read: Speed,
    /// Writing, at the same time.
    pub(crate) write: Speed,
    /// Largest single operation; a block takes as many as it has of these \[B\].
    pub(crate) io_size: ByteSize,
}

/// Speed in one direction.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Speed {
    /// Sustained \[B/s\].
    pub(crate) bandwidth: BytesPerS,
    /// First byte \[ns\].
    pub(crate) latency: Nanos,
    /// Operations a second.
    pub(crate) io_per_s: u64,
}

impl Device {
    pub(super) fn check(&self, file: &str) -> Result<(), DataError> {
        all_positive(
            file,
            &[
                ("law.device.read.bandwidth", self.read.bandwidth.0),
                ("law.device.read.io_per_s", self.read.io_per_s),
                ("law.device.write.bandwidth", self.write.bandwidth.0),
                ("law.device.write.io_per_s", self.write.io_per_s),
                ("law.device.io_size", self.io_size.0),
            ],
        )
    }

    pub(super) fn links(&self, purchase: &Purchase<'_>) -> Links {
        let link = |speed: &Speed| LinkSpec {
            bytes_per_s: speed.bandwidth.0,
            latency_ns: speed.latency.0,
            io_per_s: Some(speed.io_per_s),
            io_per_block: io_per_block(purchase.block_bytes, self.io_size),
            sharing: purchase.sharing,
        };
        Links { read: link(&self.read), write: link(&self.write), duplex: Duplex::Full }
    }
}
