//! How long copies take on the stub: simple laws with round figures, which a fit must find again.

/// Pinned host memory to the GPU \[B/s\].
pub const HOST_TO_DEVICE_BYTES_PER_S: f64 = 50e9;
/// The GPU to pinned host memory \[B/s\].
pub const DEVICE_TO_HOST_BYTES_PER_S: f64 = 40e9;
/// Pageable host memory, either way \[B/s\].
pub const PAGEABLE_BYTES_PER_S: f64 = 8e9;
/// Within the GPU \[B/s\].
pub const DEVICE_BYTES_PER_S: f64 = 1e12;
/// Start of each call's work on the GPU \[s\].
pub const LATENCY_S: f64 = 8e-6;
/// A further fragment of a batch \[s\].
pub const FRAGMENT_S: f64 = 0.5e-6;
/// What a call costs the host \[s\]. Copies of one call each therefore never come closer together.
pub const CALL_S: f64 = 2e-6;
