//! Codes that have nothing to do with a database.

use super::declare_codes;

declare_codes! {
    /// A node cannot be reached, or its host key is not the known one. galactl treats such a node as one
    /// that may run.
    UNREACHABLE = "unreachable", Degraded, "nothing is known of it, and no plan is made without it";
    /// The systemd unit is masked: somebody decided that the server must not run on this host.
    UNIT_MASKED = "unit-masked", Degraded, "neither a reboot nor galactl starts it";
    /// The server is not installed, and `cluster.install` is off.
    NOT_INSTALLED = "not-installed", Degraded, "it has no part in the cluster";
    /// galactl was never run with this flavour or system.
    NOT_SUPPORTED = "not-supported", Degraded, "galactl makes no plan until this is fixed";
    /// Another galactl run is changing the hosts.
    BUSY = "busy", Degraded, "galactl makes no plan until this is over";
    /// Two nodes of the inventory are one machine.
    SAME_MACHINE = "same-machine", Degraded, "galactl makes no plan until this is fixed";
    /// A plan file is incomplete, was changed, or was written by another version of galactl.
    PLAN_FILE = "plan-file", Degraded, "such a plan is not carried out";
    /// The host does not have the node's address.
    WRONG_ADDRESS = "wrong-address", Degraded, "galactl makes no plan until this is fixed";
    /// Another program uses a port of the cluster, or a firewall is between two nodes.
    PORTS = "ports", Degraded, "a node does not start, or does not join";
    /// The file of settings of a proxy, or its database of settings, is somebody else's work.
    FOREIGN_FILE = "foreign-file", Degraded, "galactl replaces no file that it did not write";
    /// A proxy does not share the endpoint's address, or nobody or two have it.
    SHARED_ADDRESS = "shared-address", Degraded, "clients may not find a proxy";
    /// A host, the inventory or the template changed since the plan was made, or the plan was carried out
    /// already.
    STALE = "stale", Degraded, "such a plan is not carried out";
}
