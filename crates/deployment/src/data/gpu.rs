//! A GPU: how much it holds and how fast it talks to its host.

use super::{ByteSize, BytesPerS, DataError, DataFile, Figure, Kind, Model};
use serde::Deserialize;

/// A GPU.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Gpu {
    /// Name, by which price lists know it.
    pub name: String,
    /// What it is called in full.
    pub(crate) title: String,
    /// Its memory \[B\].
    pub(crate) memory: Figure<ByteSize>,
    /// Bandwidth from host memory, large pinned copies \[B/s\].
    pub(crate) host_to_device: Figure<BytesPerS>,
    /// Bandwidth to host memory, large pinned copies \[B/s\].
    pub(crate) device_to_host: Figure<BytesPerS>,
}

impl DataFile for Gpu {
    const KIND: Kind = Kind::Gpu;

    fn check(&self, file: &str) -> Result<(), DataError> {
        let positive = [
            ("memory.value", self.memory.value.0),
            ("host_to_device.value", self.host_to_device.value.0),
            ("device_to_host.value", self.device_to_host.value.0),
        ];
        match positive.into_iter().find(|&(_, value)| value == 0) {
            Some((key, value)) => Err(DataError::value(file, key, value, "more than 0")),
            None => Ok(()),
        }
    }
}

impl Gpu {
    /// Bytes that `gpus` of these have for KV beside the weights of `model` and what else the engine needs, when it
    /// may use `utilization` (above 0, at most 1) of the memory \[B\]; `None` if the weights alone do not fit.
    #[must_use]
    pub(crate) fn kv_bytes(
        &self,
        gpus: u32,
        model: &Model,
        utilization: f64,
        reserved_per_gpu: ByteSize,
    ) -> Option<u64> {
        let usable = (self.memory.value.0 as f64 * utilization) as u64;
        let usable = u128::from(usable.checked_sub(reserved_per_gpu.0)?) * u128::from(gpus);
        let rest = usable.checked_sub(u128::from(model.weights.value.0))?;
        Some(u64::try_from(rest).unwrap_or(u64::MAX)) // far more blocks than the simulator takes
    }
}
