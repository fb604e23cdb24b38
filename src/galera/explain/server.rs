//! The server itself does not come up, because of its options, its ports, its provider or its certificate.

use crate::kernel::explain::{Cause, anyones, own};

/// Each cause of this table, as the reference says it.
pub const DOCUMENTED: &[(&str, &str)] = &[
    ("option-file", "an option file cannot be read"),
    ("unknown-option", "the server does not know an option in its option files"),
    ("bad-value", "the server does not accept the value of an option"),
    ("galera-option", "Galera does not work with the value of an option"),
    ("server-user", "the server runs as root, or its user does not exist"),
    ("no-provider", "the provider library cannot be loaded"),
    ("server-tls", "the server cannot use its certificate or its key"),
    ("node-address", "the host does not have an address that the server is to use, or the server finds none"),
    ("port-taken", "another program uses a port of the server"),
    ("port-denied", "the server may not use a port or a socket"),
    ("garb-settings", "the arbitrator has no settings"),
];

pub const CAUSES: &[Cause] = &[
    Cause {
        slug: "option-file",
        told_by: &[own("error: Found option without preceding group in config file: {file} at line: {line}")],
        cause: "{file} has an option before its first [group], in line {line}",
        next: OPTION_FILE,
    },
    Cause {
        slug: "option-file",
        told_by: &[own("error: Wrong {what} in config file: {file} at line {line}")],
        cause: "{file} cannot be read: wrong {what} in line {line}",
        next: OPTION_FILE,
    },
    Cause {
        slug: "option-file",
        told_by: &[own("Could not open required defaults file: {file}")],
        cause: "the option file {file}, which the server is started with, cannot be read",
        next: "sudo ls -l {file}; systemctl cat mariadb shows who names it",
    },
    Cause {
        slug: "unknown-option",
        told_by: &[own("[ERROR] {} unknown variable '{option}={value}'")],
        cause: "the server does not know an option of its configuration: {option}={value}",
        next: OPTION,
    },
    Cause {
        slug: "unknown-option",
        told_by: &[own("[ERROR] {} unknown variable '{option}'")],
        cause: "the server does not know an option of its configuration: {option}",
        next: OPTION,
    },
    Cause {
        slug: "unknown-option",
        told_by: &[own("[ERROR] {} unknown option '{option}'")],
        cause: "the server does not know an option of its configuration: {option}",
        next: OPTION,
    },
    Cause {
        slug: "unknown-option",
        told_by: &[own("[ERROR] {} ambiguous option '--{option}' ({meant})")],
        cause: "an option of the configuration is a short form of several: {option} ({meant})",
        next: OPTION,
    },
    Cause {
        slug: "bad-value",
        told_by: &[own("Error while setting value '{value}' to '{option}'")],
        cause: "the server does not accept {value} as {option}",
        next: "sudo grep -rn '{option}' /etc/mysql; correct it there and in the inventory",
    },
    Cause {
        slug: "bad-value",
        told_by: &[own("Unknown suffix '{}' used for variable '{option}' (value '{value}')")],
        cause: "the server does not accept {value} as {option}",
        next: "sudo grep -rn '{option}' /etc/mysql; correct it there and in the inventory",
    },
    Cause {
        slug: "bad-value",
        told_by: &[own("[ERROR] {} option '--{option}' requires an argument")],
        cause: "{option} has no value",
        next: "sudo grep -rn '{option}' /etc/mysql; give it a value there and in the inventory",
    },
    Cause {
        slug: "bad-value",
        told_by: &[own("[ERROR] {} option '--{option}' cannot take an argument")],
        cause: "{option} takes no value",
        next: "sudo grep -rn '{option}' /etc/mysql; correct it there and in the inventory",
    },
    Cause {
        slug: "bad-value",
        told_by: &[own("[ERROR] Character set '{value}' is not a compiled character set")],
        cause: "the server knows no character set {value}",
        next: "sudo grep -rn '{value}' /etc/mysql; correct it there and in the inventory",
    },
    Cause {
        slug: "bad-value",
        told_by: &[own("[ERROR] COLLATION '{value}' is not valid for CHARACTER SET '{set}'")],
        cause: "the collation {value} does not belong to the character set {set}",
        next: "sudo grep -rn '{value}' /etc/mysql; correct it there and in the inventory",
    },
    Cause {
        slug: "bad-value",
        told_by: &[own("Illegal or unknown default time zone '{value}'")],
        cause: "the server knows no time zone {value}",
        next: "sudo grep -rn time.zone /etc/mysql; set SYSTEM, or load the zones: mariadb-tzinfo-to-sql /usr/share/zoneinfo | sudo mariadb mysql",
    },
    Cause {
        slug: "bad-value",
        told_by: &[own("[ERROR] Unknown locale: '{value}'")],
        cause: "the server knows no locale {value}",
        next: "sudo grep -rn '{value}' /etc/mysql; correct it there and in the inventory",
    },
    Cause {
        slug: "bad-value",
        told_by: &[own("'lower_case_table_names' is configured to use case sensitive table names")],
        cause: "lower_case_table_names does not fit the file system of the data directory",
        next: "sudo grep -rn lower_case_table_names /etc/mysql; it must have one value on all nodes, which cannot change once there is data",
    },
    Cause {
        slug: "galera-option",
        told_by: &[own("Galera does not support binlog format: {format}")],
        cause: "Galera does not work with binlog_format {format}",
        next: "sudo grep -rn binlog.format /etc/mysql; set it to ROW there and in the inventory",
    },
    Cause {
        slug: "galera-option",
        told_by: &[own("requires innodb_autoinc_lock_mode= 2")],
        cause: "Galera needs innodb_autoinc_lock_mode = 2 for more than one applier thread",
        next: "sudo grep -rn innodb.autoinc.lock.mode /etc/mysql; set it to 2 there and in the inventory",
    },
    Cause {
        slug: "galera-option",
        told_by: &[own("SST method requires wsrep_cluster_address to be configured on startup")],
        cause: "wsrep_cluster_address is not set",
        next: "sudo grep -rn wsrep_cluster_address /etc/mysql; galactl apply-config {inventory} writes it",
    },
    Cause {
        slug: "galera-option",
        told_by: &[own("Option --log-slave-updates is required if binlog is enabled")],
        cause: "Galera needs log_slave_updates with a binary log and GTID mode",
        next: "set log_slave_updates: ON in the inventory and in /etc/mysql",
    },
    Cause {
        slug: "galera-option",
        told_by: &[own(
            "wsrep_sst_method is set to 'mysqldump' yet mysqld bind_address is set to '{address}'",
        )],
        cause: "bind_address {address} lets no donor in, and wsrep_sst_method is mysqldump",
        next: "set sst.method to rsync or mariabackup in the inventory, or a bind_address that the members reach",
    },
    Cause {
        slug: "galera-option",
        told_by: &[own("Invalid backend URI: {value}")],
        cause: "wsrep_cluster_address is {value}, and must begin with gcomm://",
        next: ADDRESSES,
    },
    Cause {
        slug: "galera-option",
        told_by: &[own("Backend not supported: {value}")],
        cause: "wsrep_cluster_address is {value}, and must begin with gcomm://",
        next: ADDRESSES,
    },
    Cause {
        slug: "galera-option",
        told_by: &[own("can't be enabled if the wsrep_provider is unset or set to 'none'")],
        cause: "wsrep_on is set, and wsrep_provider is not",
        next: "sudo grep -rnE 'wsrep.(on|provider)' /etc/mysql; galactl apply-config {inventory} writes both",
    },
    Cause {
        slug: "galera-option",
        told_by: &[own("can't be enabled if innodb_lock_schedule_algorithm=VATS")],
        cause: "Galera does not work with innodb_lock_schedule_algorithm VATS",
        next: "sudo grep -rn innodb.lock.schedule.algorithm /etc/mysql; set it to FCFS there and in the inventory",
    },
    Cause {
        slug: "galera-option",
        told_by: &[own("[ERROR] {}wsrep_mode=[{modes}] can't be enabled if {option}")],
        cause: "wsrep_mode ({modes}) does not go together with {option}",
        next: "sudo grep -rnE 'wsrep.(mode|forced)' /etc/mysql; correct it there and in the inventory",
    },
    Cause {
        slug: "galera-option",
        told_by: &[own("[ERROR] {}wsrep_forced_binlog_format={format} can't be set if {option}")],
        cause: "wsrep_forced_binlog_format {format} does not go together with {option}",
        next: "sudo grep -rnE 'wsrep.(mode|forced)' /etc/mysql; correct it there and in the inventory",
    },
    Cause {
        slug: "server-user",
        told_by: &[own("to find out how to run m{} as root")],
        cause: "the server was started as root, and no user is set that it is to become",
        next: "set user = mysql under [mysqld], and start the server by its unit: sudo systemctl start mariadb",
    },
    Cause {
        slug: "server-user",
        told_by: &[own("Cannot change uid/gid (errno: {code})")],
        cause: "the server could not become its user (error {code}): it was not started as root, and not as that user",
        next: "start it by its unit: sudo systemctl start mariadb; sudo grep -rn '^user' /etc/mysql",
    },
    Cause {
        slug: "server-user",
        told_by: &[own("Can't change to run as user '{user}'")],
        cause: "the user that the server is to run as does not exist: {user}",
        next: "getent passwd {user}; sudo grep -rn '^user' /etc/mysql",
    },
    Cause {
        slug: "no-provider",
        told_by: &[own("wsrep_load(): dlopen(): {file}: cannot open shared object file")],
        cause: "the wsrep provider library cannot be loaded: there is no {file}",
        next: "sudo apt-get install galera-4, or set host.provider in the inventory",
    },
    Cause {
        slug: "no-provider",
        told_by: &[own("wsrep_load(): dlopen(): {reason}")],
        cause: "the wsrep provider library cannot be loaded: {reason}",
        next: "sudo apt-get install --reinstall galera-4; dpkg -l galera-4 mariadb-server tells whether both are of one release",
    },
    Cause {
        slug: "no-provider",
        told_by: &[own("wsrep_load(): interface version mismatch: my version {own}, provider version {its}")],
        cause: "the wsrep provider library is of another generation ({its}) than the server ({own})",
        next: "sudo apt-get install galera-4, and set host.provider in the inventory to its library: dpkg -L galera-4",
    },
    Cause {
        slug: "server-tls",
        told_by: &[own("[ERROR] SSL error: {reason} from '{file}'")],
        cause: "the server cannot use {file}: {reason}",
        next: "sudo -u mysql openssl x509 -noout -subject -in {file}; sudo grep -rn ssl /etc/mysql",
    },
    Cause {
        slug: "server-tls",
        told_by: &[own("SSL error: Unable to get private key from '{file}'"), own("Failed to setup SSL")],
        cause: "the server cannot use the key in {file}: it cannot read it, or it is not that of the certificate (ssl_cert)",
        next: "sudo -u mysql openssl pkey -in {file} -pubout, and openssl x509 -noout -pubkey -in the file of ssl_cert: both must print the same",
    },
    Cause {
        slug: "server-tls",
        told_by: &[own("SSL error: Unable to get certificate from '{file}'"), own("Failed to setup SSL")],
        cause: "the server cannot read a certificate from {file}",
        next: "sudo -u mysql openssl x509 -noout -subject -in {file}; ls -l {file}: mysql must be able to read it",
    },
    Cause {
        slug: "server-tls",
        told_by: &[own("SSL error: {reason}"), own("Failed to setup SSL"), own("[ERROR] Aborting")],
        cause: "the server cannot use its certificate or its key: {reason}",
        next: "sudo grep -rn ssl /etc/mysql; sudo -u mysql ls -l each of the files",
    },
    Cause {
        slug: "garb-settings",
        told_by: &[own("GALERA_GROUP name is not configured")],
        cause: "the arbitrator does not know its cluster: GALERA_GROUP is not set",
        next: GARB,
    },
    Cause {
        slug: "garb-settings",
        told_by: &[own("Garbd config {file} is not configured yet")],
        cause: "the arbitrator's settings in {file} are still the package's example",
        next: GARB,
    },
    Cause {
        slug: "garb-settings",
        told_by: &[own("List of GALERA_NODES is not configured")],
        cause: "the arbitrator does not know its cluster: GALERA_NODES is not set",
        next: GARB,
    },
    Cause {
        slug: "node-address",
        told_by: &[own("Failed to open IST listener at {address}', {}Cannot assign requested address")],
        cause: "no interface of this host has {address}, at which the node is to receive what it missed (wsrep_node_address, ist.recv_addr)",
        next: RECV_BIND,
    },
    Cause {
        slug: "node-address",
        told_by: &[
            own("IST receiver addr using {}://127.{rest}"),
            own("failed: {}onnection refused"),
            own("Will never receive state"),
        ],
        cause: "the node tells its donor to send to 127.{rest}, which is the donor itself: the name of this host means a loopback address",
        next: "getent hosts $(hostname); set wsrep_node_address to the address of this host that the members reach",
    },
    Cause {
        slug: "node-address",
        told_by: &[own("error while trying to listen '{address}'{}Cannot assign requested address")],
        cause: "no interface of this host has {address}, at which Galera is to listen (gmcast.listen_addr)",
        next: LISTEN,
    },
    Cause {
        slug: "node-address",
        told_by: &[own("failed to open gcomm backend connection: 99:")],
        cause: "no interface of this host has the address at which Galera is to listen (gmcast.listen_addr)",
        next: LISTEN,
    },
    Cause {
        slug: "node-address",
        told_by: &[own("Bind on TCP/IP port{}Cannot assign requested address")],
        cause: "no interface of this host has the bind_address of the server",
        next: "ip -br address; sudo grep -rn bind.address /etc/mysql; set an address of this host, or 0.0.0.0",
    },
    Cause {
        slug: "node-address",
        told_by: &[own("invalid numeric value (in daemon mode)")],
        cause: "rsync does not understand the node's address: an IPv6 address needs brackets",
        next: "set wsrep_sst_receive_address to [ADDRESS]:4444 under [mysqld]",
    },
    Cause {
        slug: "node-address",
        told_by: &[own("Can't start server: cannot resolve hostname")],
        cause: "the bind_address of the server is a name that cannot be resolved",
        next: "sudo grep -rn bind.address /etc/mysql; set an address of this host, or 0.0.0.0",
    },
    Cause {
        slug: "node-address",
        told_by: &[own("Failed to guess base node address")],
        cause: "the server does not find out the address of its host",
        next: NODE_ADDRESS,
    },
    Cause {
        slug: "node-address",
        told_by: &[own("Failed to guess address to accept state transfer")],
        cause: "the server does not find out at which address it is to receive its data",
        next: NODE_ADDRESS,
    },
    Cause {
        slug: "node-address",
        told_by: &[own("Could not parse wsrep_{option} : {value}")],
        cause: "wsrep_{option} is no address: {value}",
        next: "sudo grep -rn wsrep_{option} /etc/mysql; correct it",
    },
    Cause {
        slug: "node-address",
        told_by: &[own("wsrep_sst_receive_address is set to '{address}' which makes it impossible")],
        cause: "no other host reaches {address}, which is wsrep_sst_receive_address",
        next: "sudo grep -rn wsrep_sst_receive_address /etc/mysql; remove it, or set an address that the members reach",
    },
    Cause {
        slug: "node-address",
        told_by: &[anyones("destination address '{address}' matches source address")],
        cause: "the node tells its donor to send to {address}, which is the donor itself",
        next: NODE_ADDRESS,
    },
    Cause {
        slug: "node-address",
        told_by: &[own("Can't create IP socket: {reason}")],
        cause: "the server cannot listen on its bind_address: {reason}",
        next: "ip -br address; sudo grep -rn bind.address /etc/mysql; set an address of this host, or 0.0.0.0",
    },
    Cause {
        slug: "node-address",
        told_by: &[own("Could not determine IST receive address: {reason}")],
        cause: "the provider does not find out at which address it is to receive what the node missed: {reason}",
        next: NODE_ADDRESS,
    },
    Cause {
        slug: "port-denied",
        told_by: &[own("Bind on TCP/IP port{}Permission denied")],
        cause: "the server may not listen on its port: it is below 1024, or SELinux forbids it",
        next: "sudo grep -rn '^port' /etc/mysql; sudo journalctl -k --grep denied",
    },
    Cause {
        slug: "port-denied",
        told_by: &[own("Can't start server : Bind on unix socket: {reason}")],
        cause: "the server cannot make its socket: {reason}",
        next: "sudo grep -rn '^socket' /etc/mysql; sudo ls -ld /run/mysqld, which is to belong to mysql",
    },
    Cause {
        slug: "port-taken",
        told_by: &[own("Binding service [{service}] to {address}: Address already in use")],
        cause: "the port at which stunnel is to receive the state is taken by another program: {address}",
        next: "sudo ss -ltnp 'sport = :4444'",
    },
    Cause {
        slug: "port-taken",
        told_by: &[own("garbd{}: bind: Address already in use")],
        cause: "the arbitrator's port, 4567 unless configured otherwise, is taken by another program",
        next: "sudo ss -ltnp 'sport = :4567'",
    },
    Cause {
        slug: "port-taken",
        told_by: &[own("Do you already have another {}server running on port: {port} ")],
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
        slug: "port-taken",
        told_by: &[own("WSREP_SST: [ERROR] rsync {}port '{port}' has been taken")],
        cause: "the port {port}, where the state is to be received, is taken by another program",
        next: "sudo ss -ltnp 'sport = :{port}'",
    },
];

const OPTION_FILE: &str = "sudo sed -n '{line}p' {file}; correct it; galactl apply-config {inventory} writes galactl's own file anew";
const OPTION: &str = "sudo grep -rn '{option}' /etc/mysql; remove it there and from the inventory";
const RECV_BIND: &str = "ip -br address; set the node's address in the inventory to one of this host; behind NAT, set ist.recv_bind in its provider_options to the private one";
const LISTEN: &str =
    "ip -br address; sudo grep -rn gmcast.listen_addr /etc/mysql; set an address of this host, or remove it";
const NODE_ADDRESS: &str =
    "ip -br address; set wsrep_node_address to the address of this host that the members reach";
const GARB: &str = "sudo cat /etc/default/garb; galactl apply-config {inventory} writes it for an arbitrator of the inventory";
const ADDRESSES: &str = "sudo grep -rn wsrep.cluster.address /etc/mysql: gcomm:// and the members' addresses; galactl apply-config {inventory} writes it";
