//! Proxies that others have set up in front of a cluster: the endpoint that their files make.

use galactl::galera::adopt::{Adopted, ProxyHost};
use galactl::galera::inventory;
use galactl::galera::proxy::facts::ProxyFacts;
use galactl::galera::proxy::haproxy::settings;
use galactl::kernel::facts::{ConfigFile, ProgramFacts};
use galactl::kernel::model::Address;

use proptest::collection::vec;
use proptest::prelude::*;

use crate::adopt::{adopted_with, by_hand};

/// As guides have it: one writer, and its own page of statistics.
const GUIDE: &str = "
global
    maxconn 4096
    user haproxy
defaults
    mode tcp
    timeout client 30s
    timeout connect 5s
userlist people
    user admin insecure-password hunter2
listen galera
    bind 10.0.0.20:3306,:3316 # where applications connect
    balance source
    option mysql-check user haproxy_check
    server db1 10.0.0.11:3306 check weight 1
    server db2 10.0.0.12:3306 check weight 1 backup send-proxy hunter2
    server db3 10.0.0.13:3306 check backup
    server old 10.0.0.99:3306 check backup
listen stats
    bind :8404
    mode http
    stats enable
    stats auth admin:hunter2
";

/// In sections of their own, with the usual script that answers at 9200. Without a port, a server is asked at that of
/// the client: 3307.
const PARTS: &str = "
frontend app_ro
    bind *:3308
    default_backend replicas
frontend app_rw
    bind *:3307 ssl crt /etc/hunter2.pem
    use_backend masters if { src 10.0.0.0/8 }
    default_backend masters
backend masters
    option httpchk
    default-server port 9200 inter 2s
    server a DB1:3306 check
    server b db2:3306 check
    server c db3 check
backend replicas
    server a db1.example:3306 check port 9200
    server b db2:3306 check port 9200
backend unused
    server a 10.0.0.11:3306
";

fn proxy(text: &str) -> ProxyFacts {
    let file =
        ConfigFile { mode: "644".into(), owner: "root".into(), group: "root".into(), text: text.into() };
    let program = ProgramFacts { files: [("config".to_owned(), file)].into(), ..ProgramFacts::default() };
    ProxyFacts { program, ..ProxyFacts::default() }
}

/// What is adopted with proxies at these addresses that have these files.
fn adopted(proxies: &[(&str, &str)]) -> Adopted {
    let seen: Vec<(Address, ProxyFacts)> =
        proxies.iter().map(|(address, text)| (address.parse().unwrap(), proxy(text))).collect();
    let proxies: Vec<_> = seen.iter().map(|(reached_at, facts)| ProxyHost { reached_at, facts }).collect();
    let adopted = adopted_with(&by_hand(), &proxies);
    let all = format!("{}{}", adopted.text, adopted.notes.join("\n"));
    assert!(!all.contains("hunter2"), "{all}");
    inventory::parse(adopted.text.as_bytes()).unwrap_or_else(|notes| panic!("{notes:?}\n{}", adopted.text));
    adopted
}

/// The sections that say it.
fn endpoint(adopted: &Adopted) -> &str {
    adopted.text.split_once("\n# What applications connect to.").expect("an endpoint").1
}

#[test]
fn one_writer_and_others_that_stand_by() {
    insta::assert_snapshot!(endpoint(&adopted(&[("lb1.example.org", GUIDE)])));
}

#[test]
fn parts_for_writes_and_for_reads_by_their_names() {
    insta::assert_snapshot!(endpoint(&adopted(&[("10.0.0.31", PARTS)])));
}

#[test]
fn several_proxies_make_one_endpoint() {
    let same = adopted(&[("10.0.0.31", GUIDE), ("db1", GUIDE)]);
    let text = endpoint(&same);
    // A member has the name already.
    assert!(
        text.ends_with("  - name: lb1\n    address: 10.0.0.31\n  - name: lb2\n    address: db1\n"),
        "{text}"
    );
    let differs =
        |adopted: &Adopted| adopted.notes.iter().any(|note| note.contains("differ from those of lb1"));
    assert!(!differs(&same));
    assert!(differs(&adopted(&[("10.0.0.31", GUIDE), ("10.0.0.32", PARTS)])));
}

