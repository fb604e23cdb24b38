//! The codes of what can be wrong with an inventory of this engine alone, for the reference.

/// Each code with what it means. A test holds this table against the code that gives them.
pub const NOTE_CODES: &[(&str, &str)] = &[
    ("clients-anywhere", "Clients may connect from every address"),
    ("duplicate-setting", "A setting stands twice, in two spellings"),
    ("endpoint-unused", "Ports are written for proxies, and there is no proxy"),
    ("etcd", "It is not clear where etcd is"),
    ("etcd-address", "A member of etcd has a name for an address, and etcd listens at IP addresses only"),
    ("etcd-member", "A member of etcd is no entry of the inventory, or stands there twice"),
    ("etcd-members", "The number of members of etcd is even"),
    ("etcd-unused", "A machine is listed for etcd, and etcd is elsewhere"),
    ("managed-setting", "galactl or Patroni writes this setting itself"),
    ("needs-patroni", "The Patroni of the Debian release cannot do this"),
    ("no-clients", "No client may connect over the network"),
    ("port", "The port is none, or something else needs it"),
    ("proxy-kind", "galactl sets up no proxy of this kind before PostgreSQL"),
    ("release", "The release of PostgreSQL or Patroni on the hosts cannot do this"),
    ("setting-name", "This cannot be the name of a setting"),
    ("shared-setting", "The setting must be the same on every node, and is written to one"),
    ("single-etcd", "etcd has one member, and fails with its host"),
    ("synchronous-nodes", "Commits are to wait for more standbys than there can be"),
    ("synchronous-off", "No commit waits for a standby, so a failover may lose some"),
    ("tags", "No node may become the leader, or a tag contradicts another one"),
    ("unknown-setting", "PostgreSQL has no setting of this name"),
];
