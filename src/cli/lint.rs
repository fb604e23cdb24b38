//! `galactl lint`

mod of_galera;
mod of_mesh;

use std::path::PathBuf;

use super::args::SourceArgs;
use super::engine::Name;
use crate::exit::{CommandError, End};
use crate::kernel::inventory::note::Note;
use crate::kernel::judge::Severity;
use crate::kernel::lint::Report;
use crate::kernel::model::NodeName;
use crate::ui::{JsonEvents, Printer, lint_markdown, lint_text};

/// Tell what in the databases does not fit a Galera cluster, or a mesh
///
/// Reads the schema of a running server, before or after the move into a cluster, or for Galera a dump offline, and
/// changes nothing: tables, keys, sequences, triggers, events and routines, and for Galera the server's settings. Each
/// finding has the statement that mends it. Exits with 0 where there is nothing worse than a note, 5 where something is degraded, and
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
    /// Ask this node's server. Default: a member of the cluster (of a mesh all of them), or else the seed
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
    // A dump needs no inventory.
    if args.dump.is_some() && args.source.inventory.is_none() {
        return of_galera::run(args, None);
    }
    let source = args.source.source()?;
    match source.engine()? {
        Name::Galera => of_galera::run(args, Some(&args.source.inputs(&source)?)),
        Name::Mesh => of_mesh::run(args, &args.source.inputs(&source)?),
        Name::Patroni => {
            let message = "an inventory of PostgreSQL with Patroni: a standby is a copy of the primary's files, so every schema fits";
            let hint = "galactl doctor tells what is wrong with the cluster";
            Err(source.not_for(Note::error("engine", "engine", message).at_key().hint(hint)))
        }
    }
}

impl Args {
    /// `more`: what the engine tells besides, as text.
    fn shown<R: serde::Serialize>(&self, report: &Report<R>, more: &str) -> End {
        match self.output {
            LintFormat::Text => Printer::data(&lint_text(report, more, Printer::width_of_data())),
            LintFormat::Json => JsonEvents::line(report),
            LintFormat::Markdown => Printer::data(&lint_markdown(report, more)),
        }
        self.end(report)
    }

    fn end<R>(&self, report: &Report<R>) -> End {
        match report.worst() {
            Some(Severity::Critical) => End::Critical,
            Some(Severity::Degraded) => End::Degraded,
            Some(Severity::Note) if self.strict => End::Degraded,
            _ if self.strict && !report.unread.is_empty() => End::Degraded,
            _ => End::Done,
        }
    }
}
