//! `galactl render`

use std::path::{Path, PathBuf};

use clap_complete::ArgValueCompleter;

use super::args::SourceArgs;
use super::change::no_node;
use super::complete::members;
use super::engine::{Engine as _, Galera, Mesh, Name, Patroni};
use super::load::Source;
use super::rendered;
use crate::exit::CommandError;
use crate::galera::model::Distribution;
use crate::galera::plan::roles;
use crate::kernel::model::NodeName;
use crate::patroni::inventory::unfit;
use crate::patroni::model::{Major, Software};
use crate::ui::Printer;
use crate::{mesh, patroni};

/// Render the files of the hosts without touching one
///
/// Secrets stand in the output as placeholders. Of a Galera cluster, the provider library is the
/// distribution's usual one, because no host is asked. The files of a PostgreSQL cluster are those
/// for `--release`, or for the release that has `postgresql.version`, or for the latest one.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galactl render shop.yaml                  the option files of all nodes
  galactl render shop.yaml --node db2       of one
  galactl render shop.yaml --out rendered   as files, to compare with an earlier state")]
pub struct Args {
    /// Only this node, arbitrator or proxy
    #[arg(long, add = ArgValueCompleter::new(members))]
    node: Option<NodeName>,
    /// Write files below this directory, one directory a node, instead of printing
    #[arg(long)]
    out: Option<PathBuf>,
    /// The Debian release of the hosts (engine patroni)
    #[arg(long, value_name = "12|13")]
    release: Option<u16>,
    #[command(flatten)]
    source: SourceArgs,
}

pub fn run(args: &Args) -> Result<(), CommandError> {
    let source = args.source.source()?;
    match source.engine()? {
        Name::Galera => galera(args, &source),
        Name::Patroni => patroni(args, &source),
        Name::Mesh => mesh(args, &source),
    }
}

fn galera(args: &Args, source: &Source) -> Result<(), CommandError> {
    if args.release.is_some() {
        let error = CommandError::error("--release is not there for engine galera");
        return Err(error.hint("leave it out: the files are the same for all releases"));
    }
    let inventory = source.inventory::<Galera>()?;
    let (renderer, _) = Galera::renderer(args.source.templates.as_deref())?;
    let entries = inventory.entries();
    args.is_one_of(&entries.iter().map(|it| it.entry.name()).collect::<Vec<_>>())?;
    let usual = Distribution::of(inventory.flavour).providers[0];
    let library = inventory.host.provider.as_deref().unwrap_or(usual);
    let address_list = inventory.cluster_address();
    for node in inventory.nodes.iter().filter(|node| args.wants(&node.name)) {
        let text = renderer.render(&inventory, node, library, &address_list).map_err(CommandError::of)?;
        tell(args.out.as_deref(), &node.name, &inventory.host.config_file, &text)?;
    }
    for (member, path, text) in roles::files(&inventory).into_iter().filter(|(it, ..)| args.wants(it)) {
        tell(args.out.as_deref(), member, path, &text)?;
    }
    Ok(())
}

/// The files of Patroni and etcd are made for the versions that a Debian release has.
fn patroni(args: &Args, source: &Source) -> Result<(), CommandError> {
    Patroni::renderer(args.source.templates.as_deref())?;
    let inventory = source.inventory::<Patroni>()?;
    let entries = inventory.entries();
    args.is_one_of(&entries.iter().map(|it| it.entry.name()).collect::<Vec<_>>())?;
    let software = software(args, &inventory)?;
    let unfit = unfit(&inventory, software);
    if !unfit.is_empty() {
        Printer::narrate(&source.notes_text(&unfit));
        let message = format!("the inventory does not fit Debian {}", software.debian);
        return Err(CommandError::error(message).hint("--release names another release"));
    }
    for (member, file) in patroni::config::files(&inventory, software) {
        if args.wants(member) {
            tell(args.out.as_deref(), member, file.path, &file.text)?;
        }
    }
    Ok(())
}

/// galactl's own file of each server. The lines of pg_hba.conf stand before those of its owner. Of a method that galactl does not
/// run, the statements of each node.
fn mesh(args: &Args, source: &Source) -> Result<(), CommandError> {
    Mesh::renderer(args.source.templates.as_deref())?;
    let inventory = source.inventory::<Mesh>()?;
    args.is_one_of(&inventory.nodes.iter().map(|it| &it.name).collect::<Vec<_>>())?;
    if !inventory.method.is_run() {
        Printer::remark(&format!("the statements for {}, which galactl has never run", inventory.method));
        for file in mesh::statements::rendered(&inventory).iter().filter(|file| args.wants(&file.node)) {
            tell(args.out.as_deref(), &file.node, &file.file, &file.text)?;
        }
        return Ok(());
    }
    let release = args.release.and_then(Major::of_debian);
    let latest = Major::ALL.into_iter().max().unwrap_or(Major::Seventeen);
    let major = release.or(inventory.version).unwrap_or(latest);
    for node in inventory.nodes.iter().filter(|node| args.wants(&node.name)) {
        let file = mesh::config::server_file(&inventory, node, major, None, &mesh::config::Values::new());
        tell(args.out.as_deref(), &node.name, &file.path, &file.text)?;
        let access = mesh::config::lines(&inventory).join("\n") + "\n";
        let path = format!("{}/pg_hba.conf", mesh::model::Cluster(major).settings());
        tell(args.out.as_deref(), &node.name, &path, &access)?;
    }
    Ok(())
}

/// The release that was asked for, or that of the inventory's version of PostgreSQL, or the latest one; which one that
/// is gets said.
fn software(args: &Args, inventory: &patroni::inventory::Inventory) -> Result<Software, CommandError> {
    let of_version = inventory.postgresql.version.map(Major::debian);
    let latest = Major::ALL.into_iter().map(Major::debian).max();
    let release = args.release.or(of_version).or(latest).unwrap_or_default();
    let software = Software::of_debian(release).ok_or_else(|| {
        let known: Vec<_> = Major::ALL.iter().map(|it| it.debian().to_string()).collect();
        CommandError::error(format!("galactl does not set PostgreSQL up on Debian {release}"))
            .hint(format!("write --release {}", known.join(" or --release ")))
    })?;
    let Software { patroni, postgresql, .. } = software;
    let said = format!("the files for Debian {release}, with PostgreSQL {postgresql} and Patroni {patroni}");
    let asked = args.release.is_some() || of_version.is_some();
    Printer::remark(&match asked {
        true => said,
        false => format!("{said}; --release shows those for another one"),
    });
    Ok(software)
}

impl Args {
    fn wants(&self, member: &NodeName) -> bool {
        self.node.as_ref().is_none_or(|name| name == member)
    }

    /// Errors: the member that is named is not among these.
    fn is_one_of(&self, known: &[&NodeName]) -> Result<(), CommandError> {
        match &self.node {
            Some(name) if !known.contains(&name) => {
                let known: Vec<_> = known.iter().map(|it| it.as_str()).collect();
                Err(no_node(name).hint(format!("its nodes are {}", known.join(", "))))
            }
            _ => Ok(()),
        }
    }
}

fn tell(out: Option<&Path>, member: &NodeName, path: &str, text: &str) -> Result<(), CommandError> {
    let below = Path::new(member.as_str()).join(path.trim_start_matches('/'));
    rendered::tell(out, &below, &format!("{member}:{path}"), text)
}
