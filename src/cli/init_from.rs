//! `galactl init --from`: looking at a cluster that others have set up.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::load;
use super::look;
use crate::exit::{CommandError, Kind};
use crate::galera::adopt;
use crate::galera::adopt::{Adopted, Member};
use crate::galera::facts::{HostFacts, Live, Surroundings};
use crate::galera::inventory;
use crate::galera::inventory::Inventory;
use crate::galera::judge::Basis;
use crate::galera::observation::Observation;
use crate::galera::observe;
use crate::galera::plan;
use crate::galera::plan::NoPlan;
use crate::kernel;
use crate::kernel::facts::Seen;
use crate::kernel::inventory::raw::RawSsh;
use crate::kernel::model::{Address, NodeName, Secrets};
use crate::ui::{Printer, notes_text};

#[derive(Debug, clap::Args)]
pub struct FromArgs {
    /// Describe the running cluster that these hosts are in; one is enough to find the others
    #[arg(long = "from", value_name = "HOST", num_args = 1..)]
    pub hosts: Vec<Address>,
    /// Login name. Default: root
    #[arg(long, value_name = "USER", requires = "hosts")]
    ssh_user: Option<String>,
    /// Default: 22, or what ssh_config says
    #[arg(long, value_name = "PORT", requires = "hosts")]
    ssh_port: Option<u16>,
    /// Private key file
    #[arg(long, value_name = "FILE", requires = "hosts")]
    ssh_key: Option<PathBuf>,
    /// ssh_config to include. Default: ~/.ssh/config
    #[arg(long, value_name = "FILE", requires = "hosts")]
    ssh_config: Option<PathBuf>,
    /// known_hosts file. Default: your own
    #[arg(long, value_name = "FILE", requires = "hosts")]
    known_hosts: Option<PathBuf>,
    /// Jump host: [user@]host[:port]
    #[arg(long, value_name = "HOST", requires = "hosts")]
    jump: Option<String>,
}

/// What came of a look, and how to tell of it.
pub struct Found {
    pub text: String,
    notes: Vec<String>,
    inventory: Inventory,
    /// What a plan would do; empty: nothing.
    needed: Vec<String>,
}

/// One look at the hosts that are known of so far.
struct Look {
    hosts: Vec<Address>,
    observation: Observation,
    surroundings: BTreeMap<NodeName, Surroundings>,
}

/// Looks at the cluster and describes it; `file` is where the inventory will stand.
///
/// Errors: a host that is not seen or runs no cluster, two clusters, or one that no inventory can
/// describe.
pub fn describe(args: &FromArgs, file: Option<&Path>) -> Result<Found, CommandError> {
    if let Some(host) = args.hosts.iter().find(|host| is_file_name(host)) {
        return Err(CommandError::error(format!("`{host}` is no host"))
            .hint(format!("the file comes first: galactl init {host} --from HOST...")));
    }
    let directory = file.and_then(Path::parent).filter(|parent| !parent.as_os_str().is_empty());
    let base =
        std::path::absolute(directory.unwrap_or(Path::new("."))).context("the inventory's directory")?;
    let ssh = args.ssh(&base)?;
    look::run(async {
        let look = whole_cluster(&args.hosts, &ssh, &base).await?;
        proved(adopt::adopt(members(&look)?, &ssh), &base).await
    })
}

/// What ends in a list of hosts where it is written behind it.
fn is_file_name(host: &Address) -> bool {
    let text = host.to_string();
    [".yaml", ".yml"].iter().any(|end| text.ends_with(end))
}

impl FromArgs {
    /// As it will stand in the inventory: files relative to `base`, its directory.
    fn ssh(&self, base: &Path) -> Result<RawSsh, CommandError> {
        let path = |path: &Option<PathBuf>| -> Result<Option<String>, CommandError> {
            let Some(path) = path else { return Ok(None) };
            let absolute = std::path::absolute(path).context("the current directory")?;
            let path = absolute.strip_prefix(base).unwrap_or(&absolute);
            Ok(Some(path.display().to_string()))
        };
        Ok(RawSsh {
            user: self.ssh_user.clone(),
            port: self.ssh_port,
            key: path(&self.ssh_key)?,
            jump: self.jump.clone(),
            config: path(&self.ssh_config)?,
            known_hosts: path(&self.known_hosts)?,
            sudo: None,
        })
    }
}

