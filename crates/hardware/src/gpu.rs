//! Copies between the host and a GPU, and within a GPU, timed by its events.
//!
//! All streams are fed by one thread, as an engine feeds them: batched calls one after the other, single copies in turn. The
//! time runs from an event before the first copy to one after the last of all streams, so what submitting costs is in it.

use crate::cuda::DeviceMemory;
use crate::cuda::{Copies, Event, Fragment, Gpu, HostMemory, Stream};
use crate::extent::{Extent, GIB, KIB, MIB};
use crate::order::scattered;
use crate::{Error, Memory, Method, Op, Point, TransferProbe};

/// Sizes of fragments: by twos, and two more where some drivers change their way of copying.
const FRAGMENTS: [u64; 13] = [4, 8, 16, 24, 28, 32, 64, 128, 256, 512, 1024, 2048, 4096];
const MOST_STREAMS: usize = 4;

/// Measures copies of a GPU.
#[derive(Debug)]
pub struct GpuProbe {
    gpu: Gpu,
    streams: Vec<Stream>,
    pinned: HostMemory,
    pageable: HostMemory,
    device: DeviceMemory,
    other: DeviceMemory,
    points: Vec<Point>,
    /// The copies of each stream.
    ready: Vec<Copies>,
}

impl GpuProbe {
    /// Takes 2 GiB of host memory and 2 GiB of the GPU's, or 16 MiB of each for the quick extent.
    ///
    /// # Errors
    /// There is not so much memory, or the driver refuses.
    pub fn new(gpu: Gpu, extent: Extent) -> Result<Self, Error> {
        let arena = arena_bytes(extent) as usize;
        let streams = (0..MOST_STREAMS).map(|_| gpu.stream()).collect::<Result<_, _>>()?;
        let (pinned, mut pageable) = (gpu.pinned(arena)?, gpu.pageable(arena)?);
        pageable.with_bytes(|bytes| bytes.fill(1))?;
        let (device, other) = (gpu.device(arena)?, gpu.device(arena)?);
        let points = points(extent, gpu.facts().has_batched_copies);
        Ok(Self { gpu, streams, pinned, pageable, device, other, points, ready: Vec::new() })
    }
}

fn arena_bytes(extent: Extent) -> u64 {
    match extent {
        Extent::Full => GIB,
        Extent::Quick => 8 * MIB,
    }
}

fn points(extent: Extent, batched: bool) -> Vec<Point> {
    let mut points = contiguous(extent);
    points.extend(fragmented(extent, batched));
    points.extend(counted(extent, batched));
    points.extend(several_streams(extent, batched));
    points
}

/// One copy, by size; or one each way, both of that size.
fn contiguous(extent: Extent) -> Vec<Point> {
    let largest = match extent {
        Extent::Full => GIB,
        Extent::Quick => 4 * MIB,
    };
    let sizes = || (0..).map(|i| (4 * KIB) << (2 * i)).take_while(move |size| *size <= largest);
    let kinds = [
        (Op::HostToDevice, Memory::Pinned),
        (Op::DeviceToHost, Memory::Pinned),
        (Op::BothDirections, Memory::Pinned),
        (Op::HostToDevice, Memory::Pageable),
        (Op::DeviceToHost, Memory::Pageable),
        (Op::DeviceToDevice, Memory::Device),
    ];
    let of_kind =
        |(op, memory)| {
            let lanes = if op == Op::BothDirections { 2 } else { 1 };
            let sizes = sizes().map(move |bytes| (bytes, bytes * u64::from(lanes)));
            sizes.filter(move |(_, total)| *total <= largest).map(move |(fragment_bytes, total_bytes)| {
                Point { op, memory, method: Method::OneCopy, lanes, fragment_bytes, total_bytes }
            })
        };
    kinds.into_iter().flat_map(of_kind).collect()
}

/// The calls that move fragments on this driver.
fn methods(batched: bool) -> &'static [Method] {
    if batched { &[Method::Batched, Method::EachFragment] } else { &[Method::EachFragment] }
}

/// Many fragments, by their size.
fn fragmented(extent: Extent, batched: bool) -> Vec<Point> {
    let (sizes, total) = match extent {
        Extent::Full => (&FRAGMENTS[..], 256 * MIB),
        Extent::Quick => (&FRAGMENTS[..4], MIB),
    };
    let ways = [
        (Op::HostToDevice, Memory::Pinned),
        (Op::DeviceToHost, Memory::Pinned),
        (Op::BothDirections, Memory::Pinned),
        (Op::DeviceToDevice, Memory::Device),
    ];
    let mut points = Vec::new();
    for &method in methods(batched) {
        for (op, memory) in ways {
            for fragment_bytes in sizes.iter().map(|kib| kib * KIB) {
                let lanes = if op == Op::BothDirections { 2 } else { 1 };
                // One call for each of 65,536 fragments takes long and says what 16,384 say.
                let most = if method == Method::EachFragment { 16_384 * fragment_bytes } else { u64::MAX };
                let share = fragment_bytes * u64::from(lanes);
                let total_bytes = total.min(most) / share * share;
                points.push(Point { op, memory, method, lanes, fragment_bytes, total_bytes });
            }
        }
    }
    points
}

