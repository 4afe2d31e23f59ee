//! `kareto tune-ttl`: one TTL for each prefix group of a trace, chosen by [`kareto::ttl`], for people.

mod command;
mod json;
mod show;

pub(crate) use command::{TuneTtl, tune_ttl};
