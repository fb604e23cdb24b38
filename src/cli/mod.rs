//! The command line: one file a command, its arguments' doc comments are its help.

mod add_node;
mod alter;
mod apply;
mod apply_config;
mod args;
mod authority_files;
mod bootstrap;
mod certificates;
mod change;
mod check;
mod compare;
mod complete;
mod completions;
mod course;
mod ddl;
mod doctor;
mod engine;
mod evidence;
mod explain;
mod failover;
mod files;
mod init;
mod init_engine;
mod init_found;
mod init_from;
mod init_galera;
mod init_members;
mod init_patroni;
mod init_patroni_members;
mod init_proxies;
mod inputs;
mod ledger;
mod lint;
mod load;
mod load_test;
mod local_files;
mod look;
mod man;
mod monitoring;
mod monitoring_render;
mod on_hosts;
mod plan;
mod plan_file;
mod recover;
mod reference;
mod remove_node;
mod render;
mod rendered;
mod restart;
mod schema;
mod skip;
mod start;
mod status;
mod status_text;
mod stop;
mod switchover;
mod tls;
mod tls_text;
mod validate;
mod watch;
mod which;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

pub use reference::reference;
pub use status_text::{
    of_galera as status_text_within, of_mesh as mesh_status_text, of_patroni as patroni_status_text,
    unfolded as status_text,
};

pub use tls_text::text as tls_text;

use crate::exit::{CommandError, ERROR, End, SUCCESS};
use crate::ui::{Printer, Volume};

/// Plan, bootstrap and verify Galera clusters over plain SSH.
///
/// One inventory file describes the cluster. Every changing command scans all hosts first,
/// shows its plan, and carries out exactly that plan.
#[derive(Debug, Parser)]
#[command(name = "galactl", version, after_help = EXIT_CODES)]
pub struct Cli {
    /// Say only what was asked for, and what is wrong
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Say also how each host is reached, and how long that takes
    #[arg(long, short, global = true)]
    verbose: bool,
    #[command(subcommand)]
    command: Command,
}

impl Cli {
    fn volume(&self) -> Volume {
        match (self.quiet, self.verbose) {
            (true, _) => Volume::Quiet,
            (false, true) => Volume::Verbose,
            (false, false) => Volume::Usual,
        }
    }
}

const EXIT_CODES: &str = "\
Exit codes:
  0    nothing to do, or done
  1    error
  2    there is something to do (a dry run with --detailed-exitcode); recover: run it again
  3    refused by a guard; check: the hosts are not ready
  4    a host cannot be reached, or something has changed since the plan was made
  5    status, doctor, lint: degraded; compare: run it again
  6    status, doctor, lint: critical; compare: the nodes differ
  130  interrupted";

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Args),
    Validate(validate::Args),
    Render(render::Args),
    Schema(schema::Args),
    Check(check::Args),
    Plan(plan::Args),
    Apply(apply::Args),
    Bootstrap(bootstrap::Args),
    AddNode(add_node::Args),
    RemoveNode(remove_node::Args),
    ApplyConfig(apply_config::Args),
    Status(status::Args),
    Watch(watch::Args),
    Doctor(doctor::Args),
    Tls(tls::Args),
    Restart(restart::Args),
    Alter(alter::Args),
    Stop(stop::Args),
    Start(start::Args),
    Switchover(switchover::Args),
    Failover(failover::Args),
    Skip(skip::Args),
    Recover(recover::Args),
    Explain(explain::Args),
    Lint(lint::Args),
    Compare(compare::Args),
    Ddl(ddl::Args),
    Ledger(ledger::Args),
    Load(load_test::Args),
    Monitoring(monitoring::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// Runs galactl with the given words, the program's name first.
pub fn run(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    let words: Vec<_> = words.into_iter().collect();
    match completions::offer(&words) {
        Ok(false) => {}
        Ok(true) => return ExitCode::from(SUCCESS),
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(ERROR);
        }
    }
    let cli = match Cli::try_parse_from(words) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are data; a wrong word is an error like any other.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { ERROR } else { SUCCESS });
        }
    };
    Printer::set_volume(cli.volume());
    // From the first line to the last.
    let _lines = Printer::has_the_terminal().then(Printer::for_a_person);
    match dispatch(cli.command) {
        Ok(end) => ExitCode::from(end.exit_code()),
        Err(error) => {
            Printer::error(&error.message, error.hint.as_deref());
            ExitCode::from(error.exit_code())
        }
    }
}

fn dispatch(command: Command) -> Result<End, CommandError> {
    let done = |outcome: Result<(), CommandError>| outcome.map(|()| End::Done);
    match command {
        Command::Init(args) => done(init::run(&args)),
        Command::Validate(args) => done(validate::run(&args)),
        Command::Render(args) => done(render::run(&args)),
        Command::Schema(args) => done(schema::run(&args)),
        Command::Check(args) => done(check::run(&args)),
        Command::Plan(args) => plan::run(&args),
        Command::Apply(args) => apply::run(&args),
        Command::Bootstrap(args) => bootstrap::run(&args),
        Command::AddNode(args) => add_node::run(&args),
        Command::RemoveNode(args) => remove_node::run(&args),
        Command::ApplyConfig(args) => apply_config::run(&args),
        Command::Status(args) => status::run(&args),
        Command::Watch(args) => watch::run(&args),
        Command::Doctor(args) => doctor::run(&args),
        Command::Tls(args) => tls::run(&args),
        Command::Restart(args) => restart::run(&args),
        Command::Alter(args) => alter::run(&args),
        Command::Stop(args) => stop::run(&args),
        Command::Start(args) => start::run(&args),
        Command::Switchover(args) => switchover::run(&args),
        Command::Failover(args) => failover::run(&args),
        Command::Skip(args) => skip::run(&args),
        Command::Recover(args) => recover::run(&args),
        Command::Explain(args) => done(explain::run(&args)),
        Command::Lint(args) => lint::run(&args),
        Command::Compare(args) => compare::run(&args),
        Command::Ddl(args) => ddl::run(&args),
        Command::Ledger(args) => ledger::run(&args),
        Command::Load(args) => load_test::run(&args),
        Command::Monitoring(args) => done(monitoring::run(&args)),
        Command::Completions(args) => done(completions::run(&args)),
        Command::Man(args) => done(man::run(&args)),
    }
}

/// The commands that take `--templates`.
fn with_templates() -> Vec<String> {
    let takes = |command: &&clap::Command| command.get_arguments().any(|arg| arg.get_id() == "templates");
    command().get_subcommands().filter(takes).map(|command| command.get_name().to_owned()).collect()
}

/// The command line's own description, for completions and manual pages.
pub fn command() -> clap::Command {
    Cli::command()
}
