//! The private directory of one run: ssh's configuration, control sockets, forwarded sockets.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::kernel::model::HostName;

/// A unix socket's path has 107 characters; ssh adds up to 45 of its own to the directory.
const LONGEST_BASE: usize = 40;
const PREFIX: &str = "galactl-";
/// ssh masters of a killed run end by themselves after this. Those of a changing run do not idle:
/// its locks keep a command running on every host.
pub const MASTERS_LINGER: Duration = Duration::from_secs(60);

/// Removed with everything in it when dropped.
pub struct RunDir(tempfile::TempDir);

impl RunDir {
    /// A new directory that only this user can enter; those of killed runs are swept away.
    pub fn new() -> io::Result<Self> {
        let base = base();
        sweep(&base);
        let prefix = format!("{PREFIX}{}-", std::process::id());
        let owner_only = fs::Permissions::from_mode(0o700);
        tempfile::Builder::new().prefix(&prefix).permissions(owner_only).tempdir_in(base).map(Self)
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Where the file stands with which ssh reaches a host.
    pub fn ssh_config(&self, host: &HostName) -> PathBuf {
        ssh_config_of(self.path(), host)
    }
}

/// [`RunDir::ssh_config`] of the run whose directory this is.
pub fn ssh_config_of(run_dir: &Path, host: &HostName) -> PathBuf {
    run_dir.join(format!("{host}.ssh_config"))
}

fn base() -> PathBuf {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|dir| dir.is_dir());
    let base = runtime.unwrap_or_else(std::env::temp_dir);
    if base.as_os_str().len() > LONGEST_BASE { PathBuf::from("/tmp") } else { base }
}

/// Removes directories whose process is gone and whose ssh masters are, too.
fn sweep(base: &Path) {
    for entry in fs::read_dir(base).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let pid =
            name.to_str().and_then(|name| name.strip_prefix(PREFIX)).and_then(|rest| rest.split('-').next());
        let Some(Ok(pid)) = pid.map(str::parse::<u32>) else { continue };
        let age = entry.metadata().and_then(|meta| meta.modified()).ok().and_then(|time| time.elapsed().ok());
        let alive = Path::new("/proc").join(pid.to_string()).exists();
        if !alive && age.is_some_and(|age| age > 2 * MASTERS_LINGER) {
            // Another user's directory stays: its removal fails, and it is not ours to judge.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
