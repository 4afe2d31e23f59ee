//! Host memory: fast inside, and behind the host link of each GPU, which small fragments slow down.

use super::{ByteSize, BytesPerS, DataError, Links, Nanos, Purchase};
use serde::Deserialize;
use tier_sim::{Duplex, LinkSpec};

/// Host memory behind the host links of the GPUs.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HostLink {
    /// First-byte latency of a transfer \[ns\].
    pub(crate) latency: Nanos,
    /// The memory's own bandwidth, which all GPUs of an instance share \[B/s\].
    pub(crate) memory_bandwidth: BytesPerS,
    /// Bandwidth of one GPU's link by fragment size, sizes increasing; between them it is linear in size.
    pub(crate) fragments: Vec<Fragment>,
    /// The same from the GPU to the host, where it differs.
    #[serde(default)]
    pub(crate) write_fragments: Option<Vec<Fragment>>,
}

/// One measured point of a host link.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fragment {
    /// Contiguous bytes that one copy moves.
    pub(crate) size: ByteSize,
    /// What the link then carries \[B/s\].
    pub(crate) bandwidth: BytesPerS,
}

impl HostLink {
    pub(super) fn check(&self, file: &str) -> Result<(), DataError> {
        if self.memory_bandwidth.0 == 0 {
            return Err(DataError::value(file, "law.host_link.memory_bandwidth", 0, "more than 0"));
        }
        check_fragments(file, "law.host_link.fragments", &self.fragments)?;
        let write = self.write_fragments.as_deref();
        write.map_or(Ok(()), |them| check_fragments(file, "law.host_link.write_fragments", them))
    }

    pub(super) fn links(&self, purchase: &Purchase<'_>) -> Links {
        let link = |fragments: &[Fragment], gpu: BytesPerS| LinkSpec {
            bytes_per_s: (bandwidth_bytes_per_s(fragments, purchase.fragment_bytes).min(gpu.0))
                .saturating_mul(u64::from(purchase.gpus))
                .min(self.memory_bandwidth.0),
            latency_ns: self.latency.0,
            io_per_s: None,
            io_per_block: 1,
            sharing: purchase.sharing,
        };
        let write_fragments = self.write_fragments.as_ref().unwrap_or(&self.fragments);
        Links {
            read: link(&self.fragments, purchase.gpu.host_to_device.value),
            write: link(write_fragments, purchase.gpu.device_to_host.value),
            duplex: Duplex::Full,
        }
    }
}

fn check_fragments(file: &str, key: &'static str, fragments: &[Fragment]) -> Result<(), DataError> {
    let problem = if fragments.is_empty() {
        Some("there are none; at least one is needed".to_owned())
    } else if let Some(slow) = fragments.iter().find(|f| f.bandwidth.0 == 0) {
        Some(format!("at {} B the bandwidth is 0; it must be more", slow.size.0))
    } else {
        let pair = fragments.windows(2).find(|w| w[0].size >= w[1].size);
        pair.map(|w| format!("sizes must increase; {} B is followed by {} B", w[0].size.0, w[1].size.0))
    };
    match problem {
        Some(problem) => Err(DataError::Inconsistent { file: file.to_owned(), key, problem }),
        None => Ok(()),
    }
}

/// Bandwidth of one GPU's link at a fragment size \[B/s\]; the first and last points hold beyond them.
fn bandwidth_bytes_per_s(fragments: &[Fragment], fragment_bytes: u64) -> u64 {
    let after = fragments.partition_point(|f| f.size.0 <= fragment_bytes);
    let Some(low) = after.checked_sub(1).map(|i| fragments[i]) else {
        return fragments[0].bandwidth.0;
    };
    let Some(high) = fragments.get(after) else { return low.bandwidth.0 };
    let share = (fragment_bytes - low.size.0) as f64 / (high.size.0 - low.size.0) as f64;
    let (from, to) = (low.bandwidth.0 as f64, high.bandwidth.0 as f64);
    (from + share * (to - from)).round() as u64
}
