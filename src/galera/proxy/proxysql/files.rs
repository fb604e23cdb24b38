//! The files of a ProxySQL that galactl writes beside the SQL.

use super::settings::{self, interfaces};
use super::{ADMIN, ADMIN_ADDRESS, ADMIN_PORT, PACKAGE, PROGRAM, inventory};
use crate::galera::endpoint::Endpoint;
use crate::galera::inventory::Inventory;
use crate::kernel::facts::Report;
use crate::kernel::plan::PutFile;

/// ProxySQL reads this file at its first start only: as soon as it has a database, it ignores the file.
pub const FIRST_START: &str = "/etc/proxysql.cnf";
/// Where ProxySQL keeps what was saved.
const DATABASE: &str = "/var/lib/proxysql/proxysql.db";
/// How galactl, and a person who is root, log in to the admin interface.
pub const LOGIN: &str = "/etc/galactl-proxysql.cnf";
/// The statements.
pub const STATEMENTS: &str = "/etc/galactl-proxysql.sql";

/// With this file a new ProxySQL has its own password, and an admin interface that no other host reaches, from its
/// first moment on: the package's has `admin:admin` on every address.
fn first_start(shared: &Inventory, endpoint: Endpoint) -> String {
    format!(
        "# Written by galactl. ProxySQL reads it at its very first start, and never again: it keeps its settings in\n\
         # {DATABASE}. galactl changes them there, with {STATEMENTS}.\n\
         datadir=\"/var/lib/proxysql\"\n\
         errorlog=\"/var/lib/proxysql/proxysql.log\"\n\
         admin_variables=\n{{\n\tadmin_credentials=\"{ADMIN}:{}\"\n\tmysql_ifaces=\"{ADMIN_ADDRESS}:{ADMIN_PORT}\"\n}}\n\
         mysql_variables=\n{{\n\tinterfaces=\"{}\"\n}}\n",
        inventory::ADMIN_PASSWORD,
        interfaces(shared, endpoint)
    )
}

/// An option file of MariaDB's client.
fn login() -> String {
    format!(
        "# Written by galactl: how it logs in to ProxySQL's admin interface. You can, too:\n\
         # sudo mariadb --defaults-file={LOGIN}\n\
         [client]\nprotocol=tcp\nhost={ADMIN_ADDRESS}\nport={ADMIN_PORT}\nuser={ADMIN}\npassword=\"{}\"\nskip-ssl\nconnect-timeout=5\n",
        inventory::ADMIN_PASSWORD
    )
}

/// The texts of all files, in the order of [`super::PROGRAM`].
pub fn texts(shared: &Inventory, endpoint: Endpoint) -> Vec<String> {
    // An inventory without the section has been refused.
    let statements = shared.proxysql.iter().map(|proxysql| settings::text(shared, endpoint, proxysql));
    [first_start(shared, endpoint), login()].into_iter().chain(statements).collect()
}

/// A file with its owners and its mode. The package makes the group.
pub fn finished(file: PutFile) -> PutFile {
    match file.path.as_str() {
        FIRST_START => PutFile { group: PACKAGE.into(), mode: "640".into(), ..file },
        _ => PutFile { mode: "600".into(), ..file },
    }
}

/// The texts of these files that a report holds.
pub fn in_report(report: &Report) -> impl Iterator<Item = &str> {
    PROGRAM.files.iter().filter_map(|file| report.section(file.artefact))
}
