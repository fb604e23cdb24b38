//! What Debian's packages do with a new PostgreSQL: nothing, because Patroni founds the cluster.

use super::file::{File, HEADER};

/// Debian's postgresql-common reads it when a server's package is installed.
pub const CREATECLUSTER: &str = "/etc/postgresql-common/createcluster.conf";

/// The file must be there before postgresql-NN is installed, whose script otherwise founds and starts a cluster `main`
/// in the very directory that Patroni is to have. The second line is the package's own default for clusters that
/// somebody founds by hand later.
pub fn cluster_defaults() -> File {
    let text = format!("{HEADER}\ncreate_main_cluster = false\ninclude_dir = 'conf.d'\n");
    File::of_root("createcluster", CREATECLUSTER, text)
}
