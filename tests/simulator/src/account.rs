//! An account at the simulated registrar, with a world of its own.

use std::collections::HashMap;
use std::sync::Arc;

use crate::world::World;

#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) login: String,
    pub(crate) secret: String,
    pub(crate) world: World,
    /// Ordered and filtered lists by their query, of one version of the world.
    lists: HashMap<String, Arc<Vec<u32>>>,
    lists_of: u64,
}

/// Lists that are kept; a walk through pages needs one.
const LISTS: usize = 8;

impl Account {
    pub(crate) fn new(login: String, secret: String, world: World) -> Self {
        Self { login, secret, world, lists: HashMap::new(), lists_of: 0 }
    }

    pub(crate) fn cached_list(&mut self, key: &str) -> Option<Arc<Vec<u32>>> {
        if self.lists_of != self.world.version() {
            self.lists.clear();
            self.lists_of = self.world.version();
        }
        self.lists.get(key).map(Arc::clone)
    }

    pub(crate) fn cache_list(&mut self, key: String, list: Arc<Vec<u32>>) {
        if self.lists.len() >= LISTS {
            self.lists.clear();
        }
        self.lists.insert(key, list);
    }
}
