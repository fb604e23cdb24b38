//! What the section `tls` sets in the option files.

use super::inventory::{Clients, Tls};
use crate::galera::model::SstMethod;
use crate::kernel::inventory::Settings;

/// Where a member has its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paths {
    /// The certificates that it trusts.
    pub ca: &'static str,
    /// Its certificate with its chain, and its key.
    pub pair: &'static str,
}

/// Profiles of AppArmor let servers read here.
pub const NODE: Paths = Paths { ca: "/etc/mysql/galactl/ca.pem", pair: "/etc/mysql/galactl/tls.pem" };
pub const ARBITRATOR: Paths = Paths { ca: "/etc/galactl/ca.pem", pair: "/etc/galactl/tls.pem" };

/// Provider options.
pub fn provider(tls: &Tls, paths: Paths, settings: &mut Settings) {
    if tls.replication {
        let Paths { ca, pair } = paths;
        add(settings, &[("socket.ssl_ca", ca), ("socket.ssl_cert", pair), ("socket.ssl_key", pair)]);
    }
}

/// Server options. Whether TLS is required is set either way, so that a running server can be told.
pub fn server(tls: &Tls, settings: &mut Settings) {
    let required = match tls.clients {
        Clients::Off => return,
        Clients::Offered => "OFF",
        Clients::Required => "ON",
    };
    let Paths { ca, pair } = NODE;
    let options =
        [("ssl_ca", ca), ("ssl_cert", pair), ("ssl_key", pair), ("require_secure_transport", required)];
    add(settings, &options);
}

/// A server option that goes with the section where the inventory does not name it. 11.8 counts a client without TLS as
/// an error of the connection where it requires TLS. After a hundred in a row it turns away everybody from that host,
/// and behind a proxy that is every client. As whether TLS is required, it is set either way.
pub fn connection_errors(tls: &Tls) -> Option<(&'static str, &'static str)> {
    (tls.clients != Clients::Off).then_some(("max_connect_errors", "4294967295"))
}

/// Options of the SST scripts, which prove to each other that the authority knows them. Without a word, rsync's takes
/// the server's certificate and needs stunnel for it, and mariabackup's sends in clear text. mariabackup's with
/// `ssl_mode` would also compare names, and 10.5's script reads a wrong one from most certificates.
pub fn sst(tls: &Tls, method: SstMethod, settings: &mut Settings) {
    let Paths { ca, pair } = NODE;
    let how = match (tls.transfer, method) {
        (false, _) => return add(settings, &[("ssl_mode", "DISABLED")]),
        (true, SstMethod::Mariabackup) => ("encrypt", "4"),
        (true, SstMethod::Rsync) => ("ssl_mode", "VERIFY_CA"),
    };
    add(settings, &[how, ("tca", ca), ("tcert", pair), ("tkey", pair)]);
}

/// True for a provider option that follows from the section.
pub fn is_provider_option(name: &str) -> bool {
    name == "socket.dynamic" || name == "socket.ssl" || name.starts_with("socket.ssl_")
}

/// True for a server option that follows from the section.
pub fn is_server_option(name: &str) -> bool {
    ["ssl_ca", "ssl_capath", "ssl_cert", "ssl_key", "require_secure_transport"].contains(&name)
}

/// True for an option of the SST scripts that follows from the section.
pub fn is_sst_option(name: &str) -> bool {
    ["encrypt", "ssl_mode", "tca", "tcapath", "tcert", "tkey", "ssl_ca", "ssl_cert", "ssl_key"]
        .contains(&name)
}

fn add(settings: &mut Settings, pairs: &[(&str, &str)]) {
    settings.extend(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
}
