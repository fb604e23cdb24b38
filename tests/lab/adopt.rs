//! A cluster that was built by hand, and is taken over as it is.

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

use crate::clients::{Clients, Keeps, SETUP};
use crate::lab::Lab;
use crate::run::{Inventory, Ran};

const HOSTS: [&str; 2] = ["db1", "db2"];
const BY_HAND: &str = "/etc/mysql/mariadb.conf.d/60-galera.cnf";
/// As somebody types it into an option file, which keeps it as it is.
const PASSWORD: &str = "p4ss w\"ord";

/// Writes the option file as a person would, in spellings of their own.
fn write_by_hand(lab: &Lab, host: &str, number: usize) {
    let list = ["db2", "db1"].map(|host| lab.address(host)).join(",");
    let text = format!(
        "# by hand\n[galera]\nwsrep-on=1\nwsrep_provider=/usr/lib/galera/libgalera_smm.so\n\
         wsrep_provider_options=\"gcache.size=64M;gcs.fc_limit = 64;socket.ssl_ca=/etc/mysql/ssl/ca.pem;\
         socket.ssl_cert=/etc/mysql/ssl/cert.pem;socket.ssl_key=/etc/mysql/ssl/key.pem\"\nwsrep_cluster_name=hand-made\n\
         wsrep_cluster_address=gcomm://{list}\nwsrep_node_name={host}\nwsrep_node_address={}\n\
         wsrep_sst_method=mariabackup\nwsrep_sst_auth=backup:{PASSWORD}\nbinlog_format=row\n\
         innodb_autoinc_lock_mode=2\nbind-address=*\nskip-name-resolve\n\
         [mysqld]\nmax_connections=30{number}\ninnodb_buffer_pool_size=134217728\n\
         [sst]\nencrypt=3\ntcert=/etc/mysql/ssl/cert.pem\ntkey=/etc/mysql/ssl/key.pem\n",
        lab.address(host)
    );
    let file = lab.directory().join("machines").join(host).join("root").join(&BY_HAND[1..]);
    fs::write(&file, text).expect("the host's /etc");
    lab.on(host, &format!("chown root:mysql {BY_HAND} && chmod 640 {BY_HAND} && systemctl stop mariadb"));
}

/// Certificates of somebody's own authority, which is left beside the inventory.
fn certify_by_hand(lab: &Lab, inventory: &Inventory<'_>) {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "Somebody's CA");
    let ca = params.self_signed(&key).expect("an authority").pem();
    for (name, text) in [("ca.pem", &ca), ("ca.key", &key.serialize_pem())] {
        let file = inventory.file(name);
        fs::write(&file, text).expect("the lab's directory");
        fs::set_permissions(&file, Permissions::from_mode(0o600)).expect("the file");
    }
    let issuer = Issuer::from_params(&params, &key);
    for host in HOSTS {
        let own = KeyPair::generate().expect("a key");
        let certificate = CertificateParams::new(vec![host.to_owned(), lab.address(host)])
            .and_then(|params| params.signed_by(&own, &issuer))
            .expect("a certificate");
        let folder = lab.directory().join("machines").join(host).join("root/etc/mysql/ssl");
        fs::create_dir_all(&folder).expect("the host's /etc");
        for (name, text) in
            [("ca.pem", &ca), ("cert.pem", &certificate.pem()), ("key.pem", &own.serialize_pem())]
        {
            fs::write(folder.join(name), text).expect("the host's /etc");
        }
        lab.on(
            host,
            "chown -R root:mysql /etc/mysql/ssl; chmod 755 /etc/mysql/ssl; chmod 640 /etc/mysql/ssl/*",
        );
    }
}

/// With the server's and the distribution's own commands only.
fn build_by_hand(lab: &Lab, inventory: &Inventory<'_>) {
    certify_by_hand(lab, inventory);
    for (index, host) in HOSTS.iter().enumerate() {
        write_by_hand(lab, host, index + 1);
    }
    lab.on("db1", "systemctl enable mariadb && galera_new_cluster");
    let statements = format!(
        "CREATE USER backup@localhost IDENTIFIED BY '{PASSWORD}'; CREATE DATABASE shop; \
         GRANT RELOAD, PROCESS, LOCK TABLES, BINLOG MONITOR ON *.* TO backup@localhost"
    );
    lab.on("db1", &format!("mariadb <<'EOF'\n{statements}\nEOF"));
    lab.on("db2", "systemctl enable mariadb && systemctl start mariadb");
}

/// `galactl init FILE --from HOST…` with the lab's key.
fn init_from(inventory: &Inventory<'_>, file: &str, hosts: &[&str]) -> Ran {
    let (key, known_hosts) = (inventory.file("id_ed25519"), inventory.file("known_hosts"));
    let words = ["--ssh-key", &key, "--known-hosts", &known_hosts];
    inventory.galactl_alone(&[&["init", file, "--from"], hosts, &words].concat())
}

