//! The error messages of the scripts and programs of a state transfer, on the joiner and on the donor.

use crate::kernel::explain::{Cause, anyones, others, own};

/// Each cause of this table, as the reference says it.
pub const DOCUMENTED: &[(&str, &str)] = &[
    ("sst-running", "an earlier state transfer script still runs on this node, or its mark stayed"),
    ("no-such-donor", "`wsrep_sst_donor` names a node that is not in the cluster"),
    ("donor-left", "the donor left the cluster during the state transfer"),
    ("sst-write", "the joiner cannot write what the donor sends"),
    ("sst-foreign", "at the port of the state transfer something else answers"),
    ("sst-option", "an option of the state transfer in the option files is wrong"),
    ("backup-server", "mariabackup cannot connect to the donor's server"),
    ("backup-log", "mariabackup could not follow the donor's redo log"),
    ("open-files", "a program may not open as many files as it needs"),
    ("no-binlog-index", "the donor's script does not find the index of the binary log"),
    ("sst-request", "the donor did not understand the joiner's request"),
    ("sst-daemon", "the program that receives the state ended at once"),
    (
        "sst-stream",
        "what arrives is no backup stream: one side compresses or encrypts, and the other does not",
    ),
];

pub const CAUSES: &[Cause] = &[
    Cause {
        slug: "sst-running",
        told_by: &[own("revious SST script still running")],
        cause: "an earlier state transfer script still runs on this node, or the file wsrep_sst.pid names a process that lives",
        next: RUNNING,
    },
    // EALREADY (114): the scripts use this exit code for nothing else.
    Cause {
        slug: "sst-running",
        told_by: &[own("Process completed with error: wsrep_sst_{} --role 'joiner'{}: 114 (")],
        cause: "an earlier state transfer script still runs on this node, or the file wsrep_sst.pid names a process that lives",
        next: RUNNING,
    },
    Cause {
        slug: "sst-running",
        told_by: &[own("[WSREP-SST] FATAL: Found existing {directory}")],
        cause: "an earlier state transfer to this node broke off, and left {directory}",
        next: "pgrep -af wsrep_sst_; when there is none: sudo rm -rf {directory}, then start this node again",
    },
    Cause {
        slug: "sst-running",
        told_by: &[own("WSREP_SST: [ERROR] {program} daemon still running")],
        cause: "the {program} of an earlier state transfer still runs on this node",
        next: "pgrep -af {program}; end the one whose configuration is in /var/lib/mysql, then start this node again",
    },
    Cause {
        slug: "sst-running",
        told_by: &[own("WSREP_SST: [ERROR] {program} daemon already running")],
        cause: "the {program} of an earlier state transfer still runs on this node",
        next: "pgrep -af {program}; end the one whose configuration is in /var/lib/mysql, then start this node again",
    },
    Cause {
        slug: "no-such-donor",
        told_by: &[own(
            "requested state transfer from '{donor}', but it is impossible to select State Transfer donor: Requested donor is not available",
        )],
        cause: "wsrep_sst_donor is `{donor}`, and no member of that name can be the donor",
        next: NO_SUCH_DONOR,
    },
    Cause {
        slug: "no-such-donor",
        told_by: &[own(
            "requested state transfer from '{donor}', but it is impossible to select State Transfer donor: No route to host",
        )],
        cause: "wsrep_sst_donor is `{donor}`, and no member of that name can be the donor",
        next: NO_SUCH_DONOR,
    },
    Cause {
        slug: "no-such-donor",
        told_by: &[own("Requesting state transfer failed: {}(No route to host)")],
        cause: "no member has the name that wsrep_sst_donor gives",
        next: NO_SUCH_DONOR,
    },
    Cause {
        slug: "no-such-donor",
        told_by: &[own("Requesting state transfer failed: Requested donor is not available")],
        cause: "no member has the name that wsrep_sst_donor gives",
        next: NO_SUCH_DONOR,
    },
    Cause {
        slug: "no-such-donor",
        told_by: &[own("Joiner and donor can't be the same node")],
        cause: "wsrep_sst_donor names this node itself, or two nodes have one name",
        next: NO_SUCH_DONOR,
    },
    Cause {
        slug: "donor-left",
        told_by: &[own("Donor {donor} is no longer in the group. State transfer cannot be completed")],
        cause: "the donor {donor} left the cluster during the state transfer",
        next: "galactl status {inventory} tells who is there; start this node again: another member becomes its donor",
    },
    Cause {
        slug: "open-files",
        told_by: &[others("Too many open files"), others(BACKUP_FAILED)],
        cause: "mariabackup on the donor may not open as many files as there are tables",
        next: "on the donor: sudo systemctl edit mariadb, LimitNOFILE=1000000 under [Service], and open_files_limit in /etc/mysql; then restart it",
    },
    Cause {
        slug: "open-files",
        told_by: &[own("[ERROR] {}Too many open files")],
        cause: "the server may not open as many files as it needs",
        next: "sudo systemctl edit mariadb, LimitNOFILE=1000000 under [Service]; then start the node again",
    },
    Cause {
        slug: "sst-write",
        told_by: &[
            anyones("rsync: [receiver] {what} \"{file}\"{}failed: {reason} ("),
            anyones("WSREP_SST: [ERROR] {}rsync {}returned code"),
        ],
        cause: "rsync on the joiner cannot write what the donor sends: {what} {file}: {reason}",
        next: WRITE,
    },
    Cause {
        slug: "sst-write",
        told_by: &[
            anyones("rsync: {what} \"{file}\"{}failed: {reason} ("),
            anyones("WSREP_SST: [ERROR] {}rsync {}returned code"),
        ],
        cause: "rsync fails on a file: {what} {file}: {reason}",
        next: WRITE,
    },
    Cause {
        slug: "sst-write",
        told_by: &[own("bstream: Can't create/write to file '{file}' (Errcode: {reason})")],
        cause: "the joiner cannot write what the donor sends: {file}: error {reason}",
        next: "sudo ls -ld {file}; df -h /var/lib/mysql; sudo chown mysql: /var/lib/mysql; then start the node again",
    },
    Cause {
        slug: "sst-foreign",
        told_by: &[anyones("@ERROR: Unknown module '{module}'")],
        cause: "another rsync daemon answers at the port of the state transfer: it knows no module {module}",
        next: "on the joiner: sudo ss -ltnp 'sport = :4444'; end or move that daemon, then start the node again",
    },
    Cause {
        slug: "sst-foreign",
        told_by: &[own("WSREP_SST: [ERROR] Donor does not know my secret!")],
        cause: "what was sent to this node is not from its donor: another cluster's donor sends to this address, or the versions of the scripts differ",
        next: "mariadbd --version on all nodes; compare wsrep_sst_receive_address and wsrep_node_address of all nodes: each is to be its own",
    },
    Cause {
        slug: "sst-request",
        told_by: &[anyones("--role 'donor' --address ''")],
        cause: "the donor did not understand the joiner's request: their providers are of different releases",
        next: "dpkg -l galera-4 mariadb-server on all nodes; install one release everywhere",
    },
    Cause {
        slug: "sst-daemon",
        told_by: &[own("the rsync or stunnel daemon (PID: {pid}) terminated unexpectedly")],
        cause: "rsync or stunnel, which is to receive the state, ended at once ({pid})",
        next: "sudo journalctl -u mariadb -o cat -n 100: the lines of rsync or stunnel before this one; rsync --version",
    },
    Cause {
        slug: "sst-stream",
        told_by: &[own("wrong chunk magic")],
        cause: "what arrives is no backup stream: one side compresses or encrypts the state transfer, and the other does not",
        next: SST_OPTIONS,
    },
    Cause {
        slug: "sst-tls",
        told_by: &[anyones("WSREP_SST: [ERROR] * The certificate and private key do not match")],
        cause: "the certificate and the key of the state transfer do not belong together",
        next: SST_FILES,
    },
    Cause {
        slug: "sst-tls",
        told_by: &[anyones("It does not appear that the certificate was issued by the CA")],
        cause: "the certificate of the state transfer (tcert, ssl_cert) is not valid by its authority (tca, ssl_ca): another one has issued it, or it has expired",
        next: SST_VERIFY,
    },
    Cause {
        slug: "sst-tls",
        told_by: &[anyones("WSREP_SST: [ERROR] Both {files} must be readable")],
        cause: "the files of the state transfer's TLS cannot be read: {files}",
        next: SST_FILES,
    },
    Cause {
        slug: "sst-tls",
        told_by: &[anyones("WSREP_SST: [ERROR] Both {files} are required")],
        cause: "files of the state transfer's TLS are not set: {files}",
        next: SST_FILES,
    },
    Cause {
        slug: "sst-tls",
        told_by: &[anyones("ssl-mode is set to '{mode}', but no usable SSL certificate and key were found")],
        cause: "the state transfer is to be encrypted (ssl-mode {mode}), and no certificate and key are set",
        next: "set tcert and tkey in [sst], or ssl_cert and ssl_key in [mysqld]; or sst.options.ssl-mode: DISABLED in the inventory",
    },
    Cause {
        slug: "sst-tls",
        told_by: &[anyones("Can't have ssl-mode='{mode}' without CA file or path")],
        cause: "ssl-mode {mode} needs a certificate authority (tca, ssl_ca), and none is set",
        next: SST_FILES,
    },
    Cause {
        slug: "sst-tls",
        told_by: &[anyones("* Encryption requested, but socat is not OpenSSL enabled")],
        cause: "the state transfer is to be encrypted, and this socat has no TLS",
        next: "sudo apt-get install --reinstall socat; socat -V must say WITH_OPENSSL",
    },
    Cause {
        slug: "sst-tls",
        told_by: &[anyones("WSREP_SST: [ERROR] Peer certificate file (or path) required")],
        cause: "encrypt=4 needs the peers' certificate or authority (tca), and none is set",
        next: SST_FILES,
    },
    Cause {
        slug: "sst-tls",
        told_by: &[anyones("WSREP_SST: [ERROR] * Unable to parse the certificate {what}")],
        cause: "the script cannot read the certificate of the state transfer ({what})",
        next: SST_FILES,
    },
    Cause {
        slug: "sst-option",
        told_by: &[anyones("WSREP_SST: [ERROR] Unrecognized {option} option: '{value}'")],
        cause: "the state transfer script does not know {option} {value}",
        next: SST_OPTIONS,
    },
    Cause {
        slug: "sst-option",
        told_by: &[anyones("WSREP_SST: [ERROR] Unknown encryption format='{value}'")],
        cause: "the state transfer script does not know the encryption format {value}",
        next: SST_OPTIONS,
    },
    Cause {
        slug: "sst-option",
        told_by: &[anyones("WSREP_SST: [INFO] Unknown encryption mode: encrypt={value}")],
        cause: "the state transfer script does not know encrypt={value}",
        next: SST_OPTIONS,
    },
    Cause {
        slug: "sst-option",
        told_by: &[anyones("WSREP_SST: [ERROR] FATAL: {what}")],
        cause: "the encryption of the state transfer is not set up as a whole: {what}",
        next: SST_OPTIONS,
    },
    Cause {
        slug: "sst-option",
        told_by: &[anyones("WSREP_SST: [ERROR] Extra port {port} null")],
        cause: "the state transfer is to use the extra port {port}, which is none",
        next: SST_OPTIONS,
    },
    Cause {
        slug: "sst-versions",
        told_by: &[anyones("WSREP_SST: [ERROR] The joiner is not supported for this version of donor")],
        cause: "the joiner's version is too old for this donor",
        next: "mariadbd --version on all nodes; install one version everywhere, upgrading the node that lags behind",
    },
    Cause {
        slug: "sst-stream",
        told_by: &[anyones("WSREP_SST: [ERROR] Decompression failed")],
        cause: "the joiner could not decompress what it received",
        next: SST_OPTIONS,
    },
    Cause {
        slug: "sst-write",
        told_by: &[own("Error: Move file {file} to {to} failed: {reason}")],
        cause: "the backup that was received cannot be moved into the data directory: {to}: {reason}",
        next: MOVE,
    },
    Cause {
        slug: "sst-write",
        told_by: &[own("WSREP_SST: [ERROR] Move failed, keeping '{directory}' for further diagnosis")],
        cause: "the backup that was received cannot be moved from {directory} into the data directory",
        next: MOVE,
    },
    Cause {
        slug: "sst-write",
        told_by: &[own("WSREP_SST: [ERROR] Error unpacking tar file with binlog files")],
        cause: "the joiner cannot unpack the binary logs that it received",
        next: WRITE,
    },
    Cause {
        slug: "backup-server",
        told_by: &[anyones("Failed to connect to {}server: {reason}"), anyones("finished with error")],
        cause: "mariabackup cannot connect to the donor's server: {reason}",
        next: "on the donor: sudo grep -rnE '^(socket|port|bind)' /etc/mysql; sudo mariadb -e 'SELECT 1' tells whether its server answers",
    },
    Cause {
        slug: "backup-log",
        told_by: &[anyones("Was only able to copy log from {from} to {to}, not {wanted}")],
        cause: "mariabackup on the donor could not follow the redo log, which was written over: it got to {to} of {wanted}",
        next: "set a larger innodb_log_file_size on all nodes (inventory, then galactl apply-config {inventory}), or join while less is written",
    },
    Cause {
        slug: "backup-log",
        told_by: &[anyones("An optimized (without redo logging) DDL operation has been performed")],
        cause: "an ALTER ran on the donor during the backup, and mariabackup could not follow it",
        next: "start the node again when no ALTER runs: sudo mariadb -e 'SHOW FULL PROCESSLIST' on the donor",
    },
    Cause {
        slug: "no-binlog-index",
        told_by: &[
            anyones("cannot open '{file}.index' for reading"),
            anyones("wsrep_sst_rsync --role 'donor'"),
        ],
        cause: "the donor's script does not find the index of the binary log, {file}.index: log_bin_index names another place",
        next: "on the donor: sudo grep -rnE 'log.bin' /etc/mysql; remove log_bin_index, so that the index stands beside the binary log",
    },
    Cause {
        slug: "missing-program",
        told_by: &[own("WSREP_SST: [ERROR] {program} not in path")],
        cause: "a program that the state transfer runs is missing on this node: {program}",
        next: INSTALL,
    },
    Cause {
        slug: "missing-program",
        told_by: &[others("WSREP_SST: [ERROR] {program} not in path")],
        cause: "a program that the state transfer runs is missing on the donor: {program}",
        next: "on the donor: sudo apt-get install {program}",
    },
    Cause {
        slug: "missing-program",
        told_by: &[anyones("WSREP_SST: [ERROR] Streaming with {}, but {program} not found in path")],
        cause: "a program that the state transfer runs is missing: {program}",
        next: "sudo apt-get install mariadb-backup on all nodes, which brings mbstream",
    },
    Cause {
        slug: "missing-program",
        told_by: &[anyones("sh: {}wsrep_sst_{method}: {}not found")],
        cause: "the script wsrep_sst_{method} is missing: wsrep_sst_method names a method that is not installed",
        next: "ls /usr/bin/wsrep_sst_*; set sst.method in the inventory to one of these",
    },
    Cause {
        slug: "missing-program",
        told_by: &[anyones("Process completed with error: wsrep_sst_{method} --role {}: 127 (")],
        cause: "the script wsrep_sst_{method} is missing, or a program that it runs",
        next: "ls /usr/bin/wsrep_sst_*; set sst.method in the inventory to one of these",
    },
    Cause {
        slug: "missing-program",
        told_by: &[anyones("Neither lsof, nor sockstat")],
        cause: "the state transfer script finds neither lsof nor ss, with which it looks at ports",
        next: "sudo apt-get install iproute2 lsof",
    },
    Cause {
        slug: "missing-program",
        told_by: &[anyones("WSREP_SST: [ERROR] {program} utility not found in the path")],
        cause: "a program that the state transfer runs is missing: {program}",
        next: INSTALL,
    },
    Cause {
        slug: "missing-program",
        told_by: &[anyones("If encryption using the {} is enabled, then you need to install {program}")],
        cause: "a program that encrypts the state transfer is missing: {program}",
        next: INSTALL,
    },
    Cause {
        slug: "missing-program",
        told_by: &[anyones("WSREP_SST: [ERROR] {program} not found but it is required")],
        cause: "a program that the state transfer runs is missing: {program}",
        next: INSTALL,
    },
    Cause {
        slug: "missing-program",
        told_by: &[anyones("* Cannot determine the socat version")],
        cause: "socat does not run: it does not tell its version",
        next: "socat -V; sudo apt-get install --reinstall socat",
    },
    Cause {
        slug: "missing-program",
        told_by: &[own("WSREP_SST: [ERROR] {program} not found in path")],
        cause: "a program that the state transfer runs is missing on this node: {program}",
        next: "type {program}; sudo apt-get install --reinstall mariadb-server mariadb-client",
    },
];

