//! `galactl render`

use std::path::{Path, PathBuf};

use clap_complete::ArgValueCompleter;

use super::args::SourceArgs;
use super::change::no_node;
use super::complete::members;
use super::engine::{Engine as _, Galera};
use super::load::Source;
use super::{rendered, which};
use crate::exit::CommandError;
use crate::galera::model::Distribution;
use crate::galera::plan::roles;
use crate::kernel::model::NodeName;

/// Render the option files without touching a host
///
/// Secrets stand in the output as placeholders. The provider library is the distribution's usual
/// one, because no host is asked.
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
    #[command(flatten)]
    source: SourceArgs,
}

pub fn run(args: &Args) -> Result<(), CommandError> {
    let inventory =
        Source::read(&which::inventory(args.source.inventory.as_deref())?)?.inventory::<Galera>()?;
    let (renderer, _) = Galera::renderer(args.source.templates.as_deref())?;
    if let Some(name) =
        args.node.as_ref().filter(|name| inventory.entries().iter().all(|known| known.entry.name() != *name))
    {
        let known: Vec<_> = inventory.entries().iter().map(|it| it.entry.name().as_str()).collect();
        let error = no_node(name);
        return Err(error.hint(format!("its nodes are {}", known.join(", "))));
    }
    let usual = Distribution::of(inventory.flavour).providers[0];
    let library = inventory.host.provider.as_deref().unwrap_or(usual);
    let address_list = inventory.cluster_address();
    let wanted = |host: &NodeName| args.node.as_ref().is_none_or(|name| name == host);
    for node in inventory.nodes.iter().filter(|node| wanted(&node.name)) {
        let text = renderer.render(&inventory, node, library, &address_list).map_err(CommandError::of)?;
        tell(args.out.as_deref(), &node.name, &inventory.host.config_file, &text)?;
    }
    for (member, path, text) in roles::files(&inventory).into_iter().filter(|(member, ..)| wanted(member)) {
        tell(args.out.as_deref(), member, path, &text)?;
    }
    Ok(())
}

fn tell(out: Option<&Path>, member: &NodeName, path: &str, text: &str) -> Result<(), CommandError> {
    let below = Path::new(member.as_str()).join(path.trim_start_matches('/'));
    rendered::tell(out, &below, &format!("{member}:{path}"), text)
}
