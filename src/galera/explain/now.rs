//! What a host is doing now and the logs do not show yet: a state transfer that goes on, and a connection
//! that nothing answers.

use std::net::{IpAddr, SocketAddr};

use crate::kernel::explain::pattern::{Caught, catch};
use crate::kernel::judge::PLACE;
use crate::kernel::model::NodeName;
use crate::kernel::model::words::bytes;
use crate::kernel::run::event::Explanation;

/// The state of one host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Now {
    /// systemd waits for the start to end. A unit that waits for its next restart is not starting.
    pub starting: bool,
    /// How often systemd has started the unit again by itself.
    pub restarts: u32,
    pub addresses: Vec<IpAddr>,
    pub unanswered: Vec<Unanswered>,
    /// Bytes that the node has received by the state transfer, where they can be counted.
    pub received: Option<u64>,
    /// The data directory was written to in the last 30 s.
    pub written: bool,
}

/// A connection that was tried more than once, and that nothing has answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unanswered {
    pub program: String,
    pub to: SocketAddr,
}

impl Now {
    /// Reads lines of `name=value`: those that `systemctl show` prints, and those that the script adds.
    pub fn read(text: &str) -> Self {
        let mut now = Self::default();
        let mut active = ("", "");
        for (name, value) in text.lines().filter_map(|line| line.split_once('=')) {
            match name {
                "ActiveState" => active.0 = value,
                "SubState" => active.1 = value,
                "NRestarts" => now.restarts = value.parse().unwrap_or_default(),
                "addresses" => now.addresses = value.split(' ').filter_map(|it| it.parse().ok()).collect(),
                "unanswered" => now.unanswered.extend(unanswered(value)),
                "received" => now.received = value.parse().ok(),
                "written" => now.written = true,
                _ => {}
            }
        }
        now.starting = active.0 == "activating" && active.1.starts_with("start");
        now
    }
}

/// `socat 192.0.2.12:4444 on,524ms,2`: the program, the other end, and the timer, whose last number tells how often
/// it was tried again. None: a connection that may be answered in a moment.
fn unanswered(value: &str) -> Option<Unanswered> {
    let mut words = value.split(' ');
    let (program, to, timer) = (words.next()?, words.next()?, words.next()?);
    let again: u32 = timer.rsplit(',').next()?.parse().ok()?;
    let to: SocketAddr = to.parse().ok()?;
    (again > 0).then(|| Unanswered {
        program: program.to_owned(),
        to: SocketAddr::new(to.ip().to_canonical(), to.port()),
    })
}

/// Programs that send a state.
const SENDERS: [&str; 5] = ["socat", "rsync", "nc", "ncat", "stunnel"];
/// Galera's own ports: the group's, and IST's.
const GALERAS: [u16; 2] = [4567, 4568];

/// A connection between the node and another member on which one side gets no answer.
pub fn filtered(node: &Now, others: &[(&NodeName, &Now)]) -> Option<Explanation> {
    let here = |to: &SocketAddr| node.addresses.contains(&to.ip());
    for (name, other) in others {
        let sends =
            |it: &&Unanswered| here(&it.to) && SENDERS.iter().any(|sender| it.program.starts_with(sender));
        if let Some(Unanswered { to, .. }) = other.unanswered.iter().find(sends) {
            let cause = format!(
                "{name} gets no answer from {to}, where this node waits for its data: a firewall drops the packets"
            );
            return Some(ports("sst-port-blocked", cause));
        }
    }
    let group = |it: &&Unanswered| GALERAS.contains(&it.to.port());
    let there = |it: &&Unanswered| others.iter().any(|(_, other)| other.addresses.contains(&it.to.ip()));
    let to = node.unanswered.iter().filter(group).find(there).filter(|_| node.starting)?.to;
    let cause = format!("this node gets no answer from {to}: a firewall drops the packets");
    Some(ports("port-blocked", cause))
}

fn ports(slug: &str, cause: String) -> Explanation {
    let next = format!("galactl check {PLACE} tries every port in both directions");
    Explanation { slug: slug.into(), cause, next }
}

