//! Inputs that nobody means well: whole files and whole command lines, made up from good ones. Each must be taken or refused
//! with words; none may panic.
//!
//! How many are tried is in the environment variable `KARETO_HOSTILE_INPUTS`, a few thousand without it. The inputs follow
//! from their number alone, so that a failure names the input that causes it: `KARETO_HOSTILE_FIRST` begins with that one.

mod files;
mod lines;

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Numbers, as texts, at which something may break.
const NUMBERS: [&str; 36] = [
    "0",
    "-0",
    "1",
    "-1",
    "2",
    "3",
    "7",
    "64",
    "255",
    "256",
    "65535",
    "65536",
    "1000000",
    "4294967295",
    "4294967296",
    "9007199254740993",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "0.0",
    "0.5",
    "1e-300",
    "1e300",
    "1e999",
    "-1e9",
    "inf",
    "-inf",
    "nan",
    "1_000",
    "0x10",
    "1.0",
    "3.5",
    "1e18",
    "0.3",
    "true",
];

/// Texts at which something may break, without their quotes.
const TEXTS: [&str; 40] = [
    "",
    " ",
    "0 B",
    "1 B",
    "0 s",
    "1 ns",
    "1 B/s",
    "0 B/s",
    "9223372036854775807 B",
    "8388607 TiB",
    "106751 d",
    "9223372036 s",
    "1e18 GiB",
    "-1 GiB",
    "512 GiB",
    "600 s",
    "0.0000001 B",
    "1 B/s ",
    "9223372 TB/s",
    "lru",
    "fixed",
    "unlimited",
    "peak-held",
    "through",
    "back",
    "selective",
    "blocking",
    "layerwise",
    "fair",
    "cluster",
    "vllm-v1",
    "sglang",
    "timeout",
    "../..",
    "/dev/null",
    "\u{0}",
    "\u{1F980}",
    "a,b=c",
    "dram",
    "trace",
];

/// Random numbers that follow from a number alone (splitmix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    fn one_of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }
}

/// The numbers of the inputs to try.
#[allow(clippy::cast_possible_truncation, reason = "a number of inputs")]
fn inputs(usual: u64) -> Range<u64> {
    let of = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let first: u64 = of("KARETO_HOSTILE_FIRST").unwrap_or(0);
    first..first.saturating_add(of("KARETO_HOSTILE_INPUTS").unwrap_or(usual))
}

/// Tries inputs, and says which of them panicked.
fn none_panics(inputs: Range<u64>, shown: impl Fn(u64) -> String, attempt: impl Fn(u64)) {
    let mut panicked = Vec::new();
    for input in inputs {
        if catch_unwind(AssertUnwindSafe(|| attempt(input))).is_err() {
            panicked.push(format!("input {input}:\n{}", shown(input)));
            if panicked.len() == 5 {
                break;
            }
        }
    }
    assert!(panicked.is_empty(), "{}", panicked.join("\n----\n"));
}
