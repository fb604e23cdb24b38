//! Who is in the view while something is done to a cluster, as each of its members says some times a second.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use mysql::prelude::Queryable;

use crate::clients::connect;
use crate::lab::Lab;

const PAUSE: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(5);
/// Two members are not asked at one moment, and on a busy machine not soon after another.
const APART: Duration = Duration::from_secs(3);
const ASKED: &str = "SHOW STATUS WHERE Variable_name IN
    ('wsrep_cluster_status', 'wsrep_incoming_addresses', 'wsrep_local_state_comment')";

/// Members that are asked.
pub struct Views {
    stop: Arc<AtomicBool>,
    members: Vec<(String, String)>,
    threads: Vec<JoinHandle<Vec<Seen>>>,
}

/// What a member says at one moment; nothing, where it does not answer.
struct Seen {
    at: Duration,
    is_primary: bool,
    is_synced: bool,
    /// The addresses of all in its view.
    view: String,
}

/// From a moment to a later one.
type Span = (Duration, Duration);

impl Views {
    /// Begins to ask; there is an account `app`.
    pub fn begin(lab: &Lab, hosts: &[&str]) -> Self {
        let (stop, began) = (Arc::new(AtomicBool::new(false)), Instant::now());
        let members: Vec<_> = hosts.iter().map(|host| ((*host).to_owned(), lab.address(host))).collect();
        let start = |(_, address): &(String, String)| {
            let (stop, address) = (Arc::clone(&stop), address.clone());
            std::thread::spawn(move || ask(&address, began, &stop))
        };
        let threads = members.iter().map(start).collect();
        Self { stop, members, threads }
    }

    /// Ends it. Each member was out of the view of the others only while it was away itself, for a restart; says for
    /// how long.
    #[track_caller]
    pub fn assert_nobody_was_left_out(self) {
        self.stop.store(true, Ordering::Relaxed);
        let seen = self.threads.into_iter().map(|it| it.join().expect("it does not panic"));
        let seen: Vec<Vec<Seen>> = seen.collect();
        for (place, (host, address)) in self.members.iter().enumerate() {
            let away = spans(&seen[place], |it| !(it.is_primary && it.is_synced));
            let others = seen.iter().enumerate().filter(|(other, _)| *other != place);
            let lacks = |it: &Seen| it.is_primary && !it.view.contains(&format!("{address}:"));
            let out = joined(others.flat_map(|(_, seen)| spans(seen, lacks)).collect());
            println!("{host} was away {}; out of the view of others {}", told(&away), told(&out));
            let inside = |(from, to): &Span| {
                away.iter().any(|(left, back)| *left <= *from + APART && *to <= *back + APART)
            };
            let left_out: Vec<_> = out.iter().filter(|span| !inside(span)).collect();
            assert!(left_out.is_empty(), "{host} was no member: {left_out:?}, and away: {away:?}");
        }
        let nobody = nobody(&seen, |it| it.is_primary);
        println!("nobody was Primary {}", told(&nobody));
    }
}

fn ask(address: &str, began: Instant, stop: &AtomicBool) -> Vec<Seen> {
    let (mut seen, mut kept) = (Vec::new(), None);
    while !stop.load(Ordering::Relaxed) {
        let asked = began.elapsed();
        let connection = kept.take().map_or_else(|| connect(address, 3306, PATIENCE), Ok);
        let answer = connection.and_then(|mut connection| {
            let rows: Vec<(String, String)> = connection.query(ASKED)?;
            kept = Some(connection);
            Ok(rows)
        });
        let rows = answer.unwrap_or_default();
        let value = |name: &str| rows.iter().find(|(it, _)| it == name).map_or("", |(_, value)| value);
        seen.push(Seen {
            // Who does not answer did not from the moment of the question.
            at: if rows.is_empty() { asked } else { began.elapsed() },
            is_primary: value("wsrep_cluster_status") == "Primary",
            is_synced: value("wsrep_local_state_comment") == "Synced",
            view: value("wsrep_incoming_addresses").to_owned(),
        });
        pause();
    }
    seen
}

#[allow(clippy::disallowed_methods, reason = "each member is asked by a thread of its own")]
fn pause() {
    std::thread::sleep(PAUSE);
}

/// From the first answer of which it is so to the next one of which it is not.
fn spans(seen: &[Seen], is: impl Fn(&Seen) -> bool) -> Vec<Span> {
    let (mut spans, mut from) = (Vec::new(), None);
    for one in seen {
        match (is(one), from) {
            (true, None) => from = Some(one.at),
            (false, Some(began)) => {
                spans.push((began, one.at));
                from = None;
            }
            _ => {}
        }
    }
    spans.extend(from.zip(seen.last().map(|last| last.at)));
    spans
}

/// Spans that overlap, as one.
fn joined(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort();
    let mut all: Vec<Span> = Vec::new();
    for (from, to) in spans {
        match all.last_mut().filter(|last| from <= last.1) {
            Some(last) => last.1 = last.1.max(to),
            None => all.push((from, to)),
        }
    }
    all
}

/// When it was so of no member.
fn nobody(seen: &[Vec<Seen>], is: impl Fn(&Seen) -> bool) -> Vec<Span> {
    let mut common: Option<Vec<Span>> = None;
    for one in seen {
        let not = spans(one, |it| !is(it));
        common = Some(match common {
            None => not,
            Some(before) => {
                before.iter().flat_map(|it| not.iter().filter_map(|other| both(*it, *other))).collect()
            }
        });
    }
    common.unwrap_or_default()
}

fn both(one: Span, other: Span) -> Option<Span> {
    let (from, to) = (one.0.max(other.0), one.1.min(other.1));
    (from < to).then_some((from, to))
}

/// How often and how long, as text.
fn told(spans: &[Span]) -> String {
    let seconds: Vec<_> = spans.iter().map(|(from, to)| to.saturating_sub(*from).as_secs_f64()).collect();
    let longest = seconds.iter().copied().fold(0.0, f64::max);
    let each: Vec<_> = seconds.iter().map(|it| format!("{it:.1}")).collect();
    format!("{} times, for {longest:.1} s at most ({})", spans.len(), each.join(" "))
}
