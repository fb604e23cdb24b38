//! Every fault of a node that takes writes: how long until no proxy sends a client there, beside what a user would have
//! instead. The table in docs/concepts/endpoint-faults.md is written when GALACTL_BLESS is set; its times are of one
//! machine, and hold nothing. What always must hold: galactl's endpoint notices each fault, and nothing is lost.

use std::fmt::Write;
use std::fs;
use std::time::{Duration, Instant};

use crate::clients::{Account, Clients, Keeps, SETUP};
use crate::lab::{Lab, until};
use crate::run::Inventory;

const NODES: [&str; 3] = ["db1", "db2", "db3"];
/// The proxies with galactl's files: HAProxy, and nginx.
const PROXIES: [&str; 2] = ["lb1", "lb2"];
/// What stands above the rows of the table.
const RULE: &str = "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/concepts/endpoint-faults.md");
/// What another proxy has not noticed by then, it does not notice.
const LONG_ENOUGH: Duration = Duration::from_secs(20);
/// The same of galactl's, also on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// Two more proxies on lb1's host, as they are found in many places: HAProxy's own check, and a script over HTTP that
/// asks for the local state alone.
const OTHERS: &str = r"
for kind in mysql script; do
    check='option mysql-check user checker'; port=3306
    [ $kind = mysql ] || { check='option httpchk'; port=9300; }
    cat > /root/$kind.cfg <<END
global
    stats socket /run/haproxy-$kind.sock mode 660 level admin
defaults
    mode tcp
    timeout connect 3s
    timeout check 2s
    timeout client 1h
    timeout server 1h
backend nodes
    $check
    default-server inter 1s rise 2 fall 2
    server db1 ADDRESS1:3306 check port $port
    server db2 ADDRESS2:3306 check port $port
    server db3 ADDRESS3:3306 check port $port
END
    haproxy -D -f /root/$kind.cfg
done
";

/// The usual script: `wsrep_local_state` is 4, or it is not.
const SCRIPT: &str = r#"
cat > /usr/local/bin/state-check <<'END'
#!/bin/sh
read -r line
state=$(timeout 2 mariadb -BNe "SHOW STATUS LIKE 'wsrep_local_state'" | cut -f 2)
[ "$state" = 4 ] && printf 'HTTP/1.1 200 OK\r\n\r\n' || printf 'HTTP/1.1 503 Service Unavailable\r\n\r\n'
END
chmod 755 /usr/local/bin/state-check
printf '[Socket]\nListenStream=9300\nAccept=yes\n[Install]\nWantedBy=sockets.target\n' > /etc/systemd/system/state-check.socket
printf '[Service]\nExecStart=-/usr/local/bin/state-check\nStandardInput=socket\n' > /etc/systemd/system/state-check@.service
systemctl daemon-reload
systemctl enable --quiet --now state-check.socket
"#;

/// Prints, for each of the three HAProxies, how it calls a server. $1 in the text: the server.
const OPINIONS: &str = r#"
perl -MIO::Socket::UNIX -e '
    my $server = shift;
    for my $place (@ARGV) {
        my ($path, $backend) = split /:/, $place;
        my $socket = IO::Socket::UNIX->new(Peer => $path) or die;
        print $socket "show stat\n";
        while (<$socket>) { my @field = split /,/; print "$field[17]\n" if $field[0] eq $backend && $field[1] eq $server }
    }
' "$1" "/run/haproxy/admin.sock:galactl-node-$1" /run/haproxy-mysql.sock:nodes /run/haproxy-script.sock:nodes
"#;

/// A fault, how it is made, and how it ends.
struct Fault {
    what: &'static str,
    make: fn(&Lab, &str),
    mend: fn(&Lab, &str),
}

fn start(lab: &Lab, node: &str) {
    lab.on(node, "systemctl reset-failed mariadb; systemctl start mariadb");
}

fn heal(lab: &Lab, node: &str) {
    lab.fault("heal", node);
}

fn set(lab: &Lab, node: &str, what: &str) {
    lab.sql(node, &format!("SET GLOBAL {what}"));
}

