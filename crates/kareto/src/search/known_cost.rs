//! What a simulator knows of the cost of a configuration before it simulates.

use crate::space::Point;

/// Two identities that hold exactly in a simulator: throughput is tokens over makespan, and cost is a rate times the
/// makespan. Of the rate a part is known from the point alone.
///
/// A search asks for what it needs, when it needs it. Nothing is computed for points that no search looks at.
pub trait KnownCost: Send + Sync {
    /// Prompt and output tokens of the trace: throughput times makespan.
    fn tokens(&self) -> f64;

    /// When the last request arrives \[s\]: no makespan is shorter.
    fn arriving_s(&self) -> f64;

    /// Cost per second of makespan of all that is bought at a given size, GPUs included. 0 where nothing is known of a point.
    fn per_s(&self, point: &Point) -> f64;
}
