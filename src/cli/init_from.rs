//! `galactl init --from`: scanning a cluster that others have set up.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::engine::{Engine as _, Galera};
use super::init_members::{members, understood, whole_cluster};
use super::init_proxies;
use super::look;
use crate::exit::CommandError;
use crate::galera::adopt;
use crate::galera::adopt::{Adopted, ProxyHost};
use crate::galera::inventory::Inventory;
use crate::galera::judge::Basis;
use crate::galera::observe;
use crate::galera::plan;
use crate::galera::plan::NoPlan;
use crate::kernel;
use crate::kernel::inventory::raw::RawSsh;
use crate::kernel::judge::Invocation;
use crate::kernel::model::{Address, Secrets};
use crate::ui::Printer;

#[derive(Debug, clap::Args)]
pub struct FromArgs {
    /// Describe the running cluster that these hosts are in; one is enough to find the others
    #[arg(long = "from", value_name = "HOST", num_args = 1..)]
    pub hosts: Vec<Address>,
    /// Describe the HAProxy on these hosts as well, in front of the cluster
    #[arg(long = "proxy", value_name = "HOST", num_args = 1.., requires = "hosts")]
    proxies: Vec<Address>,
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

/// What came of a scan, and how to tell of it.
pub struct Found {
    pub text: String,
    notes: Vec<String>,
    inventory: Inventory,
    /// What a plan would do; empty: nothing.
    needed: Vec<String>,
    /// The command that plans it.
    plan: String,
}

/// Scans the cluster and describes it; `file` is where the inventory will stand.
///
/// Errors: a host that is not seen or runs no cluster, two clusters, or one that no inventory can
/// describe.
pub fn describe(args: &FromArgs, file: Option<&Path>) -> Result<Found, CommandError> {
    if let Some(host) = args.hosts.iter().chain(&args.proxies).find(|host| is_file_name(host)) {
        return Err(CommandError::error(format!("`{host}` is no host"))
            .hint(format!("the file comes first: galactl init {host} --from HOST...")));
    }
    let directory = file.and_then(Path::parent).filter(|parent| !parent.as_os_str().is_empty());
    let base =
        std::path::absolute(directory.unwrap_or(Path::new("."))).context("the inventory's directory")?;
    let ssh = args.ssh(&base)?;
    let written: PathBuf = file.map_or_else(|| "inventory.yaml".into(), Path::to_owned);
    let invocation = Invocation::new(&written, None, super::with_templates());
    look::run(async {
        let look = whole_cluster(&args.hosts, &ssh, &base).await?;
        let proxies = init_proxies::look_at(&args.proxies, &ssh, &base).await?;
        let proxies: Vec<_> =
            proxies.iter().map(|(reached_at, facts)| ProxyHost { reached_at, facts }).collect();
        proved(adopt::adopt(members(&look)?, &proxies, &ssh), &base, &invocation).await
    })
}

/// True of an inventory's file name that was written after the hosts, and was taken for one of them.
fn is_file_name(host: &Address) -> bool {
    let text = host.to_string();
    [".yaml", ".yml"].iter().any(|end| text.ends_with(end))
}

impl FromArgs {
    /// The section `ssh` of the inventory, with files relative to `base`, its directory.
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

/// Scans once more with the new inventory itself, and tells what a plan would do.
async fn proved(adopted: Adopted, base: &Path, invocation: &Invocation) -> Result<Found, CommandError> {
    let Adopted { text, notes } = adopted;
    let inventory = understood(&text, "what was found")?;
    let fleet = look::connect(inventory.hosts(), base).await?;
    let reports = observe::ask(&inventory, &fleet).await;
    fleet.close().await;
    let mut secrets = Secrets::default();
    reports.complete(&inventory, &mut secrets);
    let observation = reports.observation(&secrets);
    let (renderer, _) = Galera::renderer(None)?;
    let basis = Basis { inventory: &inventory, observation: &observation, renderer: &renderer };
    let needed = needed(&basis, invocation)?;
    Ok(Found { text, notes, inventory, needed, plan: invocation.command("plan", &[]) })
}

/// What a plan would do and why, or why there would be none.
fn needed(basis: &Basis<'_>, invocation: &Invocation) -> Result<Vec<String>, CommandError> {
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
            let refusals: Vec<_> = refusals.into_iter().map(|refusal| refusal.settled(invocation)).collect();
            Ok(kernel::plan::refusals_text(&refusals).lines().map(str::to_owned).collect())
        }
        Err(other) => Err(CommandError::error(other.to_string())),
    }
}

impl Found {
    /// What was found, what could not be written down, and what a plan would make of it.
    pub fn narrate(&self) {
        let Self { inventory, notes, needed, plan, .. } = self;
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
            Printer::narrate(&format!("`{plan}` has nothing to do"));
            return;
        }
        Printer::narrate(&format!("`{plan}` is not empty:"));
        for line in needed {
            Printer::narrate(&format!("  {line}"));
        }
    }
}
