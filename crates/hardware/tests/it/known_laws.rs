//! Measurements made from a known law plus noise: the fit must find the law.

use hardware::fit::{Fits, Line, error_summary};
use hardware::{Measurement, Memory, Method, Op, Point};
use rand::SeedableRng as _;
use rand_distr::{Distribution as _, Normal};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Noise of 2 % of each time.
struct Noise(Xoshiro256PlusPlus, Normal<f64>);

impl Noise {
    fn new(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed), Normal::new(1.0, 0.02).expect("a deviation above 0"))
    }

    fn on(&mut self, seconds: f64) -> f64 {
        seconds * self.1.sample(&mut self.0)
    }
}

fn measurement(point: Point, seconds: f64) -> Measurement {
    Measurement {
        point,
        seconds_median: seconds,
        seconds_min: seconds,
        spread: 0.0,
        repeats: 1,
        noisy: false,
    }
}

fn within(found: f64, known: f64, percent: f64) {
    let error = 100.0 * (found / known - 1.0);
    assert!(error.abs() <= percent, "{found} is {error:+.1} % from {known}");
}

#[test]
fn a_line_without_noise_is_exact() {
    let law = Line { latency_s: 10e-6, bytes_per_s: 50e9 };
    let points: Vec<(f64, f64)> =
        [4e3, 64e3, 1e6, 16e6, 1e9].map(|bytes| (bytes, law.seconds(bytes))).to_vec();
    let found = Line::fit(&points).expect("several sizes");
    within(found.latency_s, 10e-6, 1e-6);
    within(found.bytes_per_s, 50e9, 1e-6);
}

#[test]
fn one_size_tells_no_line() {
    assert_eq!(Line::fit(&[(4096.0, 1e-5), (4096.0, 1.1e-5)]), None);
    assert_eq!(Line::fit(&[]), None);
}

#[test]
fn a_latency_below_zero_is_zero() {
    // 1 us and 11 us: the line would begin at -0.1 us.
    let found = Line::fit(&[(1e3, 1e-6), (1e4, 11e-6)]).expect("two sizes");
    assert!(found.latency_s.abs() < 1e-15 && found.bytes_per_s > 9e8);
}

/// The bandwidth by which the made-up link moves fragments \[B/s\]: each costs half a microsecond beside its bytes.
fn fragment_bytes_per_s(bytes: f64, link: f64) -> f64 {
    bytes / (0.5e-6 + bytes / link)
}

fn link_measurements(noise: &mut Noise) -> Vec<Measurement> {
    let mut measured = Vec::new();
    let mut push = |op, method, lanes, fragment_bytes: u64, total_bytes: u64, seconds: f64| {
        let point = Point { op, memory: Memory::Pinned, method, lanes, fragment_bytes, total_bytes };
        measured.push(measurement(point, noise.on(seconds)));
    };
    for (op, link) in [(Op::HostToDevice, 50e9), (Op::DeviceToHost, 40e9)] {
        for size in (0..10).map(|i| 4096_u64 << (2 * i)) {
            push(op, Method::OneCopy, 1, size, size, 8e-6 + size as f64 / link);
        }
        for size in (0..10).map(|i| 4096_u64 << i) {
            let seconds = 8e-6 + (256 << 20) as f64 / fragment_bytes_per_s(size as f64, link);
            push(op, Method::Batched, 1, size, 256 << 20, seconds);
        }
    }
    // Both at once take turns for a tenth of the time: 0.9 of 90 GB/s.
    push(Op::BothDirections, Method::OneCopy, 2, 1 << 28, 1 << 29, (1 << 29) as f64 / 81e9);
    measured
}

#[test]
fn a_host_link_is_found_in_noise() {
    let measured = link_measurements(&mut Noise::new(1));
    let fit = Fits::of(&measured).host_link.expect("both directions");
    within(fit.to_device.bytes_per_s, 50e9, 2.0);
    within(fit.to_host.bytes_per_s, 40e9, 2.0);
    within(fit.latency_s, 8e-6, 3.0);
    for size in [8 << 10, 64 << 10, 1 << 20] {
        let known = fragment_bytes_per_s(size as f64, 50e9);
        within(fit.to_device_table.bytes_per_s(size), known, 6.0);
    }
    // Between two sizes the made-up law is not linear; 6 % is what the line through 4 and 8 KiB misses at 6 KiB, and noise.
    within(fit.to_device_table.bytes_per_s(6 << 10), fragment_bytes_per_s(6144.0, 50e9), 6.0);
    let both = fit.large_sharing().expect("measured");
    within(both.share, 0.9, 6.0);
    let (median, _) = error_summary(&fit.residuals).expect("residuals");
    assert!(median < 3.0, "median error {median} %");
}

#[test]
fn a_disk_is_found_in_noise() {
    let (bytes_per_s, latency_s, io_per_s) = (2e9, 80e-6, 100e3);
    let mut noise = Noise::new(2);
    let mut measured = Vec::new();
    for op in [Op::DiskRead, Op::DiskWrite] {
        for fragment_bytes in [4_u64 << 10, 16 << 10, 64 << 10, 1 << 20, 32 << 20] {
            for lanes in [1, 2, 4, 8, 16, 32] {
                let bytes = fragment_bytes as f64;
                let by_depth = (latency_s + bytes / bytes_per_s) / f64::from(lanes);
                let each_s = (bytes / bytes_per_s).max(1.0 / io_per_s).max(by_depth);
                let total_bytes = fragment_bytes * 64;
                let (memory, method) = (Memory::Direct, Method::IoUring);
                let point = Point { op, memory, method, lanes, fragment_bytes, total_bytes };
                measured.push(measurement(point, noise.on(each_s * 64.0)));
            }
        }
    }
    let fit = Fits::of(&measured).disk.expect("reads and writes");
    within(fit.read.bytes_per_s, bytes_per_s, 3.0);
    within(fit.read.latency_s, latency_s, 3.0);
    within(fit.write.io_per_s, io_per_s, 3.0);
    assert_eq!((fit.largest_bytes, fit.direct), (32 << 20, true));
    let (median, _) = error_summary(&fit.residuals).expect("residuals");
    assert!(median < 3.0, "median error {median} %");
}

#[test]
fn without_measurements_there_is_no_law() {
    let fits = Fits::of(&[]);
    assert!(fits.host_copy.is_empty() && fits.host_link.is_none() && fits.disk.is_none());
}