const FAULTS: [Fault; 11] = [
    Fault {
        what: "the server is killed (SIGKILL)",
        make: |lab, node| drop(lab.on(node, "systemctl kill -s KILL mariadb; systemctl stop mariadb")),
        mend: start,
    },
    Fault {
        what: "`systemctl stop`",
        make: |lab, node| drop(lab.on(node, "systemctl stop mariadb")),
        mend: start,
    },
    Fault {
        what: "the host loses its power",
        make: |lab, node| lab.fault("poweroff", node),
        mend: |lab, node| lab.fault("poweron", node),
    },
    Fault { what: "the host is off the network", make: |lab, node| lab.fault("cut", node), mend: heal },
    Fault {
        what: "not Primary, clients still reach it",
        make: |lab, node| {
            NODES.iter().filter(|other| **other != node).for_each(|other| lab.cut_from(node, other));
        },
        mend: heal,
    },
    Fault {
        what: "the server hangs (SIGSTOP)",
        make: |lab, node| drop(lab.on(node, "kill -STOP $(pgrep -x mariadbd)")),
        mend: |lab, node| drop(lab.on(node, "kill -CONT $(pgrep -x mariadbd)")),
    },
    Fault {
        what: "`wsrep_desync = ON`",
        make: |lab, node| set(lab, node, "wsrep_desync = ON"),
        mend: |lab, node| set(lab, node, "wsrep_desync = OFF"),
    },
    Fault {
        what: "`wsrep_reject_queries = ALL`",
        make: |lab, node| set(lab, node, "wsrep_reject_queries = ALL"),
        mend: |lab, node| set(lab, node, "wsrep_reject_queries = NONE"),
    },
    Fault {
        what: "`read_only = ON`",
        make: |lab, node| set(lab, node, "read_only = ON"),
        mend: |lab, node| set(lab, node, "read_only = OFF"),
    },
    Fault {
        what: "the disk is full",
        make: |lab, node| lab.fault("fill", node),
        // It may have left the cluster meanwhile: what the others write does not fit either.
        mend: |lab, node| {
            lab.fault("unfill", node);
            lab.on(node, "systemctl reset-failed mariadb; systemctl restart mariadb");
        },
    },
    Fault { what: "no connection is left", make: take_all_connections, mend: give_them_back },
];

/// Others keep all connections that there are. Whoever finds none tries again: a client that writes through a proxy may
/// have the last ones at first, and gives them back. The node is full then, not ill: nobody who is connected is cut off.
fn take_all_connections(lab: &Lab, node: &str) {
    set(lab, node, "max_connections = 10");
    let other = NODES.into_iter().find(|other| *other != node).expect("three nodes");
    let keep = format!(
        "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do \
         (until mariadb -h {} -u app -papp -e 'SELECT SLEEP(600)'; do sleep 0.1; done >/dev/null 2>&1 &); done",
        lab.address(node)
    );
    lab.on(other, &keep);
    let ask = "runuser -u galactl-health -- /usr/local/lib/galactl-health </dev/null";
    until("no connection is left", || lab.on(node, ask).contains("no connection is left"));
    for _ in 0..20 {
        let answer = lab.on(node, ask);
        assert!(!answer.contains(" 503 "), "{answer}");
    }
}

fn give_them_back(lab: &Lab, node: &str) {
    for other in NODES {
        lab.on(other, "while pkill -f 'SELECT SLEE[P]'; do sleep 0.1; done");
    }
    set(lab, node, "max_connections = 151");
}

/// Whether each of the proxies sends clients to a node: galactl's HAProxy and nginx, then the two others.
fn opinions(lab: &Lab, node: &str) -> [bool; 4] {
    let said = lab.on("lb1", &OPINIONS.replace("$1", node));
    let up: Vec<bool> = said.lines().map(|status| status.starts_with("UP")).collect();
    let [haproxy, mysql_check, script] = up.try_into().unwrap_or_else(|_| panic!("{node}: {said}"));
    let nginx = lab.try_on("lb2", &format!("grep -q '# {node}$' /run/galactl-nginx/loaded/read.conf")).0;
    [haproxy, nginx, mysql_check, script]
}

/// The node that takes the writes through a proxy: where a client's row comes from. `None`: no client gets through.
fn writer(lab: &Lab, proxy: &str) -> Option<String> {
    let ask = "mariadb -h ADDRESS -u app -papp -BNe 'SELECT @@wsrep_node_name'";
    let ask = ask.replace("ADDRESS", &lab.address(proxy));
    // Any of the nodes has a client program.
    let on = NODES.into_iter().find(|node| lab.is_on(node)).expect("a node has power");
    let (ok, said) = lab.try_on(on, &ask);
    ok.then(|| said.trim().to_owned())
}