/// Fragments of 64 KiB, by their number.
fn counted(extent: Extent, batched: bool) -> Vec<Point> {
    let fragment_bytes = 64 * KIB;
    let counts: &[u64] = match extent {
        Extent::Full => &[1, 4, 16, 64, 256, 1024],
        Extent::Quick => &[1, 8],
    };
    let mut points = Vec::new();
    for &method in methods(batched) {
        for op in [Op::HostToDevice, Op::DeviceToHost] {
            points.extend(counts.iter().map(|count| {
                let total_bytes = count * fragment_bytes;
                Point { op, memory: Memory::Pinned, method, lanes: 1, fragment_bytes, total_bytes }
            }));
        }
    }
    points
}

/// The same bytes on more streams.
fn several_streams(extent: Extent, batched: bool) -> Vec<Point> {
    let total_bytes = match extent {
        Extent::Full => 256 * MIB,
        Extent::Quick => MIB,
    };
    let mut points = Vec::new();
    for op in [Op::HostToDevice, Op::DeviceToHost] {
        for lanes in [2, 4] {
            let mut push = |method, fragment_bytes| {
                points.push(Point { op, memory: Memory::Pinned, method, lanes, fragment_bytes, total_bytes });
            };
            push(Method::OneCopy, total_bytes / u64::from(lanes));
            methods(batched).iter().for_each(|method| push(*method, 64 * KIB));
        }
    }
    points
}

impl TransferProbe for GpuProbe {
    fn points(&self) -> Vec<Point> {
        self.points.clone()
    }

    fn prepare(&mut self, point: &Point) -> Result<(), Error> {
        self.ready.clear();
        let each = (point.fragments() / u64::from(point.lanes)) as usize;
        let slots = self.device.len() as u64 / point.fragment_bytes;
        // Both ends in scattered orders, and not in the same one.
        let froms: Vec<u64> = scattered(slots).collect();
        let fragment = |number: usize| Fragment {
            from: (froms[number] * point.fragment_bytes) as usize,
            to: (froms[froms.len() - 1 - number] * point.fragment_bytes) as usize,
            bytes: point.fragment_bytes as usize,
        };
        let host = if point.memory == Memory::Pageable { &self.pageable } else { &self.pinned };
        for lane in 0..point.lanes as usize {
            let fragments: Vec<Fragment> = (lane * each..(lane + 1) * each).map(fragment).collect();
            let copies = match (point.op, lane) {
                (Op::DeviceToDevice, _) => Copies::new(&self.device, &self.other, &fragments),
                (Op::DeviceToHost, _) | (Op::BothDirections, 1) => {
                    Copies::new(&self.device, host, &fragments)
                }
                _ => Copies::new(host, &self.other, &fragments),
            };
            self.ready.push(copies?);
        }
        self.gpu.synchronize()
    }

    fn transfer(&mut self, point: &Point) -> Result<f64, Error> {
        let lanes = &self.streams[..self.ready.len()];
        let Some((first, others)) = lanes.split_first() else {
            return Err(Error::Choice("a transfer of a point that was not prepared".to_owned()));
        };
        let start = first.mark()?;
        others.iter().try_for_each(|stream| stream.wait_for(&start))?;
        match point.method {
            Method::Batched => {
                lanes.iter().zip(&self.ready).try_for_each(|(stream, copies)| stream.copy_batched(copies))?;
            }
            _ => self.in_turn(lanes)?,
        }
        let ends = others.iter().map(Stream::mark).collect::<Result<Vec<Event>, _>>()?;
        ends.iter().try_for_each(|end| first.wait_for(end))?;
        let end = first.mark()?;
        let seconds = start.elapsed_s(&end)?;
        lanes.iter().try_for_each(Stream::synchronize)?;
        Ok(seconds)
    }
}

impl GpuProbe {
    /// A fragment for each stream in turn.
    fn in_turn(&self, lanes: &[Stream]) -> Result<(), Error> {
        if let ([stream], [copies]) = (lanes, &self.ready[..]) {
            return stream.copy_each(copies);
        }
        let most = self.ready.iter().map(Copies::fragments).max().unwrap_or(0);
        for number in 0..most {
            for (stream, copies) in lanes.iter().zip(&self.ready) {
                stream.copy_some(copies, number..number + 1)?;
            }
        }
        Ok(())
    }
}
