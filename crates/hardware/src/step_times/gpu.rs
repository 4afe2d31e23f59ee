//! Times pieces on a GPU.
//!
//! The host must never keep the GPU waiting, as it does not in an engine with recorded graphs. So a copy within the GPU goes
//! before the first product, and lasts until all products are submitted. It also fills the GPU's cache. Each layer has other
//! weights and KV, so a run reads other ones for each repetition, as far as there is memory.

use super::cublas::{Cublas, Place};
use super::{Piece, Product, Timer};
use crate::Error;
use crate::clock::Start;
use crate::cuda::{Copies, DeviceMemory, Fragment, Gpu, Stream};
use crate::extent::{GIB, MIB};

const WARM_UP: u32 = 2;
const REPEATS: u32 = 5;
/// Layers of a run.
const MOST_LAYERS: u32 = 16;
/// Products of a run. A GPU's queue takes about a thousand.
const MOST_PRODUCTS: u32 = 512;
/// A run of several layers takes no longer, at about this speed \[s\], \[1/s\].
const RUN_S: f64 = 0.05;
const EXPECTED_PER_S: f64 = 4e14;
/// What submitting a product takes the host, generously \[s\].
const SUBMIT_S: f64 = 8e-6;
/// A copy within the GPU, which moves twice so many bytes \[B\], and the fastest that any GPU moves them \[B/s\].
const COPY_BYTES: u64 = 256 * MIB;
const COPY_BYTES_PER_S: f64 = 4e12;
/// A GPU that idled needs so long to reach its clock \[s\].
const WAKE_S: f64 = 0.5;
/// Random numbers that fill all matrices again and again \[B\].
const RANDOM_BYTES: u64 = 64 * MIB;

/// A GPU, its library, and memory for the largest piece.
#[derive(Debug)]
pub(super) struct GpuTimer {
    cublas: Cublas,
    stream: Stream,
    /// Weights, keys, values.
    cold: DeviceMemory,
    /// What goes into products and what comes out of them.
    moving: [DeviceMemory; 2],
    copy: Copies,
    /// Layers so far; each reads the next part of `cold`.
    layers: u64,
    is_awake: bool,
}

impl GpuTimer {
    /// Takes memory for these pieces; or says why there is no library.
    pub(super) fn new(gpu: Gpu, pieces: &[Piece]) -> Result<Result<Self, String>, Error> {
        let stream = gpu.stream()?;
        let cublas = match Cublas::open(&stream)? {
            Ok(cublas) => cublas,
            Err(absent) => return Ok(Err(absent)),
        };
        let cold = pieces.iter().map(|piece| piece.cold_bytes).max().unwrap_or(0);
        let cold = cold.max((2 * GIB).min(gpu.facts().memory_bytes / 8));
        let products = || pieces.iter().flat_map(|piece| &piece.products);
        let moving = products().map(|it| it.b_bytes().max(it.c_bytes())).max().unwrap_or(0).max(MIB);
        let cold = gpu.device(cold as usize)?;
        let moving = [gpu.device(moving as usize)?, gpu.device(moving as usize)?];
        fill(&gpu, &stream, [&cold, &moving[0], &moving[1]])?;
        let (from, to) = (gpu.device(COPY_BYTES as usize)?, gpu.device(COPY_BYTES as usize)?);
        let copy = Copies::new(&from, &to, &[Fragment { from: 0, to: 0, bytes: COPY_BYTES as usize }])?;
        Ok(Ok(Self { cublas, stream, cold, moving, copy, layers: 0, is_awake: false }))
    }

    /// Name and version of the library.
    pub(super) fn library(&self) -> String {
        self.cublas.version().to_owned()
    }

    /// One run of so many layers: the time of one of them \[s\].
    fn run(&mut self, piece: &Piece, layers: u32) -> Result<f64, Error> {
        let submitting_s = SUBMIT_S * f64::from(layers) * piece.products.len() as f64;
        let copy_s = 2.0 * COPY_BYTES as f64 / COPY_BYTES_PER_S;
        for _ in 0..1 + (submitting_s / copy_s) as u32 {
            self.stream.copy_each(&self.copy)?;
        }
        let start = self.stream.mark()?;
        for _ in 0..layers {
            let places = (self.cold.len() as u64 / piece.cold_bytes.max(1)).max(1);
            let first = self.layers % places * piece.cold_bytes;
            self.layers += 1;
            piece.products.iter().try_for_each(|product| self.submit(product, first))?;
        }
        let end = self.stream.mark()?;
        let seconds = start.elapsed_s(&end)? / f64::from(layers);
        self.stream.synchronize()?;
        Ok(seconds)
    }

    fn submit(&self, product: &Product, first: u64) -> Result<(), Error> {
        let [here, there] = &self.moving;
        let (from, to) = if product.follows { (there, here) } else { (here, there) };
        let a = Place(&self.cold, first + product.first);
        self.cublas.submit(product, a, Place(from, 0), Place(to, 0))
    }
}

impl Timer for GpuTimer {
    fn seconds(&mut self, piece: &Piece) -> Result<Vec<f64>, Error> {
        let by_time = (RUN_S * EXPECTED_PER_S / piece.operations()) as u32;
        let by_products = MOST_PRODUCTS / (piece.products.len() as u32).max(1);
        let layers = MOST_LAYERS.min(by_time.max(2)).min(by_products).max(1);
        let start = Start::now();
        while !self.is_awake && start.elapsed_s() < WAKE_S {
            self.run(piece, layers)?;
        }
        self.is_awake = true;
        for _ in 0..WARM_UP {
            self.run(piece, layers)?;
        }
        (0..REPEATS).map(|_| self.run(piece, layers)).collect()
    }
}

/// Random numbers between -1 and 1: zeros would let the GPU run faster than it can with any model.
fn fill(gpu: &Gpu, stream: &Stream, memories: [&DeviceMemory; 3]) -> Result<(), Error> {
    let largest = memories.iter().map(|memory| memory.len() as u64).max().unwrap_or(0);
    let bytes = RANDOM_BYTES.min(largest);
    let mut host = gpu.pinned(bytes as usize)?;
    host.with_bytes(|bytes| {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        for number in bytes.chunks_exact_mut(2) {
            // xorshift64
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let value = (state >> 40) as f32 / (1_u64 << 23) as f32 - 1.0;
            // bf16 is the upper half of fp32.
            number.copy_from_slice(&value.to_bits().to_le_bytes()[2..]);
        }
    })?;
    for memory in memories {
        let all = memory.len() as u64;
        let fragments: Vec<Fragment> = (0..all)
            .step_by(bytes as usize)
            .map(|to| Fragment { from: 0, to: to as usize, bytes: bytes.min(all - to) as usize })
            .collect();
        stream.copy_each(&Copies::new(&host, memory, &fragments)?)?;
    }
    stream.synchronize()
}
