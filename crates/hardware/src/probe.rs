//! The role of a probe.

use crate::{Error, Point};

/// Carries out transfers on one part of the machine.
///
/// A probe does not repeat, average or judge: [`measure`](crate::measure::measure) does.
pub trait TransferProbe {
    /// The points that it can measure, in the order in which they are best measured.
    fn points(&self) -> Vec<Point>;

    /// What a reader of its figures must know.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    /// Makes ready for transfers of a point: memory is there and was touched. Not timed. Called once before the transfers
    /// of the point, which MUST be one of [`TransferProbe::points`].
    ///
    /// # Errors
    /// There is too little memory or room on the disk, or the machine fails.
    fn prepare(&mut self, point: &Point) -> Result<(), Error>;

    /// Carries out one transfer of the prepared point and waits for its end. Returns how long it took \[s\], by the clock
    /// that knows it best: events on a GPU, the host's clock elsewhere.
    ///
    /// # Errors
    /// The machine fails.
    fn transfer(&mut self, point: &Point) -> Result<f64, Error>;
}
