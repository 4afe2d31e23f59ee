//! What the program does when it is told to stop: files that are not finished are removed, and it ends as it would have.

/// Waits for the signals that end a program, on a thread of its own. A signal that whoever started the program told it to
/// ignore (as `nohup` does) stays ignored.
#[cfg(unix)]
pub(crate) fn watch() {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

    let ignored = ignored();
    let chosen = [SIGHUP, SIGINT, SIGTERM].into_iter().filter(|signal| ignored >> (signal - 1) & 1 == 0);
    let chosen: Vec<i32> = chosen.collect();
    let waiting = move || {
        let Ok(mut signals) = Signals::new(chosen) else { return };
        if let Some(signal) = signals.forever().next() {
            let _nothing_is_begun = whole_file::abandon();
            drop(emulate_default_handler(signal)); // ends the process
            std::process::exit(128 + signal);
        }
    };
    // It does little, and memory is dear. Without it a signal ends the program all the same.
    drop(std::thread::Builder::new().stack_size(64 << 10).spawn(waiting));
}

/// The signals that this process ignores, one bit each, the first signal lowest. 0 where the system does not say.
#[cfg(unix)]
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    line.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

/// Elsewhere the system ends the program.
#[cfg(not(unix))]
pub(crate) fn watch() {}
