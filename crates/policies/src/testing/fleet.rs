//! Instances in miniature: what a router answers for given loads and caches.

use super::script::checked;
use kv_core::TraceBuilder;
use kv_core::policy::{Build, Fleet, Role, RouterContext, Spec};

/// Instances whose loads and caches stay as they are: (requests, cached blocks of every prompt) of each.
struct Still<'a>(&'a [(usize, usize)]);

impl Fleet for Still<'_> {
    fn instances(&self) -> usize {
        self.0.len()
    }

    fn load(&self, instance: usize) -> usize {
        self.0[instance].0
    }

    fn cached_blocks(&self, instance: usize) -> usize {
        self.0[instance].1
    }
}

/// The instances that a router of the catalogue, with default parameters, chooses for a number of requests. The fleet has
/// (requests, cached blocks of every prompt) of each instance and stays as it is.
///
/// # Panics
/// On an unknown router, or one with a required parameter.
#[must_use]
pub fn route(router: &str, fleet: &[(usize, usize)], requests: usize) -> Vec<usize> {
    let registry = crate::routers();
    route_spec(registry.find(Role::Router, router).expect("a router of the catalogue"), &[], fleet, requests)
}

/// As [`route`], for a router that is not in the catalogue.
///
/// # Panics
/// If the spec is not that of a router, a parameter is outside its range, or an answer is not an instance.
#[must_use]
pub fn route_spec(
    spec: &Spec,
    params: &[(&str, f64)],
    fleet: &[(usize, usize)],
    requests: usize,
) -> Vec<usize> {
    let Build::Router(build) = spec.build else { panic!("`{}` is not a router", spec.name) };
    let mut builder = TraceBuilder::new(1);
    for request in 0..requests as u64 {
        builder.push(request, 1, 1, &[request], None).expect("one block");
    }
    let trace = builder.finish();
    let context = RouterContext { trace: &trace, instances: fleet.len(), seed: 1 };
    let mut router = build(&checked(spec, params), &context);
    let chosen: Vec<usize> = trace.requests().map(|request| router.choose(&request, &Still(fleet))).collect();
    assert!(chosen.iter().all(|&instance| instance < fleet.len()), "{chosen:?} of {} instances", fleet.len());
    chosen
}
