//! The words of a measurement: what is moved, from which memory, in pieces of which size, by which calls.

use serde::{Deserialize, Serialize};

/// What is moved, and where to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// Within host memory.
    HostCopy,
    /// From a file.
    DiskRead,
    /// Into a file, until the device has it.
    DiskWrite,
    /// From host memory to a GPU.
    HostToDevice,
    /// From a GPU to host memory.
    DeviceToHost,
    /// Half of the bytes from host memory to a GPU and half the other way, at once.
    BothDirections,
    /// Within a GPU's memory; a byte counts once, though it is read and written.
    DeviceToDevice,
}

/// The host's end of a transfer, or what keeps a file's bytes from being copied once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Memory {
    /// Host memory that stays where it is, so that a GPU reads and writes it by itself.
    Pinned,
    /// Plain host memory.
    Pageable,
    /// A GPU's own memory at both ends.
    Device,
    /// A file read and written around the page cache (`O_DIRECT`).
    Direct,
    /// A file read and written through the page cache, where the file system refuses to go around it.
    PageCache,
}

/// The calls that move the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// One call for all bytes.
    OneCopy,
    /// One call for each fragment.
    EachFragment,
    /// One call for all fragments (`cuMemcpyBatchAsync`).
    Batched,
    /// Copies by the processor, one thread for each lane.
    Threads,
    /// Operations on an `io_uring`, as many under way as there are lanes.
    IoUring,
    /// `pread` and `pwrite`, one thread for each lane.
    PreadPwrite,
}

/// What one measurement is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Point {
    /// What is moved.
    pub op: Op,
    /// Kind of memory.
    pub memory: Memory,
    /// Calls that move it.
    pub method: Method,
    /// Streams, threads or operations under way at once.
    pub lanes: u32,
    /// Contiguous bytes of one fragment \[B\].
    pub fragment_bytes: u64,
    /// Bytes moved in all \[B\]: a multiple of the fragment.
    pub total_bytes: u64,
}

impl Point {
    /// Fragments of the transfer.
    #[must_use]
    pub fn fragments(&self) -> u64 {
        self.total_bytes / self.fragment_bytes.max(1)
    }
}

/// What was measured at a point.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Measurement {
    /// What it is of.
    #[serde(flatten)]
    pub point: Point,
    /// Median time of a transfer \[s\].
    pub seconds_median: f64,
    /// Shortest time of a transfer \[s\].
    pub seconds_min: f64,
    /// Time between the first and the third quartile, as a share of the median.
    pub spread: f64,
    /// Transfers that were timed, after those that warmed up.
    pub repeats: u32,
    /// Whether the times differ so much that the median says little: `spread` beyond
    /// [`NOISY_SPREAD`](crate::measure::NOISY_SPREAD).
    pub noisy: bool,
}

impl Measurement {
    /// Bytes a second at the median.
    #[must_use]
    pub fn bytes_per_s(&self) -> f64 {
        self.point.total_bytes as f64 / self.seconds_median
    }
}