/// Looks at the hosts that were named, and at the members of their view that nobody has named.
async fn whole_cluster(named: &[Address], ssh: &RawSsh, base: &Path) -> Result<Look, CommandError> {
    let mut hosts = named.to_vec();
    loop {
        Printer::narrate(&format!("looking at {}", list(&hosts)));
        let look = look_at(hosts, ssh, base).await?;
        let known = members(&look)?;
        let others = not_looked_at(&known);
        if others.is_empty() {
            return match untold(&known) {
                Some(error) => Err(error),
                None => Ok(look),
            };
        }
        Printer::narrate(&format!("the cluster has more members: {}", list(&others)));
        hosts = [look.hosts, others].concat();
    }
}

fn list(hosts: &[Address]) -> String {
    hosts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

async fn look_at(hosts: Vec<Address>, ssh: &RawSsh, base: &Path) -> Result<Look, CommandError> {
    let inventory = understood(&adopt::provisional(&hosts, ssh), "the command line")?;
    let fleet = look::connect(&inventory, base).await?;
    let (reports, surroundings) =
        tokio::join!(observe::ask(&inventory, &fleet), observe::adopt::ask(&inventory, &fleet));
    fleet.close().await;
    let observation = reports.observation(&Secrets::default());
    let user = ssh.user.as_deref().unwrap_or("root");
    for (node, host) in inventory.nodes.iter().zip(&hosts) {
        if let Some(Seen::Unreachable(why)) = observation.nodes.get(&node.name) {
            let hint = format!(
                "make `ssh {user}@{host}` work from here; where a host is reached at another address than its peers use, name it with --from as well"
            );
            let message = format!("{host} could not be scanned: {why}");
            return Err(CommandError::new(Kind::Unreachable, message).hint(hint));
        }
    }
    Ok(Look { hosts, observation, surroundings })
}

/// Parses a text of galactl's own. What is wrong with it came from the hosts or the command line.
fn understood(text: &str, origin: &str) -> Result<Inventory, CommandError> {
    inventory::parse(text.as_bytes()).map(|(inventory, _)| inventory).map_err(|notes| {
        Printer::narrate(&notes_text(&notes, origin, text.as_bytes(), console::colors_enabled_stderr()));
        CommandError::error("no inventory can say that; nothing was written")
    })
}

/// The hosts as members of one running cluster, each once.
fn members(look: &Look) -> Result<Vec<Member<'_>>, CommandError> {
    let refused = |message: String, hint: &str| Err(CommandError::new(Kind::Refused, message).hint(hint));
    let (mut members, mut first): (Vec<Member<'_>>, Option<(&Address, &Live)>) = (Vec::new(), None);
    for (host, (name, facts)) in look.hosts.iter().zip(in_order(look)) {
        let Some(live) = facts.live().filter(|live| live.is_primary()) else {
            return refused(
                format!("{host} is no member of a running cluster: {}", facts.state()),
                "`galactl bootstrap` makes a new cluster, and `galactl recover` starts one that is down; both take an inventory (`galactl init`)",
            );
        };
        let (other, known) = *first.get_or_insert((host, live));
        if (&live.cluster_name, &live.state_uuid) != (&known.cluster_name, &known.state_uuid) {
            return refused(
                format!(
                    "{host} is in cluster `{}`, {other} in another one, `{}`",
                    live.cluster_name, known.cluster_name
                ),
                "an inventory describes one cluster: name hosts of one",
            );
        }
        if facts.server.is_some_and(|version| version.series() < (10, 0)) {
            return refused(
                format!("{host} runs another server than MariaDB"),
                "write its inventory by hand",
            );
        }
        let again = members.iter().any(|member| gcomm_uuid(member.facts) == Some(&live.gcomm_uuid));
        if !again {
            let surroundings = look.surroundings.get(name).unwrap_or(&NOTHING);
            members.push(Member { reached_at: host, facts, surroundings });
        }
    }
    Ok(members)
}

static NOTHING: Surroundings = Surroundings { unit: None, packaged: BTreeSet::new() };

fn gcomm_uuid(facts: &HostFacts) -> Option<&String> {
    facts.live().map(|live| &live.gcomm_uuid)
}

/// What was seen of the hosts, in their order; [`look_at`] has seen all of them.
fn in_order(look: &Look) -> impl Iterator<Item = (&NodeName, &HostFacts)> {
    let mut seen: Vec<_> = look.observation.seen().collect();
    seen.sort_by_key(|(name, _)| (name.as_str().len(), *name));
    seen.into_iter()
}

/// Members of the view that are none of these.
fn not_looked_at(members: &[Member<'_>]) -> Vec<Address> {
    let in_view: BTreeSet<_> =
        members.iter().filter_map(|member| member.facts.live()).flat_map(|live| &live.members).collect();
    let addresses = in_view.into_iter().filter_map(|member| member.parse::<Address>().ok());
    let is = |address: &Address, member: &Member<'_>| match address {
        Address::Ip(ip) => member.facts.machine.addresses.contains(ip),
        Address::Host(name) => member.facts.options.get("wsrep_node_address") == Some(name),
    };
    let others = addresses
        .filter(|address| !members.iter().any(|member| member.reached_at == address || is(address, member)));
    others.collect()
}

/// None of them tells who is in its view, as a member does whose list is an earlier view's, and there are
/// more than were named.
fn untold(members: &[Member<'_>]) -> Option<CommandError> {
    let lives: Vec<_> = members.iter().filter_map(|member| member.facts.live()).collect();
    let size = lives.iter().map(|live| live.cluster_size).max()?;
    let told = lives.iter().any(|live| !live.members.is_empty());
    (!told && size > members.len() as u64).then(|| {
        CommandError::error(format!("the cluster has {size} members, and does not tell which"))
            .hint("name all of its hosts with --from")
    })
}

/// Looks once more, with the inventory itself, at what a plan would do.
async fn proved(adopted: Adopted, base: &Path) -> Result<Found, CommandError> {
    let Adopted { text, notes } = adopted;
    let inventory = understood(&text, "what was found")?;
    let fleet = look::connect(&inventory, base).await?;
    let reports = observe::ask(&inventory, &fleet).await;
    fleet.close().await;
    let mut secrets = Secrets::default();
    reports.complete(&inventory, &mut secrets);
    let observation = reports.observation(&secrets);
    let (renderer, _) = load::renderer(None)?;
    let needed = needed(&Basis { inventory: &inventory, observation: &observation, renderer: &renderer })?;
    Ok(Found { text, notes, inventory, needed })
}

/// What a plan would do and why, or why there would be none.
fn needed(basis: &Basis<'_>) -> Result<Vec<String>, CommandError> {
    let differences = plan::drifts(basis).map_err(CommandError::of)?;
    let differences = differences
        .iter()
        .filter_map(|refusal| Some(format!("{}: {}", refusal.node.as_ref()?, refusal.evidence)));
    match plan::needed(basis) {
        Ok(plan) => {
            let steps = plan.steps().map(|step| format!("{}: {}", step.id, step.why));
            Ok(differences.chain(steps).collect())
        }
        Err(NoPlan::Refused(refusals)) => {
            Ok(kernel::plan::refusals_text(&refusals).lines().map(str::to_owned).collect())
        }
        Err(other) => Err(CommandError::error(other.to_string())),
    }
}

impl Found {
    /// What was found, what could not be written down, and what a plan would make of it.
    pub fn narrate(&self, file: Option<&Path>) {
        let file = file.map_or_else(|| "inventory.yaml".into(), |file| file.display().to_string());
        let Self { inventory, notes, needed, .. } = self;
        let names: Vec<_> = inventory.nodes.iter().map(|node| node.name.to_string()).collect();
        Printer::narrate(&format!(
            "cluster `{}`: {}; nothing was changed there",
            inventory.cluster,
            names.join(", ")
        ));
        for note in notes {
            Printer::narrate(&format!("note: {note}"));
        }
        if needed.is_empty() {
            Printer::narrate(&format!("`galactl plan {file}` has nothing to do"));
            return;
        }
        Printer::narrate(&format!("`galactl plan {file}` is not empty:"));
        for line in needed {
            Printer::narrate(&format!("  {line}"));
        }
    }
}
