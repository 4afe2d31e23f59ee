//! Reads and writes by plain calls, one thread for each operation under way: for kernels without `io_uring`.

use std::fs::File;
use std::io;

use super::aligned::Aligned;
use crate::lanes::timed;

/// Reads or writes as much as a buffer holds at each offset. Each buffer has a thread. Returns how long it took \[s\].
pub(super) fn run(file: &File, writes: bool, offsets: &[u64], buffers: &mut [Aligned]) -> io::Result<f64> {
    let lanes = buffers.len();
    let work = buffers.iter_mut().enumerate().map(|(lane, buffer)| {
        move || {
            offsets.iter().skip(lane).step_by(lanes).try_for_each(|offset| match writes {
                true => write_all(file, buffer.bytes(), *offset),
                false => read_exact(file, buffer.bytes_mut(), *offset),
            })
        }
    });
    timed(work.collect())
}

#[cfg(unix)]
pub(super) fn write_all(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

#[cfg(unix)]
fn read_exact(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, offset)
}

#[cfg(not(unix))]
pub(super) fn write_all(_: &File, _: &[u8], _: u64) -> io::Result<()> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}

#[cfg(not(unix))]
fn read_exact(_: &File, _: &mut [u8], _: u64) -> io::Result<()> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}
