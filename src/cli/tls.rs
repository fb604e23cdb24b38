//! `galactl tls`

use std::path::Path;

use super::args::SourceArgs;
use super::engine::{Galera, Name};
use super::inputs::Inputs;
use super::tls_text::text;
use super::{certificates, look};
use crate::exit::{CommandError, End, Kind};
use crate::galera::judge::Basis;
use crate::galera::observation::Observation;
use crate::galera::observe;
use crate::galera::tls::report::report;
use crate::kernel::judge::{Invocation, Remedy, shell_word};
use crate::kernel::model::Secrets;
use crate::ui::{Format, JsonEvents, Printer};

/// Show the certificates that are really served
///
/// Asks each host what its ports serve, and what lies on its disk: whose certificate, issued by whom, for which
/// names, valid until when, and whether it is the one that the inventory means. Changes nothing; a server logs one
/// warning about a connection that was broken off. Exits with 0 where all is well, 5 where something is out of line,
/// and 6 where a certificate has expired.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galactl tls shop.yaml                 what each port serves
  galactl tls shop.yaml --output json   the same for a program
  galactl tls shop.yaml --new-ca        make a new authority; apply-config brings it to the hosts")]
pub struct Args {
    /// How to show the result
    #[arg(long, value_enum, default_value = "text")]
    output: Format,
    /// Make a new authority here, and keep the files of the present one. No host is asked
    #[arg(long, conflicts_with = "output")]
    new_ca: bool,
    /// Make it without asking
    #[arg(long, short, requires = "new_ca")]
    yes: bool,
    #[command(flatten)]
    source: SourceArgs,
}

pub fn run(args: &Args) -> Result<End, CommandError> {
    let source = args.source.source()?;
    let inputs = match source.engine()? {
        Name::Galera => args.source.inputs::<Galera>(&source)?,
        other => return Err(other.not_there()),
    };
    if inputs.inventory.tls.is_none() {
        return Err(no_section(&inputs));
    }
    match args.new_ca {
        true => new_ca(&inputs, args.yes).map(|()| End::Done),
        false => show(inputs, args.output),
    }
}

fn show(mut inputs: Inputs<Galera>, output: Format) -> Result<End, CommandError> {
    let observation = look::run(look_at(&inputs))?;
    inputs.read_local_files(&observation);
    let Inputs { inventory, renderer, .. } = &inputs;
    let told = report(&Basis { inventory, observation: &observation, renderer });
    let told = told.ok_or_else(|| no_section(&inputs))?.settled(&inputs.invocation());
    match output {
        Format::Text => Printer::data(&text(&told, Printer::width_of_data())),
        Format::Json => JsonEvents::line(&told),
    }
    Ok(told.health.into())
}

async fn look_at(inputs: &Inputs) -> Result<Observation, CommandError> {
    let Inputs { inventory, base, .. } = inputs;
    let fleet = look::connect(inventory.hosts(), base).await?;
    let reports = observe::ask_deeply(inventory, &fleet).await;
    fleet.close().await;
    let mut secrets = Secrets::default();
    reports.take_over(inventory, &mut secrets);
    Ok(reports.observation(&secrets))
}

/// Errors: nobody agrees; a file cannot be written; the inventory does not have galactl make its authority.
fn new_ca(inputs: &Inputs, yes: bool) -> Result<(), CommandError> {
    let Inputs { inventory, base, .. } = inputs;
    certificates::can_renew_ca(inventory)?;
    if !yes {
        agree()?;
    }
    for kept in certificates::renew_ca(inventory, base)? {
        Printer::remark(&format!("kept the previous one as {}", kept.display()));
    }
    let next = Remedy::galactl("apply-config", &["--dry-run"]).text(&inputs.invocation());
    Printer::remark(&format!(
        "next: {next} shows how the hosts come to the new one: in three stages, without a restart of a server"
    ));
    Ok(())
}

fn agree() -> Result<(), CommandError> {
    if !Printer::can_ask() {
        return Err(CommandError::error("there is no terminal to ask on; nothing was changed")
            .hint("a new authority means a new certificate for every member; make it with --new-ca --yes"));
    }
    let question = "A new authority means a new certificate for every member. Make it? [y/N]";
    match Printer::ask(question).unwrap_or_default().to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(CommandError::new(Kind::Interrupted, "not agreed; nothing was changed")),
    }
}

fn no_section(inputs: &Inputs) -> CommandError {
    let path = Path::new(&inputs.inventory_input.path);
    let next = Remedy::galactl("apply-config", &["--dry-run"]).text(&Invocation::new(path, None, Vec::new()));
    let error =
        CommandError::error(format!("{} has no section `tls`, so that nothing is encrypted", path.display()));
    error.hint(format!(
        "write `tls: {{ca: {{generate: true}}}}` into {}; {next} then shows what that changes",
        shell_word(&path.display().to_string())
    ))
}
