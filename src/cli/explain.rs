//! `galactl explain`

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use clap_complete::ArgValueCompleter;
use serde::Serialize;

use super::args::ResultArgs;
use super::change::no_node;
use super::complete::{inventory_or_member, members};
use super::engine::{Engine as _, Name, Patroni};
use super::inputs::Inputs;
use super::load::Source;
use super::look;
use super::which;
use crate::exit::{CommandError, Kind};
use crate::galera::act::Place;
use crate::galera::act::logs::{MOST_LINES, Told, look_into};
use crate::galera::explain::{Starts, explain, shown};
use crate::galera::observe;
use crate::kernel::facts::Seen;
use crate::kernel::inventory::text::harmless;
use crate::kernel::judge::Invocation;
use crate::kernel::model::{NodeName, Secrets};
use crate::kernel::run::event::{Excerpt, Explanation};
use crate::patroni;
use crate::ui::{Format, JsonEvents, Printer, excerpts_text, fold};

/// More than a server logs in a day of trouble.
const LONGEST_LOG: u64 = 64 << 20;

/// Say why a node did not start or did not join
///
/// Reads the logs of the node and, because the donor knows more than its joiner, those of all
/// others: shows the lines that matter, and the cause if it is a known one. Of a start that has not
/// ended it says what it waits for. With engine patroni it reads what the node's own Patroni, PostgreSQL and etcd
/// have logged, and of a proxy its HAProxy. Changes nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galactl explain shop.yaml db2   why db2 did not start or join
  galactl explain - < error.log   a log from elsewhere")]
pub struct Args {
    /// The inventory; `-` reads a server's log from standard input and asks no host. Default:
    /// GALACTL_INVENTORY, or galactl.yaml here
    #[arg(add = ArgValueCompleter::new(inventory_or_member))]
    inventory: Option<PathBuf>,
    /// The node that failed
    #[arg(add = ArgValueCompleter::new(members))]
    node: Option<NodeName>,
    /// How many minutes to look back; a last start that failed before that is read, too
    #[arg(long, default_value_t = 60, value_name = "MINUTES")]
    since: u64,
    #[command(flatten)]
    result: ResultArgs,
}

#[derive(Serialize)]
struct Report<'a> {
    explanation: Option<&'a Explanation>,
    logs: &'a [Excerpt],
}

pub fn run(args: &Args) -> Result<(), CommandError> {
    if args.inventory.as_deref() == Some(Path::new("-")) {
        return on_stdin(args.result.output);
    }
    let (inventory, nodes) = which::with_nodes(args.inventory.as_deref(), args.node.as_slice())?;
    match nodes.as_slice() {
        [node] => on_hosts(args, &inventory, node),
        [_, more, ..] => Err(CommandError::error(format!("one node at a time: not {more} as well"))),
        [] => Err(CommandError::error("which node failed?")
            .hint("name it after the inventory; or pipe a log in: galactl explain - < error.log")),
    }
}

/// The log has no node; its lines are shown as they are, but for those that set a password.
fn on_stdin(format: Format) -> Result<(), CommandError> {
    let mut bytes = Vec::new();
    std::io::stdin().take(LONGEST_LOG).read_to_end(&mut bytes).context("standard input")?;
    let log = String::from_utf8_lossy(&bytes);
    let log = harmless(&log);
    let of_patroni = patroni::explain::explain(&log);
    let is_patronis = of_patroni.is_some();
    let explanation = of_patroni.or_else(|| explain(&[&log], &[]));
    let explanation = explanation.map(|it| it.settled(&Invocation::without_inventory()));
    match format {
        Format::Json => JsonEvents::line(&Report { explanation: explanation.as_ref(), logs: &[] }),
        Format::Text => {
            let lines = match is_patronis {
                true => patroni::explain::shown(&log, true, MOST_LINES),
                false => shown(&log, Starts::All, explanation.is_some(), MOST_LINES),
            };
            show(&lines.join("\n"), explanation.as_ref());
        }
    }
    Ok(())
}

