//! Work on several threads at once, timed from when all have begun until the last has ended.

use std::sync::Barrier;
use std::thread;

use crate::clock::Start;

/// Runs all pieces of work, each on a thread of its own, and returns how long they took together \[s\]. Making the threads
/// is not timed.
///
/// # Errors
/// The first error of any piece.
pub(crate) fn timed<E: Send>(work: Vec<impl FnOnce() -> Result<(), E> + Send>) -> Result<f64, E> {
    let barrier = &Barrier::new(work.len());
    let epoch = Start::now();
    let ends = thread::scope(|scope| {
        let lane = |piece: _| {
            let piece: Box<dyn FnOnce() -> Result<(), E> + Send> = Box::new(piece);
            scope.spawn(move || {
                barrier.wait();
                let from = epoch.elapsed_s();
                piece().map(|()| (from, epoch.elapsed_s()))
            })
        };
        let running: Vec<_> = work.into_iter().map(lane).collect();
        running
            .into_iter()
            .map(|one| one.join().expect("no piece of work panics"))
            .collect::<Result<Vec<_>, E>>()
    })?;
    let first = ends.iter().map(|(from, _)| *from).fold(f64::INFINITY, f64::min);
    let last = ends.iter().map(|(_, to)| *to).fold(0.0, f64::max);
    Ok((last - first).max(0.0))
}
