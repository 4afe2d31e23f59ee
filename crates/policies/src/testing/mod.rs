//! A tier in miniature, to watch a policy at work: for doctests, tests and benches, and for authors of new
//! policies.
//!
//! [`Tier`] owns residency as the simulator does and holds a policy to its contract. [`replay()`] counts the
//! hits of a whole trace. [`play`] and [`play_lease`] turn a line of letters into a line that shows what
//! happened. The tier has no bytes and no transfers, and its only times are the arrivals of requests.
//!
//! [`route`] shows what a router answers, and [`play_step`] what a scheduler puts into a step.

mod fleet;
#[cfg(test)]
mod look;
mod replay;
mod script;
mod step;
mod tier;

pub use fleet::{route, route_spec};
#[cfg(test)]
pub(crate) use look::Look;
pub use replay::{Hits, Pins, replay};
pub use script::{play, play_lease, play_spec};
pub use step::{Queue, play_step, play_step_spec};
pub use tier::{Tier, Touch};
