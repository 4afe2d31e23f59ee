//! The driver's state: virtual clocks, memory, and what is to go wrong.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ffi::CStr;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use crate::law::CALL_S;

/// `CUresult`.
pub(crate) type Code = u32;

pub(crate) const SUCCESS: Code = 0;
pub(crate) const INVALID_VALUE: Code = 1;
pub(crate) const OUT_OF_MEMORY: Code = 2;
pub(crate) const DEVICE_UNAVAILABLE: Code = 46;
pub(crate) const NO_DEVICE: Code = 100;
pub(crate) const INVALID_DEVICE: Code = 101;
pub(crate) const INVALID_HANDLE: Code = 400;
pub(crate) const NOT_READY: Code = 600;

/// The one context.
pub(crate) const CONTEXT: usize = 0x57_0b;

thread_local! {
    /// The context of this thread.
    pub(crate) static CURRENT: Cell<usize> = const { Cell::new(0) };
}

/// What goes wrong.
pub(crate) struct Wrong {
    pub(crate) no_device: bool,
    pub(crate) out_of_memory: bool,
    pub(crate) lost_after: Option<u64>,
    pub(crate) version: i32,
}

pub(crate) struct State {
    pub(crate) wrong: Wrong,
    /// The host's clock, which calls and waiting move on \[s\].
    pub(crate) host_s: f64,
    /// When the work of each stream ends \[s\]. 0 is the default stream.
    pub(crate) streams_s: BTreeMap<usize, f64>,
    /// When each recorded event is reached \[s\], and whether it has a time.
    pub(crate) events_s: BTreeMap<usize, (Option<f64>, bool)>,
    /// When each copy engine is free: in, out, within \[s\].
    pub(crate) engines_s: [f64; 3],
    /// Address and size of the memory given out, and whether it is pinned host memory.
    pub(crate) memory: BTreeMap<usize, (usize, bool)>,
    pub(crate) copies: u64,
    handles: usize,
}

static STATE: LazyLock<Mutex<State>> = LazyLock::new(|| Mutex::new(State::new()));

pub(crate) fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    fn new() -> Self {
        let text = std::env::var("KARETO_CUDA_STUB").unwrap_or_default();
        let has = |word: &str| text.split(',').any(|it| it == word);
        let number =
            |key: &str| text.split(',').find_map(|it| it.strip_prefix(key)?.strip_prefix('=')?.parse().ok());
        let wrong = Wrong {
            no_device: has("no-device"),
            out_of_memory: has("out-of-memory"),
            lost_after: number("lost-after"),
            version: number("version").map_or(12_080, |it: u64| it as i32),
        };
        Self {
            wrong,
            host_s: 0.0,
            streams_s: BTreeMap::from([(0, 0.0)]),
            events_s: BTreeMap::new(),
            engines_s: [0.0; 3],
            memory: BTreeMap::new(),
            copies: 0,
            handles: 0x1000,
        }
    }

    /// A name for a stream or an event; no address.
    pub(crate) fn handle(&mut self) -> usize {
        self.handles += 16;
        self.handles
    }

    /// Every call that gives work costs the host some time.
    pub(crate) fn call(&mut self) {
        self.host_s += CALL_S;
    }

    pub(crate) fn is_lost(&self) -> bool {
        self.wrong.lost_after.is_some_and(|copies| self.copies > copies)
    }

    /// The host waits until a moment of the GPU.
    pub(crate) fn wait(&mut self, until_s: f64) -> Code {
        self.host_s = self.host_s.max(until_s);
        if self.is_lost() { DEVICE_UNAVAILABLE } else { SUCCESS }
    }

    pub(crate) fn wait_for_all(&mut self) -> Code {
        let last = self.streams_s.values().fold(0.0_f64, |last, end| last.max(*end));
        self.wait(last)
    }
}

/// Name and meaning of a code.
pub(crate) fn describe(code: Code) -> (&'static CStr, &'static CStr) {
    match code {
        SUCCESS => (c"CUDA_SUCCESS", c"no error"),
        INVALID_VALUE => (c"CUDA_ERROR_INVALID_VALUE", c"invalid argument"),
        OUT_OF_MEMORY => (c"CUDA_ERROR_OUT_OF_MEMORY", c"out of memory"),
        DEVICE_UNAVAILABLE => {
            (c"CUDA_ERROR_DEVICE_UNAVAILABLE", c"CUDA-capable device(s) is/are busy or unavailable")
        }
        NO_DEVICE => (c"CUDA_ERROR_NO_DEVICE", c"no CUDA-capable device is detected"),
        INVALID_DEVICE => (c"CUDA_ERROR_INVALID_DEVICE", c"invalid device ordinal"),
        INVALID_HANDLE => (c"CUDA_ERROR_INVALID_HANDLE", c"invalid resource handle"),
        NOT_READY => (c"CUDA_ERROR_NOT_READY", c"device not ready"),
        _ => (c"CUDA_ERROR_UNKNOWN", c"unknown error"),
    }
}