#[test]
#[ignore = "boots real hosts"]
fn a_cluster_built_by_hand_is_adopted_and_changed() {
    let lab = Lab::up("t-adopt", &[HOSTS[0], HOSTS[1], "lb1:bookworm:bare"]);
    let inventory = Inventory::of(&lab, &HOSTS);
    let (file, address) = (inventory.file("found.yaml"), lab.address("db2"));
    init_from(&inventory, &file, &[&address]).expect_code(3).says(&["no member of a running cluster"]);
    build_by_hand(&lab, &inventory);

    let before = lab.all_untouched(&HOSTS);
    let found = init_from(&inventory, &file, &[&address]).expect_code(0);
    let said = [
        "the cluster has more members",
        "TLS is set up with files that are not galactl's",
        "has nothing to do",
    ];
    let found = found.says(&said);
    let text = fs::read_to_string(&file).expect("the inventory");
    assert!(!format!("{}{text}", found.text()).contains("p4ss"), "{text}");
    init_from(&inventory, &file, &[&address]).expect_code(1).says(&["exists already"]);
    inventory.galactl_alone(&["validate", &file]).expect_code(0);
    nothing_to_do(&inventory, &file);
    inventory.galactl_alone(&["status", &file]).expect_code(0).says(&["2 of 2 nodes Synced, size 2 of 2"]);
    assert_eq!(lab.all_untouched(&HOSTS), before, "a look changed something");

    a_change_shows_itself_and_is_made(&lab, &inventory, &file);
    its_certificates_are_taken_over(&lab, &inventory, &file);
    a_proxy_in_front_of_it_is_described_and_taken_over(&lab, &inventory);
    a_member_that_cannot_be_reached(&lab, &inventory);
}

fn nothing_to_do(inventory: &Inventory<'_>, file: &str) {
    inventory.galactl_alone(&["plan", file, "--detailed-exitcode"]).expect_code(0).says(&["Nothing to do"]);
}

fn a_change_shows_itself_and_is_made(lab: &Lab, inventory: &Inventory<'_>, file: &str) {
    let text = fs::read_to_string(file).expect("the inventory");
    let changed = text.replace("\nmysqld:\n", "\nmysqld:\n  max_connect_errors: 77\n");
    assert_ne!(changed, text);
    fs::write(file, changed).expect("the inventory");
    let digest = |host: &str| lab.on(host, &format!("sha256sum {BY_HAND}"));
    let by_hand = HOSTS.map(digest);
    let plan = inventory.galactl_alone(&["plan", file, "--detailed-exitcode"]).expect_code(2);
    let because: Vec<_> = plan.stdout.lines().filter(|line| line.contains("in the inventory")).collect();
    assert_eq!(because.len(), HOSTS.len(), "{because:?}");
    for line in because {
        assert!(
            line.ends_with("because `max_connect_errors` is not set there, and `77` in the inventory"),
            "{line}"
        );
    }
    plan.says(&[&format!("takes the place of what {BY_HAND} says")]);

    inventory.galactl_alone(&["apply-config", file, "--yes"]).expect_code(0);
    nothing_to_do(inventory, file);
    for (index, host) in HOSTS.iter().enumerate() {
        let value = lab.sql(host, "SELECT @@max_connect_errors, @@max_connections");
        assert_eq!(value, format!("77\t30{}", index + 1), "{host}");
    }
    assert_eq!(HOSTS.map(digest), by_hand);

    // A copy of the data still goes by the password that somebody chose.
    lab.on("db2", "systemctl stop mariadb && rm -rf /var/lib/mysql/* && systemctl start mariadb");
    assert_eq!(lab.sql("db2", "SHOW DATABASES LIKE 'shop'"), "shop");
}

/// With the authority that has issued the present ones, it takes one round. Whoever looks at the cluster from elsewhere
/// gets the same inventory, and needs no key.
fn its_certificates_are_taken_over(lab: &Lab, inventory: &Inventory<'_>, file: &str) {
    let text = fs::read_to_string(file).expect("the inventory");
    let of_files = |line: &&str| {
        ["ssl", "encrypt: ", "tcert: ", "tkey: "]
            .iter()
            .all(|word| !line.trim().starts_with(word) && !line.contains("socket.ssl"))
    };
    let kept: Vec<_> = text.lines().filter(of_files).filter(|line| *line != "  options:").collect();
    let section = "tls:\n  ca: {certificate: ca.pem, key: {file: ca.key}}\n  clients: off\n";
    fs::write(file, format!("{}\n{section}", kept.join("\n"))).expect("the inventory");
    let ledger = ["apply-config", file, "--yes", "--ledger"];
    inventory.galactl_alone(&ledger).expect_code(0).says(&[
        "ok db1/galera/config-sst",
        "ok db2/tls/reload",
        "nothing is lost",
    ]);
    nothing_to_do(inventory, file);
    let folder = inventory.file("elsewhere");
    fs::create_dir(&folder).expect("the lab's directory");
    let other = format!("{folder}/found.yaml");
    init_from(inventory, &other, &[&lab.address("db1")])
        .expect_code(0)
        .says(&["bring ca.key here", "has nothing to do"]);
    nothing_to_do(inventory, &other);
    let trusted = [format!("{folder}/ca.pem"), inventory.file("ca.pem")]
        .map(|file| fs::read_to_string(file).expect("the authority"));
    assert_eq!(trusted[0].trim(), trusted[1].trim());
}

