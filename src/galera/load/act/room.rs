//! Whether a node has room for what a load test needs: connections, and lines in its log.

use super::{Order, possible};
use crate::galera::guest::act::Way;
use crate::galera::sql::Database;
use crate::kernel::model::NodeName;
use crate::kernel::run::step_error::StepError;

/// Of a load test on each node beside its clients: one that stands, one that makes tables, one that asks.
const OWN: usize = 3;
const ASK: &str = "SELECT @@max_connections, VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'THREADS_CONNECTED'";

/// Errors: a node has not as many free connections as its clients need.
pub async fn for_connections(way: &Way<'_>, order: &Order) -> Result<(), StepError> {
    let mut nodes = Vec::new();
    for node in &way.inventory.nodes {
        if let Some(server) = way.serving(&node.name).await {
            nodes.push((node.name.clone(), free(&server).await));
        }
    }
    let writers = match order.through_endpoint {
        // A proxy may send all of them to one node.
        true => 1,
        false => possible(&order.layouts, nodes.len()).iter().map(|layout| layout.writers).min().unwrap_or(1),
    };
    let known = nodes.into_iter().filter_map(|(node, free)| Some((node, free?)));
    match known.min_by_key(|(_, (_, free))| *free) {
        Some((node, (most, free))) => enough(&node, most, free, order.asked.clients, writers),
        None => Ok(()),
    }
}

/// `max_connections`, and how many of them are free; `None`: the server does not tell.
async fn free(server: &Database) -> Option<(usize, usize)> {
    let rows = server.run(&[ASK]).await.ok()?;
    let [most, used] = &rows.first()?[..] else { return None };
    let most: usize = most.parse().ok()?;
    Some((most, most.saturating_sub(used.parse().ok()?)))
}

fn enough(
    node: &NodeName,
    most: usize,
    free: usize,
    clients: usize,
    writers: usize,
) -> Result<(), StepError> {
    let there = clients.div_ceil(writers.max(1));
    if there + OWN <= free {
        return Ok(());
    }
    let fit = free.saturating_sub(OWN) * writers.max(1);
    let advice = match fit {
        0 => "raise max_connections first".to_owned(),
        fit => format!("--clients {fit} fits"),
    };
    Err(StepError::surprise(format!(
        "{node} has {free} free connections of {most} (max_connections), and {clients} clients of a load test need {} there: {advice}",
        there + OWN
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_clients_that_fits_is_told() {
        let node = "db1".parse().expect("a name");
        assert!(enough(&node, 151, 100, 97, 1).is_ok() && enough(&node, 151, 40, 100, 3).is_ok());
        let told =
            |free, clients, writers| enough(&node, 20, free, clients, writers).expect_err("too many").message;
        assert!(
            told(10, 20, 1).ends_with("20 clients of a load test need 23 there: --clients 7 fits"),
            "{}",
            told(10, 20, 1)
        );
        assert!(told(10, 30, 3).ends_with("need 13 there: --clients 21 fits"), "{}", told(10, 30, 3));
        assert!(told(2, 1, 1).ends_with("raise max_connections first"));
        assert!(enough(&node, 20, 10, 7, 1).is_ok() && enough(&node, 20, 10, 21, 3).is_ok());
    }
}
