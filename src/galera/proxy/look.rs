//! Looking at a proxy's host.

use super::inventory::Kind;
use crate::galera::endpoint::Endpoint;
use crate::kernel::facts::END;

/// The pieces of the script.
pub fn script(kind: Kind) -> Vec<&'static str> {
    vec![include_str!("look.sh"), kind.program().opinion, END]
}

/// What the script is called with.
pub fn arguments(kind: Kind, endpoint: Endpoint) -> Vec<String> {
    let program = kind.program();
    let ports = [endpoint.write_port, endpoint.read_port].map(|port| port.to_string());
    let own = [vec![kind.name().to_owned()], ports.to_vec(), vec![program.packages.join(" ")]];
    let files = program.files.iter().flat_map(|file| [file.artefact, file.path, file.unit]);
    own.into_iter().flatten().chain(files.map(str::to_owned)).collect()
}