fn on_hosts(args: &Args, inventory: &Path, node: &NodeName) -> Result<(), CommandError> {
    let source = Source::read(inventory)?;
    if source.engine()? == Name::Patroni {
        return on_hosts_of_patroni(args, &Inputs::of(&source, None)?, node);
    }
    if source.engine()? == Name::Mesh {
        return Err(Name::Mesh.not_there());
    }
    let inputs: Inputs = Inputs::of(&source, None)?;
    if inputs.inventory.node(node).is_none() {
        return Err(no_node(node));
    }
    let span = Duration::from_secs(args.since.saturating_mul(60));
    let Told { logs, explanation } = look::run(ask(&inputs, node, span))?;
    let explanation = explanation.map(|it| it.settled(&inputs.invocation()));
    match args.result.output {
        Format::Json => JsonEvents::line(&Report { explanation: explanation.as_ref(), logs: &logs }),
        Format::Text => show(&excerpts_text(&logs), explanation.as_ref()),
    }
    Ok(())
}

/// What one host has logged. Its server's log is in the same journal.
fn on_hosts_of_patroni(args: &Args, inputs: &Inputs<Patroni>, node: &NodeName) -> Result<(), CommandError> {
    let Inputs { inventory, base, .. } = inputs;
    if inventory.entries().iter().all(|listed| listed.entry.name() != node) {
        return Err(no_node(node));
    }
    let span = Duration::from_secs(args.since.saturating_mul(60));
    let units = patroni::observe::logs::units(inventory, node);
    let log = look::run(async {
        let fleet = look::connect(inventory.hosts(), base).await?;
        let mut secrets = Patroni::secrets(inventory, base).unwrap_or_default();
        patroni::observe::ask(inventory, &fleet).await.complete(&mut secrets);
        let log = patroni::observe::logs::of(&fleet, node, units, span, &secrets).await;
        fleet.close().await;
        log.map_err(|why| CommandError::new(Kind::Unreachable, format!("{node}: {why}")))
    })?;
    let explanation = patroni::explain::explain(&log).map(|it| it.settled(&inputs.invocation()));
    let lines = patroni::explain::shown(&log, explanation.is_some(), MOST_LINES);
    let lines = lines.into_iter().map(str::to_owned).collect();
    let logs = [Excerpt { node: node.clone(), log: units.join(" and "), lines }];
    match args.result.output {
        Format::Json => JsonEvents::line(&Report { explanation: explanation.as_ref(), logs: &logs }),
        Format::Text => show(&excerpts_text(&logs), explanation.as_ref()),
    }
    Ok(())
}

/// Errors: the node itself cannot be reached. Any other node that cannot be reached is only mentioned.
async fn ask(inputs: &Inputs, node: &NodeName, span: Duration) -> Result<Told, CommandError> {
    let Inputs { inventory, base, .. } = inputs;
    let fleet = look::connect(inventory.hosts(), base).await?;
    let observation = observe::ask(inventory, &fleet).await.observation(&Secrets::default());
    for (name, seen) in &observation.nodes {
        let Seen::Unreachable(why) = seen else { continue };
        if name == node {
            fleet.close().await;
            return Err(CommandError::new(Kind::Unreachable, format!("{name}: {why}")));
        }
        Printer::tell(&format!("note: the log of {name} is not in this: {why}"));
    }
    let told = look_into(inventory, &fleet, &Place::all(&observation), node, span).await;
    fleet.close().await;
    Ok(told)
}

fn show(lines: &str, explanation: Option<&Explanation>) {
    let lines = lines.trim_end();
    let cause = match explanation {
        Some(Explanation { cause, next, .. }) => format!("cause: {cause}\nnext: {next}"),
        None if lines.is_empty() => "cause: none that galactl knows, because the log is empty".into(),
        None => "cause: none that galactl knows; above are the newest lines, and those that speak of errors"
            .into(),
    };
    let cause = fold(&cause, Printer::width_of_data());
    Printer::data(&if lines.is_empty() { cause } else { format!("{lines}\n{cause}") });
}
