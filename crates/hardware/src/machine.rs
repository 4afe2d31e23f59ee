//! What the machine is: facts that a reader needs beside its figures.

use std::num::NonZero;
use std::path::Path;
use std::{fs, thread};

use serde::Serialize;

/// The machine at hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Machine {
    /// Operating system and its kernel.
    pub kernel: String,
    /// The processor, by its own name.
    pub cpu: String,
    /// Threads that can run at once.
    pub cores: u32,
    /// Host memory \[B\]; `None` where the system does not say.
    pub memory_bytes: Option<u64>,
    /// Whether it is a virtual machine; `None` where the system does not say.
    pub is_virtual: Option<bool>,
}

/// What a GPU is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GpuFacts {
    /// Its number among the GPUs that the driver shows.
    pub ordinal: u32,
    /// Its name, by the driver.
    pub name: String,
    /// Version of the driver; `None` where the system does not say.
    pub driver: Option<String>,
    /// Version of CUDA that the driver serves.
    pub cuda_version: String,
    /// Memory in all \[B\].
    pub memory_bytes: u64,
    /// Its generation, such as `9.0`.
    pub compute_capability: String,
    /// Engines that copy beside each other.
    pub copy_engines: u32,
    /// Whether many copies can be asked for in one call.
    pub has_batched_copies: bool,
    /// Whether the driver is the stub of our tests. Nothing that it measures is true.
    pub is_stub: bool,
}

impl GpuFacts {
    /// The GPU with its memory, and the driver with the CUDA that it serves, in words.
    pub(crate) fn told(&self) -> [String; 2] {
        let driver = self.driver.as_deref().unwrap_or("unknown");
        [
            format!("{}, {} MiB", self.name, self.memory_bytes >> 20),
            format!("{driver}, CUDA {}", self.cuda_version),
        ]
    }
}

/// What a scratch file lies on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DiskFacts {
    /// The file system, such as `ext4`; `None` where the system does not say.
    pub file_system: Option<String>,
    /// The device that it is on.
    pub device: Option<String>,
    /// Size of the scratch file \[B\].
    pub file_bytes: u64,
}

impl Machine {
    /// Looks at the machine.
    #[must_use]
    pub fn look() -> Self {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let cpuinfo = read("/proc/cpuinfo");
        let release = read("/proc/sys/kernel/osrelease");
        let kernel = format!("{} {} {}", std::env::consts::OS, release.trim(), std::env::consts::ARCH);
        Self {
            kernel: kernel.replace("  ", " "),
            cpu: field(&cpuinfo, "model name").unwrap_or_else(|| "unknown".to_owned()),
            cores: thread::available_parallelism().map_or(1, NonZero::get) as u32,
            memory_bytes: kib(&field(&read("/proc/meminfo"), "MemTotal").unwrap_or_default()),
            is_virtual: field(&cpuinfo, "flags").map(|flags| flags.split(' ').any(|it| it == "hypervisor")),
        }
    }
}

impl DiskFacts {
    /// Looks at a folder. A folder that cannot be found has no facts.
    #[must_use]
    pub fn look(folder: &Path, file_bytes: u64) -> Self {
        let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
        let folder = folder.canonicalize().unwrap_or_default();
        let entries = mounts.lines().filter_map(|line| {
            let mut words = line.split(' ');
            let (device, place, kind) = (words.next()?, words.next()?, words.next()?);
            folder.starts_with(place).then_some((place.len(), device, kind))
        });
        // Of mounts at the same place the last one is on top.
        let found = entries.max_by_key(|(length, ..)| *length);
        Self {
            file_system: found.map(|(_, _, kind)| kind.to_owned()),
            device: found.map(|(_, device, _)| device.to_owned()),
            file_bytes,
        }
    }
}

/// The version of NVIDIA's driver, as its kernel module says.
#[cfg(feature = "cuda")]
pub(crate) fn nvidia_driver() -> Option<String> {
    let text = fs::read_to_string("/proc/driver/nvidia/version").ok()?;
    let is_version = |word: &&str| word.contains('.') && word.chars().all(|c| c.is_ascii_digit() || c == '.');
    text.lines().next()?.split_whitespace().find(is_version).map(str::to_owned)
}

/// The value of the first line `name : value`.
fn field(text: &str, name: &str) -> Option<String> {
    let lines = text.lines().filter_map(|line| line.split_once(':'));
    lines.into_iter().find(|(key, _)| key.trim() == name).map(|(_, value)| value.trim().to_owned())
}

/// `1234 kB`, which means KiB.
fn kib(text: &str) -> Option<u64> {
    text.strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kib| kib << 10)
}