/// Makes a fault and gives its row of the table.
fn play(lab: &Lab, inventory: &Inventory<'_>, fault: &Fault) -> String {
    let target = writer(lab, "lb1").expect("a client gets through");
    let clients = PROXIES.map(|proxy| {
        Clients::start(&[(lab.address(proxy), 3306)], &[Keeps::None, Keeps::For(Duration::from_secs(3))])
    });
    let began = Instant::now();
    (fault.make)(lab, &target);
    let mut noticed = [None; 4];
    let waits = |noticed: &[Option<Duration>; 4]| {
        let ours_are_missing = noticed[..PROXIES.len()].contains(&None);
        began.elapsed() < if ours_are_missing { PATIENCE } else { LONG_ENOUGH }
    };
    while noticed.contains(&None) && waits(&noticed) {
        for (noticed, up) in noticed.iter_mut().zip(opinions(lab, &target)) {
            *noticed = noticed.or((!up).then(|| began.elapsed()));
        }
    }
    for (proxy, noticed) in PROXIES.iter().zip(noticed) {
        assert!(noticed.is_some(), "{}: {proxy} did not notice it within {PATIENCE:?}", fault.what);
        // Clients write on another node before it is mended.
        until("another node takes the writes", || writer(lab, proxy).is_some_and(|it| it != target));
    }
    let accounts = clients.map(Clients::stop);
    (fault.mend)(lab, &target);
    until("the node serves again", || opinions(lab, &target) == [true; 4]);
    inventory.settles();
    for (proxy, account) in PROXIES.iter().zip(&accounts) {
        assert_ne!(
            writer(lab, proxy).as_ref(),
            Some(&target),
            "{}: {proxy} gave the writes back unasked",
            fault.what
        );
        account.assert_nothing_lost(lab, &NODES);
    }
    row(fault.what, &noticed, &accounts)
}

fn row(what: &str, noticed: &[Option<Duration>; 4], accounts: &[Account; 2]) -> String {
    let seconds = |time: &Option<Duration>| match time {
        Some(time) => format!("{:.1}", time.as_secs_f64()),
        None => format!("not within {}", LONG_ENOUGH.as_secs()),
    };
    let of_clients = |account: &Account| {
        format!(
            "{} of {} | {:.1}",
            account.failed.len(),
            account.confirmed.len() + account.failed.len(),
            account.longest.as_secs_f64()
        )
    };
    let [haproxy, nginx, mysql_check, script] = noticed.each_ref().map(seconds);
    let [of_haproxy, of_nginx] = accounts.each_ref().map(of_clients);
    format!("| {what} | {haproxy} | {of_haproxy} | {nginx} | {of_nginx} | {mysql_check} | {script} |")
}

#[test]
#[ignore = "boots real hosts"]
fn each_fault_takes_a_node_out_of_service() {
    let lab = Lab::up(
        "t-faulty",
        &["--small-disk", "900M", "db1", "db2", "db3", "lb1:bookworm:bare", "lb2:bookworm:bare"],
    );
    let mut inventory = Inventory::of(&lab, &NODES);
    inventory.cluster += "\n  install: true";
    inventory.proxies = vec![("lb1".into(), String::new()), ("lb2".into(), "    kind: nginx\n".into())];
    inventory.bootstrap();
    lab.sql("db1", SETUP);
    lab.sql("db1", "CREATE USER checker@'%'");
    for node in NODES {
        lab.on(node, SCRIPT);
    }
    let mut others = OTHERS.to_owned();
    for (number, node) in NODES.into_iter().enumerate() {
        others = others.replace(&format!("ADDRESS{}", number + 1), &lab.address(node));
    }
    lab.on("lb1", &others);
    until("all proxies send clients to all nodes", || {
        NODES.iter().all(|node| opinions(&lab, node) == [true; 4])
    });
    let (ledger, mut rows) = (inventory.ledger(), String::new());
    for fault in &FAULTS {
        let row = play(&lab, &inventory, fault);
        println!("{row}");
        let _ = writeln!(rows, "{row}");
    }
    ledger.assert_nothing_lost();
    inventory.settles();
    if std::env::var_os("GALACTL_BLESS").is_some() {
        let page = fs::read_to_string(PAGE).expect(PAGE);
        let (head, _) = page.split_once(RULE).expect("a table");
        fs::write(PAGE, format!("{head}{RULE}{rows}")).expect(PAGE);
    }
}
