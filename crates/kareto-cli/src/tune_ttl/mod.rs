//! `kareto tune-ttl`: one TTL for each prefix group of a trace, chosen by [`kareto::ttl`], for people.

mod answer;
mod command;
mod show;

pub(crate) use command::{TuneTtl, tune_ttl};
