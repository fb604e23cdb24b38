//! `galactl init --from`: scanning a cluster that others have set up.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::engine::Name;
use super::init_found::{Found, Place};
use super::{init_engine, init_galera, init_patroni, look};
use crate::exit::CommandError;
use crate::kernel::inventory::raw::RawSsh;
use crate::kernel::judge::Invocation;
use crate::kernel::model::Address;

#[derive(Debug, clap::Args)]
pub struct FromArgs {
    /// Describe the running cluster that these hosts are in; one is enough to find the others
    #[arg(long = "from", value_name = "HOST", num_args = 1..)]
    pub hosts: Vec<Address>,
    /// Which engine is meant. Default: the one that runs on the hosts
    #[arg(long, value_enum, value_name = "ENGINE", requires = "hosts")]
    engine: Option<Name>,
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
    let place = Place { ssh: &ssh, base: &base, file: &written, invocation: &invocation };
    look::run(async {
        let engine = match args.engine {
            Some(engine) => engine,
            None => init_engine::of(&args.hosts, &ssh, &base).await?,
        };
        match engine {
            Name::Galera => init_galera::describe(&args.hosts, &args.proxies, &place).await,
            Name::Patroni => init_patroni::describe(&args.hosts, &args.proxies, &place).await,
            Name::Mesh => Err(Name::Mesh.not_there()),
        }
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