/// As guides have it.
const PROXY: &str = "\
global
    daemon
    maxconn 1000
defaults
    mode tcp
    timeout connect 5s
    timeout client 1h
    timeout server 1h
listen galera
    bind :3306
    option mysql-check user checker
    server db1 ADDRESS1:3306 check
    server db2 ADDRESS2:3306 check backup
listen stats
    bind :8404
    mode http
    stats enable
    stats auth admin:p4ss
";

fn a_proxy_in_front_of_it_is_described_and_taken_over(lab: &Lab, inventory: &Inventory<'_>) {
    const FILE: &str = "/etc/haproxy/haproxy.cfg";
    lab.on("lb1", "apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy haproxy");
    let numbered = HOSTS.iter().enumerate().map(|(index, host)| (index + 1, host));
    let text = numbered.fold(PROXY.to_owned(), |text, (number, host)| {
        text.replace(&format!("ADDRESS{number}:"), &format!("{}:", lab.address(host)))
    });
    fs::write(lab.directory().join("machines/lb1/root").join(&FILE[1..]), &text).expect("the host's /etc");
    lab.sql("db1", &format!("CREATE USER checker@'%'; {SETUP}"));
    lab.on("lb1", "systemctl reload-or-restart haproxy");

    // What is told of it, and nothing is changed.
    let (file, proxy) = (inventory.file("proxied.yaml"), lab.address("lb1"));
    let found = init_from(inventory, &file, &[&lab.address("db1"), "--proxy", &proxy]).expect_code(0);
    let found = found.says(&[
        "`listen stats` at port 8404: it does not lead to the cluster",
        "`listen galera`: option mysql-check",
        "lb1: galactl does not replace /etc/haproxy/haproxy.cfg",
    ]);
    let described = fs::read_to_string(&file).expect("the inventory");
    assert!(!format!("{}{described}", found.text()).contains("p4ss"), "{described}");
    assert!(described.contains("  writes: single\n  write_port: 3306\n"), "{described}");
    inventory.galactl_alone(&["validate", &file]).expect_code(0);

    // The nodes tell who serves; the proxy is left as it is, with the way on.
    let room = format!("sudo mv {FILE} {FILE}.before-galactl");
    let said = ["lb1: left as it is, /etc/haproxy/haproxy.cfg is somebody else's work", &room];
    inventory.galactl_alone(&["plan", &file, "--detailed-exitcode"]).expect_code(2).says(&said);
    inventory.galactl_alone(&["apply-config", &file, "--yes"]).expect_code(0).says(&said);
    inventory.galactl_alone(&["plan", &file]).expect_code(3).says(&["refused[foreign-file] lb1", &room]);
    inventory
        .galactl_alone(&["status", &file])
        .expect_code(5)
        .says(&[&format!("{room}; then galactl apply-config")]);
    assert_eq!(lab.on("lb1", &format!("cat {FILE}")), text.trim());
    let clients = Clients::start(&[(proxy, 3306)], &[Keeps::None]);
    clients.await_more(1);

    lab.on("lb1", room.trim_start_matches("sudo "));
    inventory
        .galactl_alone(&["apply-config", &file, "--yes", "--ledger"])
        .expect_code(0)
        .says(&["ok lb1/haproxy/verify", "nothing is lost: every confirmed row is on db1 and db2"]);
    clients.await_more(100);
    let account = clients.stop();
    assert_eq!(account.failures(|_| true), [""; 0]);
    account.assert_nothing_lost(lab, &HOSTS);
    nothing_to_do(inventory, &file);
    inventory.galactl_alone(&["status", &file]).expect_code(0).says(&["proxy, writes go to db1"]);
}

fn a_member_that_cannot_be_reached(lab: &Lab, inventory: &Inventory<'_>) {
    lab.on("db2", "systemctl stop ssh ssh.socket; systemctl mask ssh --runtime");
    let address = lab.address("db2");
    let other = inventory.file("other.yaml");
    init_from(inventory, &other, &[&lab.address("db1")])
        .expect_code(4)
        .says(&[&format!("{address} could not be scanned"), &format!("make `ssh root@{address}` work")]);
    assert!(!fs::exists(&other).expect("the lab's directory"));
}

