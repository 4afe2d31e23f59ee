//! What is copied: from where, to where, in which fragments. Checked once, so that copying needs no checks.

use cudarc::driver::sys::CUdeviceptr;

use super::memory::{DeviceMemory, HostMemory, Kept};
use crate::Error;

/// A contiguous piece of a copy. Offsets are from the beginning of the memories \[B\].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fragment {
    /// Where it is.
    pub from: usize,
    /// Where it goes.
    pub to: usize,
    /// How long it is, more than 0 \[B\].
    pub bytes: usize,
}

/// Which way copies go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    HostToDevice,
    DeviceToHost,
    DeviceToDevice,
}

/// Copies between two memories that fit into both. It can be made once and used often.
#[derive(Debug, Clone)]
pub struct Copies {
    pub(super) way: Way,
    pub(super) from: Vec<CUdeviceptr>,
    pub(super) to: Vec<CUdeviceptr>,
    pub(super) bytes: Vec<usize>,
    pub(super) pageable: bool,
    pub(super) kept: [Kept; 2],
}

/// Memory that copies come from or go to: [`HostMemory`] or [`DeviceMemory`].
#[derive(Debug, Clone, Copy)]
pub enum End<'a> {
    /// Host memory.
    Host(&'a HostMemory),
    /// A GPU's memory.
    Device(&'a DeviceMemory),
}

impl<'a> From<&'a HostMemory> for End<'a> {
    fn from(memory: &'a HostMemory) -> Self {
        Self::Host(memory)
    }
}

impl<'a> From<&'a DeviceMemory> for End<'a> {
    fn from(memory: &'a DeviceMemory) -> Self {
        Self::Device(memory)
    }
}

impl End<'_> {
    /// Address, size \[B\], and a handle that keeps it.
    fn parts(self) -> (CUdeviceptr, usize, Kept) {
        match self {
            Self::Host(memory) => (memory.address(), memory.len(), memory.keep()),
            Self::Device(memory) => (memory.address(), memory.len(), memory.keep()),
        }
    }

    fn is_pageable(self) -> bool {
        matches!(self, Self::Host(memory) if !memory.is_pinned())
    }
}

impl Copies {
    /// The copies of these fragments. They keep both memories for as long as they live.
    ///
    /// # Errors
    /// A fragment is empty or ends beyond its memory, or both ends are host memory.
    pub fn new<'a>(
        from: impl Into<End<'a>>,
        to: impl Into<End<'a>>,
        fragments: &[Fragment],
    ) -> Result<Self, Error> {
        let (from, to) = (from.into(), to.into());
        let way = match (from, to) {
            (End::Host(_), End::Device(_)) => Way::HostToDevice,
            (End::Device(_), End::Host(_)) => Way::DeviceToHost,
            (End::Device(_), End::Device(_)) => Way::DeviceToDevice,
            (End::Host(_), End::Host(_)) => {
                return Err(Error::Gpu("a copy between two host memories needs no GPU".to_owned()));
            }
        };
        let pageable = from.is_pageable() || to.is_pageable();
        let ((from_at, from_len, from_kept), (to_at, to_len, to_kept)) = (from.parts(), to.parts());
        let fits =
            |start: usize, bytes: usize, len: usize| start.checked_add(bytes).is_some_and(|end| end <= len);
        let wrong =
            |f: &&Fragment| f.bytes == 0 || !fits(f.from, f.bytes, from_len) || !fits(f.to, f.bytes, to_len);
        if let Some(fragment) = fragments.iter().find(wrong) {
            let message = format!("{fragment:?} is empty or does not fit into {from_len} B and {to_len} B");
            return Err(Error::Gpu(message));
        }
        Ok(Self {
            way,
            from: fragments.iter().map(|f| from_at + f.from as CUdeviceptr).collect(),
            to: fragments.iter().map(|f| to_at + f.to as CUdeviceptr).collect(),
            bytes: fragments.iter().map(|f| f.bytes).collect(),
            pageable,
            kept: [from_kept, to_kept],
        })
    }

    /// Number of fragments.
    #[must_use]
    pub fn fragments(&self) -> usize {
        self.bytes.len()
    }

    /// Bytes of all fragments.
    #[must_use]
    pub fn total_bytes(&self) -> u64 {
        self.bytes.iter().map(|bytes| *bytes as u64).sum()
    }
}
