//! What the twin reports.

use super::Twin;
use tier_sim::{Duplex, LinkStats, RunStats, Scope, TierStats};

impl Twin<'_> {
    pub(super) fn stats(mut self) -> RunStats {
        let end = self.engines.iter().map(|engine| engine.last_ns).max().unwrap_or(0);
        self.engines.iter_mut().for_each(|engine| engine.count(end));
        let tiers = self.tier_stats(end);
        RunStats {
            makespan_ns: end,
            steps: self.engines.iter().map(|engine| engine.steps).sum(),
            computed_tokens: self.engines.iter().map(|engine| engine.computed_tokens).sum(),
            busy_ns: self.engines.iter().map(|engine| engine.busy_ns).sum(),
            tiers,
            links: self.link_stats(),
            longest_request_tokens: self.longest_tokens(),
            requests: self.records,
        }
    }

    /// The longest request that fits the window and an empty HBM.
    fn longest_tokens(&self) -> u32 {
        let by_kv = self.scenario.hbm_blocks * self.block_tokens + 1;
        self.scenario.engine.window_tokens.unwrap_or(by_kv).min(by_kv)
    }

    fn tier_stats(&mut self, end: u64) -> Vec<TierStats> {
        let scenario = self.scenario;
        let bytes = scenario.kv_bytes_per_token * u64::from(self.block_tokens);
        let sum = |of: fn(&super::Engine) -> u64| self.engines.iter().map(of).sum::<u64>();
        let slots = u64::from(scenario.hbm_blocks) * u64::from(scenario.instances);
        let hbm = TierStats {
            name: "hbm".to_owned(),
            capacity_bytes: Some(bytes * slots),
            peak_bytes: bytes * sum(|engine| engine.peak),
            byte_ns: u128::from(bytes) * self.engines.iter().map(|engine| engine.block_ns).sum::<u128>(),
            hit_tokens: self.records.iter().map(|r| u64::from(r.hit_hbm_tokens)).sum(),
            insertions: sum(|engine| engine.pool.insertions),
            evictions: sum(|engine| engine.pool.evictions),
            ..TierStats::default()
        };
        let lower: u64 = self.records.iter().map(|r| u64::from(r.hit_lower_tokens)).sum();
        let mut all = vec![hbm];
        for (number, tier) in scenario.tiers.iter().enumerate() {
            let hit_tokens = match number {
                0 => lower - self.promoted_tokens.iter().sum::<u64>(),
                far => self.promoted_tokens[far],
            };
            let bytes = self.block_bytes[number];
            let stores = &mut self.tiers[number];
            let owners = stores.len() as u64;
            let mut stats = TierStats {
                name: tier.name.clone(),
                capacity_bytes: tier.capacity_blocks.map(|n| bytes * u64::from(n) * owners),
                hit_tokens,
                read_blocks: self.read_blocks[number],
                unread: self.unread[number],
                ..TierStats::default()
            };
            for store in stores {
                store.expire(end);
                store.count(end);
                stats.peak_bytes += bytes * store.peak;
                stats.byte_ns += u128::from(bytes) * store.block_ns;
                stats.insertions += store.insertions;
                stats.evictions += store.evictions;
                stats.expiries += store.expiries;
                stats.rejections += store.rejections;
            }
            all.push(stats);
        }
        all
    }

    fn link_stats(&self) -> Vec<LinkStats> {
        let mut all = Vec::new();
        for (number, tier) in self.scenario.tiers.iter().enumerate() {
            let owners = if tier.scope == Scope::Cluster { 1 } else { self.scenario.instances };
            let names: &[&str] = if tier.duplex == Duplex::Full { &["read", "write"] } else { &["both"] };
            for name in names {
                let links = (0..owners as usize).map(|owner| {
                    let read = self.read_link(number, owner);
                    &self.links[if *name == "write" { self.write_link(number, owner) } else { read }]
                });
                all.push(LinkStats {
                    name: format!("{} {name}", tier.name),
                    links: owners,
                    transfers: links.clone().map(|link| link.transfers).sum(),
                    bytes: links.clone().map(|link| link.bytes).sum(),
                    busy_ns: links.clone().map(|link| link.busy_ns).sum(),
                    queue_ns: links.map(|link| link.queue_ns).sum(),
                });
            }
        }
        all
    }
}