/// The state transfer that goes on, if the lines of the current start show one. `data` is how many
/// bytes the donors hold.
pub fn transfer(name: &NodeName, now: &Now, start: &[&str], data: Option<u64>) -> Option<Explanation> {
    let caught = |pattern: &'static str| {
        start.iter().rev().filter_map(move |line| catch(pattern, line, &Caught::new()))
    };
    let value = |caught: &Caught<'_>, name: &str| {
        caught.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    };
    let method = caught("Running: 'wsrep_sst_{method} --role 'joiner'").find_map(|it| value(&it, "method"));
    let requests =
        || caught("Member {} ({joiner}) requested state transfer from '{}'. Selected {} ({donor})(");
    let own = requests().find(|it| value(it, "joiner").as_deref() == Some(name.as_str()));
    let donor = own.or_else(|| requests().next()).and_then(|it| value(&it, "donor"))?;
    let mut cause = format!("the state transfer to this node is under way: from {donor}");
    if let Some(method) = method {
        cause += &format!(" by {method}");
    }
    cause += &match (now.received, data) {
        (Some(received), Some(data)) => format!(", {} received of about {}", bytes(received), bytes(data)),
        (Some(received), None) => format!(", {} received so far", bytes(received)),
        (None, _) => String::new(),
    };
    if !now.written {
        cause += ", and nothing was written to the data directory in the last 30 s";
    }
    let next = match now.written {
        true => format!("wait for its end: galactl watch {PLACE}"),
        false => format!(
            "galactl check {PLACE} tries every port in both directions; the log of {donor} tells what the donor does: sudo journalctl -u mariadb -n 50"
        ),
    };
    Some(Explanation { slug: "transfer-running".into(), cause, next })
}

/// Each cause of this table, as the reference says it.
pub const DOCUMENTED: &[(&str, &str)] = &[
    ("transfer-running", "the start waits for a state transfer that is under way"),
    ("starting", "the start has not ended, and its log tells no fault"),
];

/// A start of which nothing else is known.
pub fn starting() -> Explanation {
    let cause = "none yet: the start has not ended, and its log tells no fault".to_owned();
    Explanation { slug: "starting".into(), cause, next: format!("wait for its end: galactl watch {PLACE}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> NodeName {
        text.parse().expect("a name")
    }

    const JOINER: &str = "ActiveState=activating\nSubState=start\nNRestarts=2\naddresses=192.0.2.12 fd00::12\n\
                          received=3145728\nwritten=yes\n";

    #[test]
    fn a_start_and_a_wait_for_the_next_one_are_told_apart() {
        let now = Now::read(JOINER);
        assert_eq!((now.starting, now.restarts, now.received, now.written), (true, 2, Some(3 << 20), true));
        assert!(!Now::read("ActiveState=activating\nSubState=auto-restart\n").starting);
        assert_eq!(Now::read(""), Now::default());
    }

    #[test]
    fn a_port_that_nothing_answers_at_is_named() {
        let donor = |unanswered: &str| Now::read(&format!("addresses=192.0.2.11\nunanswered={unanswered}\n"));
        let told = |unanswered: &str| {
            let found = filtered(&Now::read(JOINER), &[(&name("db1"), &donor(unanswered))]);
            found.map(|it| format!("{} {}", it.slug, it.cause)).unwrap_or_default()
        };
        assert!(
            told("socat 192.0.2.12:4444 on,524ms,2")
                .starts_with("sst-port-blocked db1 gets no answer from 192.0.2.12:4444")
        );
        assert!(told("rsync [::ffff:192.0.2.12]:4444 on,1.5sec,1").contains("192.0.2.12:4444"));
        assert_eq!(told("socat 192.0.2.12:4444 on,524ms,0"), "", "it may be answered in a moment");
        assert_eq!(told("socat 192.0.2.99:4444 on,524ms,2"), "", "another host");
        assert_eq!(told("curl 192.0.2.12:8080 on,524ms,2"), "", "another program");
    }

    #[test]
    fn a_start_that_finds_nobody_names_the_port() {
        let node = Now::read(&format!("{JOINER}unanswered=mariadbd 192.0.2.11:4567 on,524ms,2\n"));
        let others = (name("db1"), Now::read("addresses=192.0.2.11\n"));
        assert_eq!(filtered(&node, &[(&others.0, &others.1)]).unwrap().slug, "port-blocked");
        assert_eq!(filtered(&node, &[]), None, "nobody's address that is known");
    }

    #[test]
    fn a_transfer_tells_from_whom_and_how_far() {
        let start = [
            "0 [Note] WSREP: Running: 'wsrep_sst_mariabackup --role 'joiner' --address '192.0.2.12'",
            "0 [Note] WSREP: Member 1.0 (db2) requested state transfer from '*any*'. Selected 0.0 (db1)(SYNCED) as donor.",
            "0 [Note] WSREP: Member 2.0 (db3) requested state transfer from '*any*'. Selected 3.0 (db4)(SYNCED) as donor.",
        ];
        let told = |now: &Now, data| transfer(&name("db2"), now, &start, data).unwrap();
        assert_eq!(
            told(&Now::read(JOINER), Some(6 << 20)).cause,
            "the state transfer to this node is under way: from db1 by mariabackup, 3.0 MiB received of about 6.0 MiB"
        );
        let stalled = told(&Now { received: None, ..Now::default() }, None);
        assert!(stalled.cause.ends_with("in the last 30 s"), "{}", stalled.cause);
        assert!(stalled.next.starts_with("galactl check {inventory}"), "{}", stalled.next);
        assert_eq!(transfer(&name("db2"), &Now::default(), &start[..1], None), None);
    }
}