/// Three hosts whose option files are as people, guides and tools write them.
const FOUND: [&str; 3] = ["db1", "db2", "db3"];
/// Debian's own proposal for a name has blanks; quotes and the like are allowed to a server as well.
const NAME: &str = "MariaDB's \"Galera\" Cluster";

/// Writes the file without a bind-address, so that Debian's 127.0.0.1 holds; and with what is left empty, what stands
/// without a value, and a node's address with its port.
fn write_as_found(lab: &Lab, host: &str) {
    let list = FOUND.map(|host| lab.address(host)).join(",");
    let text = format!(
        "[galera]\nwsrep_on=ON\nwsrep_provider=/usr/lib/galera/libgalera_smm.so\n\
         wsrep_cluster_name=\"MariaDB's \\\"Galera\\\" Cluster\"\nwsrep_cluster_address=\"gcomm://{list}\"\n\
         wsrep_node_address={}:4567\nwsrep_node_name={host}\nwsrep_sst_method=rsync\nwsrep_notify_cmd=\n\
         init_file=\nlog-bin\nskip-name-resolve\nslow-query-log=\nbinlog_format=row\n\
         innodb_autoinc_lock_mode=2\ndefault_storage_engine=InnoDB\n",
        lab.address(host)
    );
    let file = lab.directory().join("machines").join(host).join("root").join(&BY_HAND[1..]);
    fs::write(&file, text).expect("the host's /etc");
    lab.on(host, "systemctl stop mariadb; systemctl enable mariadb");
}

#[test]
#[ignore = "boots real hosts"]
fn files_as_people_write_them_are_adopted_from_one_host_and_copied() {
    let lab = Lab::up("t-adopt-found", &FOUND);
    let inventory = Inventory::of(&lab, &FOUND);
    for host in FOUND {
        write_as_found(&lab, host);
    }
    lab.on("db1", "galera_new_cluster");
    lab.on("db2", "systemctl start mariadb");
    lab.on("db3", "systemctl start mariadb");
    assert_eq!(
        lab.sql("db1", "SHOW STATUS LIKE 'wsrep_incoming_addresses'"),
        "wsrep_incoming_addresses\tAUTO,AUTO,AUTO"
    );

    let file = inventory.file("found.yaml");
    let first = lab.address("db2");
    let found = init_from(&inventory, &file, &[&first]).expect_code(0);
    found.says(&["listens at 127.0.0.1 only", "trying those of wsrep_cluster_address", "has nothing to do"]);
    let text = fs::read_to_string(&file).expect("the inventory");
    assert!(text.contains("\n  wsrep_notify_cmd: ''\n"), "{text}");
    nothing_to_do(&inventory, &file);
    for host in FOUND {
        assert!(text.contains(&format!("name: {host}\n    address: {}\n", lab.address(host))), "{text}");
    }

    let before = FOUND.map(|host| told(&lab, host));
    let changed = text.replace("\nmysqld:\n", "\nmysqld:\n  max_connect_errors: 77\n");
    fs::write(&file, changed).expect("the inventory");
    inventory.galactl_alone(&["apply-config", &file, "--yes"]).expect_code(0);
    for (host, before) in FOUND.iter().zip(&before) {
        let after = told(&lab, host);
        let changed: Vec<_> = after.symmetric_difference(before).collect();
        assert!(changed.is_empty(), "{host}: a change changed something else as well: {changed:?}");
    }
    assert_eq!(lab.sql("db3", "SELECT @@wsrep_cluster_name"), NAME);
    nothing_to_do(&inventory, &file);
    let metrics = inventory.galactl_alone(&["status", &file, "--output", "prometheus"]).expect_code(0);
    metrics.says(&[r#"{cluster="MariaDB's \"Galera\" Cluster"} 0"#]);
}

/// Every variable of the server, but the one that was changed, those that tell the state, and the node's address,
/// which has lost its usual port.
fn told(lab: &Lab, host: &str) -> BTreeSet<String> {
    let variables = lab.sql(
        host,
        "SELECT variable_name, global_value FROM information_schema.system_variables \
         WHERE global_value IS NOT NULL AND variable_name NOT IN ('MAX_CONNECT_ERRORS', 'GTID_BINLOG_POS', \
         'GTID_BINLOG_STATE', 'GTID_CURRENT_POS', 'GTID_SLAVE_POS', 'WSREP_PROVIDER_OPTIONS', \
         'WSREP_CLUSTER_ADDRESS', 'AUTO_INCREMENT_OFFSET', 'WSREP_START_POSITION', 'WSREP_NODE_ADDRESS')",
    );
    variables.lines().map(str::to_owned).collect()
}