#[test]
fn a_file_that_leads_elsewhere_says_nothing_of_the_cluster() {
    for text in
        ["", "listen web\n bind :80\n server a 10.0.0.11:80\n", "listen a\n server b 10.0.0.11:3306\n"]
    {
        let adopted = adopted(&[("lb1", text)]);
        assert!(adopted.notes.iter().any(|note| note.contains("leads to the nodes")), "{:?}", adopted.notes);
        assert!(endpoint(&adopted).starts_with("\nendpoint:\n  writes: single\n"), "{text}");
    }
}

#[test]
fn a_proxy_on_a_nodes_host_is_left_out() {
    let (mut hosts, mut facts) = (by_hand(), proxy(GUIDE));
    hosts[1].machine.addresses = ["10.0.0.12", "10.0.0.20", "127.0.0.1"].map(|it| it.parse().unwrap()).into();
    facts.program.machine = hosts[1].machine.clone();
    let reached_at: Address = "lb1".parse().unwrap();
    let adopted = adopted_with(&hosts, &[ProxyHost { reached_at: &reached_at, facts: &facts }]);
    assert!(!adopted.text.contains("endpoint:"), "{}", adopted.text);
    assert!(adopted.notes[0].starts_with("lb1 is the host of the data node db2"), "{:?}", adopted.notes);
}

/// A bridge such as docker0 has the same address on each host.
#[test]
fn an_address_that_many_hosts_have_is_no_nodes() {
    let bridge = "172.17.0.1";
    let (mut hosts, mut facts) = (by_hand(), proxy("listen app\n bind :3306\n server app 172.17.0.1:3306\n"));
    for (machine, own) in hosts
        .iter_mut()
        .map(|host| &mut host.machine)
        .chain([&mut facts.program.machine])
        .zip(["11", "12", "13", "31"])
    {
        machine.addresses = [format!("10.0.0.{own}"), bridge.into()].map(|it| it.parse().unwrap()).into();
    }
    facts.program.machine.machine_id = "facade".into();
    let reached_at: Address = "lb1".parse().unwrap();
    let adopted = adopted_with(&hosts, &[ProxyHost { reached_at: &reached_at, facts: &facts }]);
    assert!(endpoint(&adopted).ends_with("  - name: lb1\n    address: lb1\n"), "{}", adopted.text);
    assert!(adopted.notes[0].contains("leads to the nodes"), "{:?}", adopted.notes);
}

/// Lines of which files are made.
const LINES: [&str; 21] = [
    "defaults",
    "listen a",
    "listen reads",
    "frontend rw :3308",
    "frontend b",
    "backend c",
    "backend replicas",
    "backend galactl-node-db1",
    " bind :3306",
    " bind *:3307,:3306 ssl crt x",
    " bind [::]:0",
    " bind /run/x.sock",
    " default_backend c",
    " use_backend replicas if a",
    " server x 10.0.0.11:3306 check port 9200",
    " server x 10.0.0.11:3306 check port 4567",
    " server x 10.0.0.11:3306 check port 0",
    " server y 10.0.0.12:3306 backup",
    " server z db3 disabled weight",
    " server",
    " it's\r\u{1b}[2J \\",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever stands there, an inventory comes of it.
    #[test]
    fn no_file_leads_into_a_dead_end(lines in vec(prop::sample::select(&LINES[..]), 0..24)) {
        let text = lines.join("\n");
        adopted(&[("10.0.0.31", &text), ("10.0.0.32", &text)]);
    }
}

#[test]
fn galactls_own_file_is_read_back_as_it_was_written() {
    for (writes, more) in [
        ("single", ""),
        ("single", "\n  health_port: 9300"),
        ("any", "\n  write_port: 6033\n  read_port: 6034\n  health_port: 9201"),
    ] {
        let wanted = format!(
            "\nendpoint:\n  writes: {writes}{more}\nproxies:\n  - name: lb1\n    address: 10.0.0.31\n"
        );
        let text = adopted_with(&by_hand(), &[]).text + &wanted;
        let (inventory, _) = inventory::parse(text.as_bytes()).unwrap();
        let file = settings::text(&inventory, inventory.endpoint.unwrap(), &inventory.proxies()[0]);
        let found = adopted(&[("10.0.0.31", &file)]);
        assert_eq!(found.notes, [""; 0]);
        let (again, _) = inventory::parse(found.text.as_bytes()).unwrap();
        assert_eq!(again.endpoint, inventory.endpoint, "{}", found.text);
    }
}
