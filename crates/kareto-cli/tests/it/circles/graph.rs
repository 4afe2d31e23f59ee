//! Circles of a small directed graph.

use std::collections::{BTreeMap, BTreeSet};

use super::imports::Module;

/// What each module imports.
pub(super) type Graph = BTreeMap<Module, BTreeSet<Module>>;

/// Strongly connected components of two modules or more: all modules from which a way leads to each other and back.
pub(super) fn circles(graph: &Graph) -> BTreeSet<Vec<Module>> {
    let reached: BTreeMap<&Module, BTreeSet<&Module>> =
        graph.keys().map(|module| (module, reachable(graph, module))).collect();
    let back = |from: &Module, to: &Module| reached.get(from).is_some_and(|all| all.contains(to));
    let circle = |(module, all): (&&Module, &BTreeSet<&Module>)| -> Vec<Module> {
        all.iter().filter(|other| back(other, module)).map(|other| (*other).clone()).collect()
    };
    reached.iter().map(circle).filter(|circle| circle.len() > 1).collect()
}

fn reachable<'a>(graph: &'a Graph, start: &'a Module) -> BTreeSet<&'a Module> {
    let (mut seen, mut to_visit) = (BTreeSet::new(), vec![start]);
    while let Some(module) = to_visit.pop() {
        to_visit.extend(graph.get(module).into_iter().flatten().filter(|next| seen.insert(*next)));
    }
    seen
}
