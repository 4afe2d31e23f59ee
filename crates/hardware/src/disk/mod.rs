//! Reads and writes of a file in a folder that the user names, around the page cache.
//!
//! The file has no name, so the system frees it whatever ends the program. Operations go to scattered places, so that
//! nothing can read ahead or join them. A write counts until the device says that it has the bytes (`fdatasync`).

mod aligned;
mod plain;
mod scratch;
#[cfg(target_os = "linux")]
mod uring;

use std::path::Path;

use aligned::Aligned;
use scratch::Scratch;

use crate::clock::Start;
use crate::extent::{Extent, KIB, MIB};
use crate::order::scattered;
use crate::{Error, Memory, Method, Op, Point, TransferProbe};

const DEPTHS: [u32; 6] = [1, 2, 4, 8, 16, 32];
const FRAGMENTS: [u64; 6] = [16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB, 32 * MIB];

/// Measures reads and writes of a disk.
#[derive(Debug)]
pub struct DiskProbe {
    scratch: Scratch,
    points: Vec<Point>,
    notes: Vec<String>,
    ready: Option<Ready>,
}

/// What the operations of a point need.
#[derive(Debug)]
struct Ready {
    offsets: Vec<u64>,
    mover: Mover,
}

#[derive(Debug)]
enum Mover {
    #[cfg(target_os = "linux")]
    Ring(Box<uring::Ring>),
    /// A buffer for each thread.
    Threads(Vec<Aligned>),
}

impl DiskProbe {
    /// Makes and fills a scratch file of `file_bytes` in `folder`. It is gone when the probe is dropped or the program
    /// ends, however it ends.
    ///
    /// # Errors
    /// The folder cannot be written, or has too little room.
    pub fn new(folder: &Path, file_bytes: u64, extent: Extent) -> Result<Self, Error> {
        let scratch = Scratch::create(folder, file_bytes)?;
        let start = Start::now();
        scratch.fill()?;
        let bytes_per_s = file_bytes as f64 / start.elapsed_s().max(1e-9);
        let mut notes = Vec::new();
        if !scratch.is_direct() {
            notes.push("the file system refuses O_DIRECT: these are figures of the page cache".to_owned());
        }
        let method = method(&mut notes);
        let memory = if scratch.is_direct() { Memory::Direct } else { Memory::PageCache };
        let points = points(extent, file_bytes, bytes_per_s, memory, method);
        Ok(Self { scratch, points, notes, ready: None })
    }
}

/// Whether a scratch file can be made in a folder.
///
/// # Errors
/// It cannot; names the folder.
pub(crate) fn check(folder: &Path) -> Result<(), Error> {
    Scratch::create(folder, 0).map(drop)
}

/// An `io_uring` where the kernel grants one.
fn method(notes: &mut Vec<String>) -> Method {
    #[cfg(target_os = "linux")]
    match uring::Ring::new(1, KIB as usize) {
        Ok(_) => return Method::IoUring,
        Err(error) => {
            notes.push(format!("the kernel refuses io_uring ({error}): pread and pwrite by threads"))
        }
    }
    #[cfg(not(target_os = "linux"))]
    notes.push("this system has no io_uring: pread and pwrite by threads".to_owned());
    Method::PreadPwrite
}

/// Fragments from small to large, each at all depths that the file has room for. A transfer has at least as many
/// operations as are under way at once, and no more bytes than the disk writes in about a fifth of a second.
fn points(extent: Extent, file_bytes: u64, bytes_per_s: f64, memory: Memory, method: Method) -> Vec<Point> {
    let (fragments, depths) = match extent {
        Extent::Full => (&FRAGMENTS[..], &DEPTHS[..]),
        Extent::Quick => (&FRAGMENTS[..3], &[1, 4][..]),
    };
    let soon = (bytes_per_s * 0.2) as u64;
    let mut points = Vec::new();
    for op in [Op::DiskRead, Op::DiskWrite] {
        for &fragment_bytes in fragments {
            for &lanes in depths {
                let least = fragment_bytes * u64::from(lanes);
                if least > file_bytes || (lanes > 1 && least > 5 * soon) {
                    continue;
                }
                let most = soon.min(128 * MIB).min(1024 * fragment_bytes);
                let total = least.max(most).min(file_bytes) / fragment_bytes * fragment_bytes;
                points.push(Point { op, memory, method, lanes, fragment_bytes, total_bytes: total });
            }
        }
    }
    points
}

impl TransferProbe for DiskProbe {
    fn points(&self) -> Vec<Point> {
        self.points.clone()
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    fn prepare(&mut self, point: &Point) -> Result<(), Error> {
        let bytes = point.fragment_bytes as usize;
        let slots = self.scratch.bytes() / point.fragment_bytes;
        let offsets = scattered(slots)
            .take(point.fragments() as usize)
            .map(|slot| slot * point.fragment_bytes)
            .collect();
        let mover = match point.method {
            #[cfg(target_os = "linux")]
            Method::IoUring => {
                let ring = uring::Ring::new(point.lanes, bytes);
                Mover::Ring(Box::new(ring.map_err(|source| self.scratch.failed(source))?))
            }
            _ => Mover::Threads((0..point.lanes).map(|_| Aligned::new(bytes)).collect()),
        };
        self.ready = Some(Ready { offsets, mover });
        Ok(())
    }

    fn transfer(&mut self, point: &Point) -> Result<f64, Error> {
        let writes = point.op == Op::DiskWrite;
        let Some(Ready { offsets, mover }) = &mut self.ready else {
            return Err(Error::Choice("a transfer of a point that was not prepared".to_owned()));
        };
        let file = self.scratch.file();
        let moved = match mover {
            #[cfg(target_os = "linux")]
            Mover::Ring(ring) => {
                let start = Start::now();
                ring.run(file, writes, offsets).map(|()| start.elapsed_s())
            }
            Mover::Threads(buffers) => plain::run(file, writes, offsets, buffers),
        };
        let start = Start::now();
        let kept = if writes { file.sync_data() } else { Ok(()) };
        let sync_s = start.elapsed_s();
        let moved_s = moved.and_then(|seconds| kept.map(|()| seconds));
        Ok(moved_s.map_err(|source| self.scratch.failed(source))? + sync_s)
    }
}
