//! Copies within host memory, by one thread and by several.
//!
//! Copies walk through two arenas that are larger than any cache, so that a small copy, too, moves bytes from memory to
//! memory. A byte counts once, though it is read and written.

use std::convert::Infallible;

use crate::clock::Start;
use crate::extent::{Extent, GIB, KIB, MIB};
use crate::lanes::timed;
use crate::{Error, Memory, Method, Op, Point, TransferProbe};

/// Measures copies within host memory.
#[derive(Debug)]
pub struct HostCopyProbe {
    from: Vec<u8>,
    to: Vec<u8>,
    points: Vec<Point>,
    /// Where the next copy begins \[B\].
    next: usize,
}

impl HostCopyProbe {
    /// Takes the memory: 2 GiB, or 16 MiB for the quick extent. `cores` is how many threads can run at once.
    ///
    /// # Errors
    /// There is not so much memory.
    pub fn new(extent: Extent, cores: u32) -> Result<Self, Error> {
        let (arena, largest) = match extent {
            Extent::Full => (GIB, GIB),
            Extent::Quick => (8 * MIB, 4 * MIB),
        };
        let sizes = || (0..).map(|i| (4 * KIB) << (2 * i)).take_while(move |size| *size <= largest);
        let mut points: Vec<Point> = sizes().map(|size| point(size, 1)).collect();
        let threads = (1..).map(|i| 1_u32 << i).take_while(|threads| *threads <= cores.max(2));
        for threads in threads {
            points.extend(sizes().filter(|size| *size >= MIB).map(|size| point(size, threads)));
        }
        let arena = arena as usize;
        Ok(Self { from: touched(arena, 1)?, to: touched(arena, 2)?, points, next: 0 })
    }
}

fn point(total_bytes: u64, lanes: u32) -> Point {
    Point {
        op: Op::HostCopy,
        memory: Memory::Pageable,
        method: Method::Threads,
        lanes,
        fragment_bytes: total_bytes / u64::from(lanes),
        total_bytes,
    }
}

/// Memory in which every byte was written, so that the system has given all of it.
fn touched(bytes: usize, value: u8) -> Result<Vec<u8>, Error> {
    let mut memory = Vec::new();
    let refused = |_| Error::Memory(format!("{bytes} B of memory for copies: there is not so much"));
    memory.try_reserve_exact(bytes).map_err(refused)?;
    memory.resize(bytes, value);
    Ok(memory)
}

impl TransferProbe for HostCopyProbe {
    fn points(&self) -> Vec<Point> {
        self.points.clone()
    }

    fn prepare(&mut self, _: &Point) -> Result<(), Error> {
        Ok(())
    }

    fn transfer(&mut self, point: &Point) -> Result<f64, Error> {
        let bytes = point.total_bytes as usize;
        if point.lanes > 1 {
            let piece = bytes / point.lanes as usize;
            let (from, to) = (self.from.chunks(piece), self.to.chunks_mut(piece));
            let work = from.zip(to).take(point.lanes as usize).map(|(from, to)| {
                move || {
                    to.copy_from_slice(from);
                    Ok::<(), Infallible>(())
                }
            });
            let Ok(seconds) = timed(work.collect());
            return Ok(seconds);
        }
        // Many small copies, one behind the other, since the clock cannot time a single one.
        let copies = (MIB as usize / bytes).max(1);
        let start = Start::now();
        for _ in 0..copies {
            if self.next + bytes > self.from.len() {
                self.next = 0;
            }
            let place = self.next..self.next + bytes;
            self.to[place.clone()].copy_from_slice(&self.from[place]);
            self.next += bytes;
        }
        let seconds = start.elapsed_s() / copies as f64;
        std::hint::black_box(&self.to);
        Ok(seconds)
    }
}
