//! Logs of the hosts around a failure, and what these hosts do at this moment. All that explains anything reads
//! them here.

mod printed;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::context::{Context, Place};
use crate::galera::explain::donors::of_this_transfer;
use crate::galera::explain::now::{Now, filtered, starting, transfer};
use crate::galera::explain::{Starts, explain_starts, newest_start, shown};
use crate::galera::inventory::Inventory;
use crate::kernel::model::NodeName;
use crate::kernel::run::event::{Excerpt, Explanation};
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::{Fleet, RemoteCommand};
use printed::Logs;
pub use printed::split;

const SCRIPT: &str = include_str!("logs.sh");
/// How far back the script looks.
const SINCE_THE_LAST_START: &str = "own";
const NO_FURTHER: &str = "";
/// Lines of one log that are shown.
pub const MOST_LINES: usize = 12;
/// Clocks differ, and the interesting line may stand just before the step.
const MARGIN: Duration = Duration::from_secs(5);
/// A server that systemd starts again and again has failed before its last start, too. Any other's earlier starts are
/// over, and what others said of them; both clocks count whole seconds.
const STARTS: Duration = Duration::from_secs(30);
const ONE_START: Duration = Duration::from_secs(1);

/// What the hosts' logs tell of one node's failure.
#[derive(Debug, Default)]
pub struct Told {
    /// The lines that matter, the node's own first.
    pub logs: Vec<Excerpt>,
    /// The cause, if it is a known one; or what a start that has not ended waits for.
    pub explanation: Option<Explanation>,
}

/// Reads the logs of all nodes, as far back as `span`, and those of the node itself since its last start, where that
/// one failed earlier.
pub async fn look_into(
    inventory: &Inventory,
    fleet: &Fleet,
    places: &BTreeMap<NodeName, Place>,
    node: &NodeName,
    span: Duration,
) -> Told {
    let asking = Asking { unit: inventory.host.unit.as_str(), fleet, places };
    asking.about(inventory, node, span, SINCE_THE_LAST_START).await
}

/// Whom to ask, and where their things are.
struct Asking<'a> {
    unit: &'a str,
    fleet: &'a Fleet,
    places: &'a BTreeMap<NodeName, Place>,
}

impl Asking<'_> {
    /// The logs of the other nodes are read only since the node's last start, because what they said of an earlier
    /// one may be mended. A host that does not answer adds nothing.
    async fn about(&self, inventory: &Inventory, node: &NodeName, span: Duration, far: &'static str) -> Told {
        let own = self.of(std::slice::from_ref(node), span, far).await.pop();
        let own = own.map_or_else(Logs::default, |(_, logs)| logs);
        let others: Vec<_> =
            inventory.nodes.iter().map(|other| other.name.clone()).filter(|name| name != node).collect();
        let span = own.looked_back.unwrap_or(span);
        let margin = if own.now.restarts > 0 { STARTS } else { ONE_START };
        let span = own.began.map_or(span, |began| span.min(began + margin));
        let others = self.of(&others, span, NO_FURTHER).await;
        let data = others.iter().filter_map(|(name, _)| self.places.get(name)).map(|it| it.data_bytes).max();
        judged(node, &own, &others, data)
    }

    /// The logs of these nodes, in their order, asked all at once.
    async fn of(&self, nodes: &[NodeName], span: Duration, far: &'static str) -> Vec<(NodeName, Logs)> {
        let mut tasks = JoinSet::new();
        for (number, node) in nodes.iter().enumerate() {
            let (Some(host), Some(place)) = (self.fleet.host_of(node), self.places.get(node)) else {
                continue;
            };
            let seconds = span.as_secs().to_string();
            let words = [self.unit, &seconds, &place.datadir, &place.socket, far].map(str::to_owned);
            let command = RemoteCommand::new(SCRIPT, words);
            let node = node.clone();
            tasks.spawn(async move {
                let said = host.run(command).await.map(|output| output.stdout).unwrap_or_default();
                (number, node, Logs::read(split(&said)))
            });
        }
        let mut told = tasks.join_all().await;
        told.sort_by_key(|(number, ..)| *number);
        told.into_iter().map(|(_, node, logs)| (node, logs)).collect()
    }
}

/// `data` is how many bytes the others hold.
fn judged(node: &NodeName, own: &Logs, others: &[(NodeName, Logs)], data: Option<u64>) -> Told {
    // Where systemd has started the server again, the logs of the earlier starts say why it failed.
    let starts = match own.now.starting && own.now.restarts == 0 {
        true => Starts::Newest,
        false => Starts::All,
    };
    let start = newest_start(&own.server);
    let of_others: Vec<_> =
        others.iter().map(|(_, logs)| of_this_transfer(&logs.server, &start, starts)).collect();
    let beside = |logs: &'_ Logs| logs.beside.iter().map(|(_, text)| text.clone()).collect::<Vec<_>>();
    let of_others = [of_others, others.iter().flat_map(|(_, logs)| beside(logs)).collect()].concat();
    let own_texts = [vec![own.server.clone()], beside(own)].concat();
    let explained = |starts| explain_starts(starts, &as_texts(&own_texts), &as_texts(&of_others));
    let nows: Vec<(&NodeName, &Now)> = others.iter().map(|(name, logs)| (name, &logs.now)).collect();
    let explanation = match own.now.starting {
        true => filtered(&own.now, &nows)
            .or_else(|| explained(Starts::Newest))
            .or_else(|| transfer(node, &own.now, &start, data))
            .or_else(|| explained(starts)),
        false => filtered(&own.now, &nows).or_else(|| explained(starts)),
    };
    let mut logs = excerpts(node, own, |text| shown(text, starts, explanation.is_some(), MOST_LINES));
    for (name, other) in others {
        logs.extend(excerpts(name, other, |text| shown(text, Starts::All, true, MOST_LINES)));
    }
    Told { logs, explanation: explanation.or_else(|| own.now.starting.then(starting)) }
}

fn excerpts<'a>(node: &NodeName, logs: &'a Logs, lines: impl Fn(&'a str) -> Vec<&'a str>) -> Vec<Excerpt> {
    let server = std::iter::once((&logs.server_name, &logs.server));
    let all = server.chain(logs.beside.iter().map(|(name, text)| (name, text)));
    let excerpt = |(log, text): (&String, &'a String)| Excerpt {
        node: node.clone(),
        log: log.clone(),
        lines: lines(text).into_iter().map(str::to_owned).collect(),
    };
    all.map(excerpt).filter(|excerpt| !excerpt.lines.is_empty()).collect()
}

/// Adds the relevant lines of all nodes' logs and, if they tell it and it is not known, the cause.
pub async fn explained(
    context: &Arc<Context>,
    mut error: StepError,
    node: &NodeName,
    span: Duration,
) -> StepError {
    let unit = context.inventory.host.unit.as_str();
    let asking = Asking { unit, fleet: &context.fleet, places: &context.places };
    let told = asking.about(&context.inventory, node, span + MARGIN, NO_FURTHER).await;
    error.logs.extend(told.logs);
    error.explanation = error.explanation.or(told.explanation);
    error
}

fn as_texts(logs: &[String]) -> Vec<&str> {
    logs.iter().map(String::as_str).collect()
}
