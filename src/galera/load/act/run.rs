//! One run with one layout.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::sleep;

use super::client::{Client, Shared};
use super::logs::Marks;
use super::looks::Looks;
use super::reach::Target;
use super::{Order, Progress, Told};
use crate::galera::guest::act::{Guest, Way};
use crate::galera::load::counters::Counters;
use crate::galera::load::layout::Layout;
use crate::galera::load::report::{Error, Node, Run, Writer};
use crate::galera::load::samples::{Pulse, Samples, Seen};
use crate::galera::load::workload::Rows;
use crate::kernel::model::NodeName;
use crate::kernel::run::interrupt::Interrupt;

const TICK: Duration = Duration::from_millis(100);

/// What a run needs.
pub struct Running<'a> {
    pub way: &'a Way<'a>,
    pub order: &'a Order,
    pub guest: &'a Guest,
    pub rows: Rows,
    pub layout: Layout,
}

/// The clients of one node or proxy.
struct Group {
    member: NodeName,
    clients: Vec<JoinHandle<Samples>>,
    pulse: Arc<Mutex<Pulse>>,
}

impl Running<'_> {
    /// Lets clients work for as long as was asked, or until Ctrl-C.
    pub async fn run(self, targets: &[Target], interrupt: &Interrupt, told: Told<'_>) -> Run {
        let span = Duration::from_secs(self.order.asked.seconds);
        let name = if self.order.through_endpoint { "endpoint".into() } else { self.layout.name() };
        told(Progress::RunBegins { name: &name, span });
        let (marks, looks) = (Marks::set(self.way).await, Looks::begin(self.way).await);
        let shared = Arc::new(Shared {
            guest: self.guest.clone(),
            workload: self.order.workload.clone(),
            began: Instant::now(),
            stop: AtomicBool::new(false),
            commits: AtomicU64::new(0),
        });
        let groups = self.begin(targets, &shared);
        while shared.began.elapsed() < span && !interrupt.requested() {
            let so_far = shared.began.elapsed();
            told(Progress::Running { so_far, commits: shared.commits.load(Ordering::Relaxed) });
            sleep(TICK).await;
        }
        shared.stop.store(true, Ordering::Relaxed);
        let seconds = shared.began.elapsed();
        let mut clients = Vec::new();
        for group in groups {
            clients.push(ended(group, seconds).await);
        }
        let nodes = looks.end(self.way).await.into_iter();
        let nodes = nodes.map(|(node, looks)| Node { node, counters: Counters::of(&looks) }).collect();
        told(Progress::RunEnds);
        self.closed(name, seconds, clients, nodes, &marks).await
    }

    /// Deals the clients out to the writers.
    #[allow(clippy::cast_precision_loss, reason = "at most a hundred clients")]
    fn begin(&self, targets: &[Target], shared: &Arc<Shared>) -> Vec<Group> {
        let asked = &self.order.asked;
        let writers =
            if self.order.through_endpoint { targets.len() } else { self.layout.writers.min(targets.len()) };
        let new = |target: &Target| Group {
            member: target.member.clone(),
            clients: Vec::new(),
            pulse: Arc::default(),
        };
        let mut groups: Vec<Group> = targets[..writers].iter().map(new).collect();
        let pace = Duration::from_secs(asked.clients as u64) / asked.rate.max(1);
        for number in 0..asked.clients {
            let writer = number % writers;
            let client = Client {
                number,
                member: targets[writer].member.clone(),
                route: targets[writer].route.clone(),
                rows: Rows { region: self.layout.regions.then_some(writer as u64), ..self.rows },
                seed: asked.seed.wrapping_mul(1_000_003).wrapping_add(number as u64),
                through_endpoint: self.order.through_endpoint,
                pace,
                first: pace.mul_f64(number as f64 / asked.clients as f64),
                pulse: Arc::clone(&groups[writer].pulse),
                shared: Arc::clone(shared),
            };
            groups[writer].clients.push(spawn_blocking(move || client.work()));
        }
        groups
    }

    async fn closed(
        &self,
        name: String,
        seconds: Duration,
        clients: Vec<(Writer, Samples)>,
        nodes: Vec<Node>,
        marks: &Marks,
    ) -> Run {
        let mut all = Samples::default();
        for (_, samples) in &clients {
            all.add(samples);
        }
        let logs = marks.read(self.way, &self.guest.name, &all.connections).await;
        let (conflicts, conflicts_of_others) = logs.told.of(&self.guest.name);
        Run {
            layout: self.layout,
            name,
            seconds: seconds.as_secs_f64(),
            commits: all.commits(),
            rate: rate(all.commits(), seconds),
            latency: all.latency(),
            cert_failures: nodes.iter().map(|node| node.counters.cert_failures).sum(),
            aborts: nodes.iter().map(|node| node.counters.aborts).sum(),
            repeats: all.repeats,
            rolled_back: all.rolled_back,
            given_up: all.given_up,
            unknown: all.unknown,
            errors: errors(all.errors),
            writers: clients.into_iter().map(|(writer, _)| writer).collect(),
            nodes,
            conflicts,
            conflicts_of_others,
            unnamed: logs.told.unnamed,
            logs_not_read: logs.not_read,
            logs_cut: logs.cut,
        }
    }
}

async fn ended(group: Group, seconds: Duration) -> (Writer, Samples) {
    let (mut samples, clients) = (Samples::default(), group.clients.len());
    for client in group.clients {
        // A client that broke down has no samples.
        samples.add(&client.await.unwrap_or_default());
    }
    let (silence, silent_at_the_end) =
        group.pulse.lock().unwrap_or_else(PoisonError::into_inner).ended(seconds);
    // A second that has only begun has fewer commits; one without any counts.
    let mut by_second = samples.by_second.clone();
    by_second.resize(usize::try_from(seconds.as_secs()).unwrap_or(0), 0);
    let writer = Writer {
        member: group.member,
        clients,
        commits: samples.commits(),
        rate: rate(samples.commits(), seconds),
        latency: samples.latency(),
        silence: silence.as_secs_f64(),
        silent_at_the_end,
        by_second,
    };
    (writer, samples)
}

#[allow(clippy::cast_precision_loss, reason = "a rate is shown with three digits")]
fn rate(commits: u64, seconds: Duration) -> f64 {
    commits as f64 / seconds.as_secs_f64().max(0.001)
}

/// Those that were told most often first.
fn errors(errors: BTreeMap<String, Seen>) -> Vec<Error> {
    let mut errors: Vec<_> =
        errors.into_values().map(|Seen { times, text }| Error { times, error: text }).collect();
    errors.sort_by_key(|it| std::cmp::Reverse(it.times));
    errors
}
