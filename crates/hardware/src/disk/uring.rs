//! Reads and writes on an `io_uring`: many under way at once without a thread for each.
//!
//! `unsafe`: the kernel is told addresses of buffers. A ring owns its buffers, gives each to one operation at a time, and
//! waits for all operations before it lets go of any.
#![allow(unsafe_code, reason = "the kernel reads and writes buffers by address")]

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd as _;

use io_uring::{IoUring, opcode, types};

use super::aligned::Aligned;

/// A ring with a buffer for each operation under way.
pub(super) struct Ring {
    ring: IoUring,
    buffers: Vec<Aligned>,
    under_way: usize,
}

impl std::fmt::Debug for Ring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ring").field("depth", &self.buffers.len()).finish_non_exhaustive()
    }
}

impl Ring {
    /// A ring of this depth; every operation moves `bytes`.
    pub(super) fn new(depth: u32, bytes: usize) -> io::Result<Self> {
        let ring = IoUring::new(depth.next_power_of_two())?;
        let buffers = (0..depth).map(|_| Aligned::new(bytes)).collect();
        Ok(Self { ring, buffers, under_way: 0 })
    }

    /// Reads or writes at each offset, with as many operations under way as there are buffers.
    pub(super) fn run(&mut self, file: &File, writes: bool, offsets: &[u64]) -> io::Result<()> {
        if self.under_way > 0 {
            return Err(io::Error::other("the ring failed before"));
        }
        let mut rest = offsets.iter();
        let mut free: Vec<usize> = (0..self.buffers.len()).collect();
        let mut first_error = None;
        loop {
            while first_error.is_none()
                && let Some(&buffer) = free.last()
                && let Some(&offset) = rest.next()
            {
                free.pop();
                self.push(file, writes, offset, buffer)?;
            }
            if self.under_way == 0 {
                return first_error.map_or(Ok(()), Err);
            }
            match self.ring.submit_and_wait(1) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other.map(drop)?,
            }
            let bytes = self.buffers[0].bytes().len();
            for done in self.ring.completion() {
                self.under_way -= 1;
                free.push(done.user_data() as usize);
                match done.result() {
                    moved if moved == bytes as i32 => {}
                    refused if refused < 0 => {
                        first_error.get_or_insert(io::Error::from_raw_os_error(-refused));
                    }
                    _ => {
                        first_error.get_or_insert(io::Error::from(io::ErrorKind::UnexpectedEof));
                    }
                }
            }
        }
    }

    fn push(&mut self, file: &File, writes: bool, offset: u64, buffer: usize) -> io::Result<()> {
        let bytes = self.buffers[buffer].bytes_mut();
        let (file, address, length) = (types::Fd(file.as_raw_fd()), bytes.as_mut_ptr(), bytes.len() as u32);
        let entry = match writes {
            true => opcode::Write::new(file, address, length).offset(offset).build(),
            false => opcode::Read::new(file, address, length).offset(offset).build(),
        };
        // SAFETY: the buffer is free, has `length` bytes, and stays until its operation has ended (`run`, `drop`). The file
        // is open for as long as the caller's borrow, in which `run` waits for all operations.
        let pushed = unsafe { self.ring.submission().push(&entry.user_data(buffer as u64)) };
        pushed.map_err(|_| io::Error::other("the submission queue is full"))?;
        self.under_way += 1;
        Ok(())
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        if self.under_way > 0 {
            // `run` was left by an error of the ring itself: the kernel may still use the buffers, so they stay for ever.
            std::mem::forget(std::mem::take(&mut self.buffers));
        }
    }
}