const RUNNING: &str = "pgrep -af wsrep_sst_; when there is none: sudo rm -f /var/lib/mysql/wsrep_sst.pid /var/lib/mysql/sst_in_progress, which galactl add-node {inventory} NODE does as well";
const NO_SUCH_DONOR: &str = "galactl status {inventory} tells the members' names; sudo grep -rn wsrep_sst_donor /etc/mysql: correct it, or end the list with a comma, which lets any other member be the donor";
const WRITE: &str = "on the joiner: df -hi /var/lib/mysql; sudo ls -ld /var/lib/mysql, which is to belong to mysql; rsync --version on both";
const SST_VERIFY: &str = "openssl verify -CAfile CA CERTIFICATE says which, with the files of `sudo grep -rnE 'tcert|tca|ssl' /etc/mysql`; galactl apply-config {inventory} renews what galactl issues, also while this node is stopped";
const SST_FILES: &str = "sudo grep -rnE 'tkey|tcert|tca|ssl' /etc/mysql on all nodes; sudo -u mysql ls -l each of the files; openssl verify -CAfile CA CERTIFICATE";
const SST_OPTIONS: &str =
    "sudo grep -rnE 'encrypt|ssl.mode|stream' /etc/mysql on all nodes; correct sst.options in the inventory";
const MOVE: &str = "sudo ls -la /var/lib/mysql; df -h /var/lib/mysql; then galactl add-node {inventory} NODE --discard, which puts aside what lies there";
const INSTALL: &str = "sudo apt-get install {program}";
const BACKUP_FAILED: &str = "finished with error";
