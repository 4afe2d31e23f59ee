//! What experiment files can name.

use kareto::SearchRegistry;
use kv_core::policy::Registry;

/// What experiment files can name: a table for each kind. Whoever assembles a program adds rows of their own.
#[derive(Clone)]
pub struct Registries {
    /// Eviction and lease policies.
    pub policies: Registry,
    /// Routers.
    pub routers: Registry,
    /// Schedulers.
    pub schedulers: Registry,
    /// Searches of design spaces.
    pub searches: SearchRegistry,
}

impl Registries {
    /// What comes with Kareto.
    #[must_use]
    pub fn builtin() -> Self {
        Self {
            policies: policies::registry(),
            routers: policies::routers(),
            schedulers: policies::schedulers(),
            searches: kareto::search::registry(),
        }
    }

    /// One table of policies, routers and schedulers: a file says by the place of a name which role it means.
    #[must_use]
    pub fn of_all_roles(&self) -> Registry {
        Registry::new(&[self.policies.specs(), self.routers.specs(), self.schedulers.specs()].concat())
    }
}
