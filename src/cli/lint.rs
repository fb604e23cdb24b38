//! `galactl lint`

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::args::SourceArgs;
use super::inputs::Inputs;
use super::look;
use crate::exit::{CommandError, End, Kind};
use crate::galera::facts::HostFacts;
use crate::galera::lint::sql::{Dump, foreign};
use crate::galera::lint::{Acceptance, Place, Report, Schema, Source, with_regions};
use crate::galera::observation::Observation;
use crate::galera::observe;
use crate::galera::observe::written::NotTold;
use crate::kernel::judge::{PLACE, Severity};
use crate::kernel::model::{NodeName, Secrets};
use crate::kernel::transport::Fleet;
use crate::ui::{JsonEvents, Printer, lint_markdown, lint_text};

/// Where nobody says how many nodes the cluster is to have.
const USUAL_NODES: u64 = 3;
/// Bytes of a dump that are read at once.
const CHUNK: usize = 1 << 16;
/// Bytes by which a file's form is told.
const HEAD: u64 = 1024;

/// Tell what in the databases does not fit a Galera cluster
///
/// Reads the schema of a running server, before or after the move into a cluster, or a dump offline, and changes
/// nothing: tables, keys, sequences, triggers, events and routines, and on a server its settings. Each finding has the
/// statement that mends it. Exits with 0 where there is nothing worse than a note, 5 where something is degraded, and
/// 6 where something is critical.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galactl lint shop.yaml                        the schema of the cluster, or of the seed before the bootstrap
  galactl lint shop.yaml --node db2             the schema as it is on this node
  galactl lint --dump shop.sql --nodes 3        a dump, without any host
  galactl lint shop.yaml --region site          also: which tables several sites may write at once
  galactl lint shop.yaml --region site --written 3600   … and whether each site's rows were written by one node
  zcat shop.sql.gz | galactl lint --dump - --strict --output markdown   in CI")]
pub struct Args {
    /// Read this dump of mariadb-dump or mysqldump, and ask no host; `-` reads standard input
    #[arg(long, value_name = "FILE", conflicts_with = "node")]
    dump: Option<PathBuf>,
    /// Data nodes of the cluster that the dump is for. Default: those of the inventory, or 3
    #[arg(long, value_name = "N", requires = "dump", value_parser = clap::value_parser!(u64).range(1..=255))]
    nodes: Option<u64>,
    /// Ask this node's server. Default: a member of the cluster, or else the seed
    #[arg(long, value_name = "NAME")]
    node: Option<NodeName>,
    /// Tell also for which tables this column gives each row to one region, which alone writes it
    #[arg(long, value_name = "COLUMN")]
    region: Option<String>,
    /// Ask a member's binary log which node wrote which rows of a region in the last SECONDS, and tell those that several did
    #[arg(long, value_name = "SECONDS", requires = "region", conflicts_with = "dump", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    written: Option<u64>,
    /// Exit with 5 for notes as well, and for what could not be read
    #[arg(long)]
    strict: bool,
    /// How to show the result
    #[arg(long, value_enum, default_value = "text")]
    output: LintFormat,
    #[command(flatten)]
    source: SourceArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum LintFormat {
    Text,
    Json,
    /// For a comment on a pull request
    Markdown,
}

pub fn run(args: &Args) -> Result<End, CommandError> {
    let report = match &args.dump {
        Some(file) => of_dump(args, file)?,
        None => of_server(args)?,
    };
    match args.output {
        LintFormat::Text => Printer::data(&lint_text(&report, Printer::width_of_data())),
        LintFormat::Json => JsonEvents::line(&report),
        LintFormat::Markdown => Printer::data(&lint_markdown(&report)),
    }
    Ok(end(&report, args.strict))
}

fn end(report: &Report, strict: bool) -> End {
    match report.worst() {
        Some(Severity::Critical) => End::Critical,
        Some(Severity::Degraded) => End::Degraded,
        Some(Severity::Note) if strict => End::Degraded,
        _ if strict && !report.unread.is_empty() => End::Degraded,
        _ => End::Done,
    }
}

/// An inventory is needed only for what it accepts, and for the number of its nodes.
fn of_dump(args: &Args, file: &Path) -> Result<Report, CommandError> {
    let inputs = args.source.inventory.as_ref().map(|_| args.source.read()).transpose()?;
    let of_inventory = inputs.as_ref().map(|inputs| inputs.inventory.nodes.len() as u64);
    let arbitrators = inputs.as_ref().map_or(0, |inputs| inputs.inventory.arbitrators().len() as u64);
    let accepted: &[Acceptance] = inputs.as_ref().map_or(&[], |inputs| &inputs.inventory.lint_accepts);
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

fn of_server(args: &Args) -> Result<Report, CommandError> {
    let inputs = args.source.read()?;
    let (node, place, schema) = look::run(async {
        let fleet = look::connect(inputs.inventory.hosts(), &inputs.base).await?;
        let reports = observe::ask(&inputs.inventory, &fleet).await;
        let mut secrets = Secrets::default();
        reports.take_over(&inputs.inventory, &mut secrets);
        let observation = reports.observation(&secrets);
        let asked = ask(args, &inputs, &fleet, &observation).await;
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
