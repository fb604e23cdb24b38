//! The ports that a node's options make it use.

use super::Node;
use crate::galera::model::Service;

impl Node {
    /// The port at which the others reach this service of the node.
    pub fn port(&self, service: Service) -> u16 {
        let provider = |name: &str| self.provider_options.get(name).and_then(|text| port_in(text));
        let server = |name: &str| self.mysqld.get(name).and_then(|text| port_in(text));
        let configured = match service {
            Service::GroupCommunication => provider("gmcast.listen_addr").or(provider("base_port")),
            Service::Ist => {
                provider("ist.recv_addr").or(provider("base_port").and_then(|port| port.checked_add(1)))
            }
            Service::Sst => server("wsrep_sst_receive_address"),
            Service::Clients => server("port"),
        };
        configured.unwrap_or(service.usual_port())
    }

    /// Where the others find it, as it stands in a list of addresses: without a port, they try the usual one.
    pub fn address_for_peers(&self) -> String {
        let (address, service) = (self.address.in_url(), Service::GroupCommunication);
        match self.port(service) {
            port if port == service.usual_port() => address,
            port => format!("{address}:{port}"),
        }
    }
}

/// The port of `4567`, `10.0.0.1:4567`, `tcp://0.0.0.0:4567` or `[fd00::1]:4567`. An IPv6 address
/// without brackets has none.
fn port_in(text: &str) -> Option<u16> {
    let text = text.rsplit("//").next()?;
    let port = match text.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => port,
        Some(_) => return None,
        None => text,
    };
    port.parse().ok().filter(|port| *port > 0)
}

#[cfg(test)]
mod tests {
    use super::port_in;

    #[test]
    fn a_port_is_found_where_one_is_given() {
        for (text, port) in [
            ("3307", Some(3307)),
            ("10.0.0.1:4568", Some(4568)),
            ("tcp://0.0.0.0:5567", Some(5567)),
            ("[fd00::1]:4568", Some(4568)),
            ("fd00::1", None),
            ("AUTO", None),
            ("10.0.0.1", None),
            ("db1:0", None),
            ("db1:99999", None),
            ("", None),
        ] {
            assert_eq!(port_in(text), port, "{text}");
        }
    }
}
