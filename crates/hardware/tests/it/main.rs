//! The laws found in measurements, real and made up.

mod known_laws;
mod measured_h100;
