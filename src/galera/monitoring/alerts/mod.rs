//! The alerts, in the order of the rules file. Each file has those of one kind.

mod certificates;
mod exporters;
mod hosts;
mod membership;
mod proxies;
mod replication;
mod status;
mod writes;

use super::alert::Alert;

/// All of them; which of them a cluster has depends on its inventory.
pub fn alerts() -> impl Iterator<Item = &'static Alert> {
    let kinds = [
        membership::ALERTS,
        writes::ALERTS,
        replication::ALERTS,
        proxies::ALERTS,
        hosts::ALERTS,
        certificates::ALERTS,
        exporters::ALERTS,
        status::ALERTS,
    ];
    kinds.into_iter().flatten()
}
