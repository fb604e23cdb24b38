//! `galactl lint` for Galera: a server's schema, or a dump.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use anyhow::Context as _;

use super::Args;
use crate::cli::inputs::Inputs;
use crate::cli::look;
use crate::exit::{CommandError, End, Kind};
use crate::galera::facts::HostFacts;
use crate::galera::lint::sql::{Dump, foreign};
use crate::galera::lint::{Place, Report, Schema, with_regions};
use crate::galera::observation::Observation;
use crate::galera::observe;
use crate::galera::observe::written::NotTold;
use crate::kernel::judge::PLACE;
use crate::kernel::lint::{Acceptance, Source};
use crate::kernel::model::{NodeName, Secrets};
use crate::kernel::transport::Fleet;
use crate::ui::lint_regions;

/// Where nobody says how many nodes the cluster is to have.
const USUAL_NODES: u64 = 3;
/// Bytes of a dump that are read at once.
const CHUNK: usize = 1 << 16;
/// Bytes by which a file's form is told.
const HEAD: u64 = 1024;

pub fn run(args: &Args, inputs: Option<&Inputs>) -> Result<End, CommandError> {
    let report = match (&args.dump, inputs) {
        (Some(file), inputs) => of_dump(args, file, inputs)?,
        (None, Some(inputs)) => of_server(args, inputs)?,
        (None, None) => of_server(args, &args.source.read()?)?,
    };
    Ok(args.shown(&report, &lint_regions(&report)))
}

/// An inventory is needed only for what it accepts, and for the number of its nodes.
fn of_dump(args: &Args, file: &Path, inputs: Option<&Inputs>) -> Result<Report, CommandError> {
    let of_inventory = inputs.map(|inputs| inputs.inventory.nodes.len() as u64);
    let arbitrators = inputs.map_or(0, |inputs| inputs.inventory.arbitrators().len() as u64);
    let accepted: &[Acceptance] = inputs.map_or(&[], |inputs| &inputs.inventory.lint_accepts);
    let nodes = args.nodes.or(of_inventory).unwrap_or(USUAL_NODES);
    let name = file.display().to_string();
    let schema = match file == Path::new("-") {
        true => read(io::stdin().lock(), "<stdin>")?,
        false => read(opened(file, &name)?, &name)?,
    };
    if schema.tables.is_empty() && schema.programs.is_empty() && schema.sequences.is_empty() {
        let error = CommandError::error(format!("{name} defines no table, sequence, routine or view"));
        return Err(error.hint("a dump is the text of mariadb-dump or mysqldump; for a compressed one: zcat FILE | galactl lint --dump -"));
    }
    let place = Place { nodes, arbitrators, member: false };
    Ok(with_regions(schema, Source::Dump(name), place, accepted, args.region.as_deref()))
}

fn opened(file: &Path, name: &str) -> Result<File, CommandError> {
    File::open(file).map_err(|error| {
        let error = CommandError::error(format!("{name}: {error}"));
        error.hint("write the dump first: mariadb-dump --no-data --routines --events --databases NAME > FILE")
    })
}

fn read(mut source: impl Read, name: &str) -> Result<Schema, CommandError> {
    let (mut dump, mut buffer, mut head) = (Dump::new(name), vec![0; CHUNK], Vec::new());
    source.by_ref().take(HEAD).read_to_end(&mut head).with_context(|| name.to_owned())?;
    if let Some((why, next)) = foreign(&head) {
        return Err(CommandError::error(format!("{name} {why}")).hint(next));
    }
    dump.feed(&head);
    loop {
        match source.read(&mut buffer).with_context(|| name.to_owned())? {
            0 => return Ok(dump.finish()),
            length => dump.feed(&buffer[..length]),
        }
    }
}

fn of_server(args: &Args, inputs: &Inputs) -> Result<Report, CommandError> {
    let (node, place, schema) = look::run(async {
        let fleet = look::connect(inputs.inventory.hosts(), &inputs.base).await?;
        let reports = observe::ask(&inputs.inventory, &fleet).await;
        let mut secrets = Secrets::default();
        reports.take_over(&inputs.inventory, &mut secrets);
        let observation = reports.observation(&secrets);
        let asked = ask(args, inputs, &fleet, &observation).await;
        fleet.close().await;
        asked
    })
    .map_err(|error| error.settled(&inputs.invocation()))?;
    let accepted = &inputs.inventory.lint_accepts;
    Ok(with_regions(schema, Source::Server(node), place, accepted, args.region.as_deref()))
}

/// With what makes it possible.
fn not_told(why: &NotTold) -> CommandError {
    let numbers =
        "a number of its own for each node: `mysqld: {server_id: 1}`, `mysqld: {server_id: 2}` and so on";
    let then = format!(
        "then galactl apply-config {PLACE}, which restarts one node after the other. That switches off events that were made with \
         another server_id: afterwards, ALTER EVENT NAME ENABLE on the node that is to run them"
    );
    let hint = match why {
        NotTold::NoLog => format!(
            "write in the inventory `mysqld: {{log_bin: binlog, expire_logs_days: 1}}`, and {numbers}; {then}"
        ),
        NotTold::SameId(..) => format!("write in the inventory {numbers}; {then}"),
        NotTold::Unread(..) => "name another member with --node".to_owned(),
    };
    CommandError::error(why.to_string()).hint(hint)
}

/// Asks the node that was named, or a member, or the seed.
async fn ask(
    args: &Args,
    inputs: &Inputs,
    fleet: &Fleet,
    observation: &Observation,
) -> Result<(NodeName, Place, Schema), CommandError> {
    let inventory = &inputs.inventory;
    if let Some(name) = args.node.as_ref().filter(|name| inventory.node(name).is_none()) {
        let known: Vec<_> = inventory.nodes.iter().map(|node| node.name.as_str()).collect();
        let error = CommandError::error(format!("the inventory has no data node `{name}`"));
        return Err(error.hint(format!("its data nodes are {}", known.join(", "))));
    }
    let member = || {
        let mut order = inventory.start_order().map(|node| &node.name);
        order.find(|name| observation.facts(name).is_some_and(HostFacts::is_primary))
    };
    let name = args.node.as_ref().or_else(member).unwrap_or(&inventory.seed);
    let (Some(host), Some(facts)) = (fleet.host_of(name), observation.facts(name)) else {
        let why = fleet.why_unreachable(name).map_or_else(|| "it was not seen".into(), ToString::to_string);
        return Err(CommandError::new(Kind::Unreachable, format!("{name}: {why}")).hint(format!(
            "galactl check {PLACE} tells what to do about it; or name another node with --node"
        )));
    };
    let mut schema =
        observe::schema::whole(fleet, observation, (name, facts), &host).await.map_err(|why| {
            let hint = format!(
                "galactl doctor {PLACE} tells what is wrong with it; or name another node with --node"
            );
            CommandError::error(format!("{name}: its server does not tell its schema: {why}")).hint(hint)
        })?;
    if let (Some(column), Some(seconds)) = (&args.region, args.written) {
        let told = observe::written::written(fleet, observation, name, (&schema, column), seconds).await;
        schema.written = Some((column.clone(), told.map_err(|why| not_told(&why))?));
    }
    schema.wanted = inventory.node(name).into_iter().flat_map(|node| node.mysqld.keys().cloned()).collect();
    let place = Place {
        nodes: inventory.nodes.len() as u64,
        arbitrators: inventory.arbitrators().len() as u64,
        member: facts.is_primary(),
    };
    Ok((name.clone(), place, schema))
}
