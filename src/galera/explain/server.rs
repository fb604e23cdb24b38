//! The server itself does not come up.

use super::cause::{Cause, own};

/// Each cause of this table, as the reference says it.
pub const DOCUMENTED: &[(&str, &str)] = &[
    ("no-room-for-gcache", "the disk has no room for the write-set cache (gcache)"),
    ("disk-full", "the disk is full: of the node, of the joiner, or of the donor"),
    ("no-provider", "the provider library cannot be loaded"),
    ("unknown-option", "the server does not know an option in its option files"),
    ("bad-value", "the server does not accept the value of an option"),
    ("provider-option", "the provider does not accept one of its options"),
    ("port-taken", "another program uses a port of the server"),
    ("wrong-owner", "the server has no permission to open or write its own file"),
    ("damaged-data", "InnoDB finds its files damaged"),
];

pub const CAUSES: &[Cause] = &[
    Cause {
        slug: "no-room-for-gcache",
        told_by: &[own("Requested size {size} for '{file}' exceeds available storage space {free}")],
        cause: "the disk has no room for the write-set cache: {file} needs {size} bytes, and {free} are free",
        next: "df -h {file}; make room, or set a smaller gcache.size in provider_options",
    },
    Cause {
        slug: "disk-full",
        told_by: &[own("file '{file}' (Errcode: 28 ")],
        cause: "the disk is full: {file} cannot be written",
        next: DISK,
    },
    Cause {
        slug: "disk-full",
        told_by: &[own("bytes for file {file} failed with error 28")],
        cause: "the disk is full: {file} cannot be written",
        next: DISK,
    },
    Cause {
        slug: "disk-full",
        told_by: &[own("No space left on device")],
        cause: "the disk is full",
        next: DISK,
    },
    Cause {
        slug: "no-provider",
        told_by: &[own("wsrep_load(): dlopen(): {file}: cannot open shared object file")],
        cause: "the wsrep provider library cannot be loaded: there is no {file}",
        next: "sudo apt-get install galera-4, or set host.provider in the inventory",
    },
    Cause {
        slug: "unknown-option",
        told_by: &[own("[ERROR] {}: unknown variable '{option}={value}'")],
        cause: "the server does not know an option of its configuration: {option}={value}",
        next: OPTION,
    },
    Cause {
        slug: "unknown-option",
        told_by: &[own("[ERROR] {}: unknown variable '{option}'")],
        cause: "the server does not know an option of its configuration: {option}",
        next: OPTION,
    },
    Cause {
        slug: "unknown-option",
        told_by: &[own("[ERROR] {}: unknown option '{option}'")],
        cause: "the server does not know an option of its configuration: {option}",
        next: OPTION,
    },
    Cause {
        slug: "bad-value",
        told_by: &[own("Error while setting value '{value}' to '{option}'")],
        cause: "the server does not accept {value} as {option}",
        next: "sudo grep -rn '{option}' /etc/mysql; correct it there and in the inventory",
    },
    Cause {
        slug: "provider-option",
        told_by: &[own("[ERROR] WSREP: Unrecognized parameter '{option}'")],
        cause: "the wsrep provider does not accept its options: it knows no {option}",
        next: PROVIDER,
    },
    Cause {
        slug: "provider-option",
        told_by: &[own("[ERROR] WSREP: Bad value '{value}' for SSL parameter '{option}': {}: '{reason}'")],
        cause: "the wsrep provider does not accept its options: {option} is {value} ({reason})",
        next: "sudo -u mysql ls -l {value}",
    },
    Cause {
        slug: "provider-option",
        told_by: &[own("Bad value '{value}' for parameter '{option}'")],
        cause: "the wsrep provider does not accept its options: {option} cannot be {value}",
        next: PROVIDER,
    },
    Cause {
        slug: "provider-option",
        told_by: &[own(
            "[ERROR] WSREP: Failed to create a new provider '{}' with options '{options}': {reason}",
        )],
        cause: "the wsrep provider does not accept its options ({reason}): {options}",
        next: PROVIDER,
    },
    Cause {
        slug: "port-taken",
        told_by: &[own("Do you already have another server running on port: {port} ")],
        cause: "the server's port {port} is taken by another program",
        next: "sudo ss -ltnp 'sport = :{port}'",
    },
    Cause {
        slug: "port-taken",
        told_by: &[own("failed to open gcomm backend connection: 98:")],
        cause: "Galera's group port, 4567 unless configured otherwise, is taken by another program",
        next: "sudo ss -ltnp 'sport = :4567'",
    },
    Cause {
        slug: "port-taken",
        told_by: &[own("Failed to open IST listener at {address}', {}Address already in use")],
        cause: "the port of incremental state transfers is taken by another program: {address}",
        next: "sudo ss -ltnp 'sport = :4568'",
    },
    Cause {
        slug: "port-taken",
        told_by: &[own("unable to bind any inbound sockets on port {port}")],
        cause: "the port {port}, where the state is to be received, is taken by another program",
        next: "sudo ss -ltnp 'sport = :{port}'",
    },
    Cause {
        slug: "wrong-owner",
        told_by: &[own("[ERROR] {} '{file}' {}(Errcode: 13 ")],
        cause: "the server may not open its own file {file}",
        next: OWNER,
    },
    Cause {
        slug: "wrong-owner",
        told_by: &[own("[ERROR] InnoDB: The data file '{file}' must be writable")],
        cause: "the server may not write its own file {file}",
        next: OWNER,
    },
    Cause {
        slug: "damaged-data",
        told_by: &[own("InnoDB: Plugin initialization aborted with error Data structure corruption")],
        cause: "InnoDB finds its files on this node damaged",
        next: "sudo cp -a /var/lib/mysql /var/lib/mysql.damaged; then galactl recover {inventory}",
    },
];

const DISK: &str = "df -h /var/lib/mysql /tmp; make room, then run the same command again";
const OPTION: &str = "sudo grep -rn '{option}' /etc/mysql; remove it there and from the inventory";
const OWNER: &str = "sudo chown -R mysql: /var/lib/mysql";
const PROVIDER: &str = "correct provider_options in the inventory; sudo grep -rn wsrep_provider_options /etc/mysql shows where else they stand";
