//! Hosts in the states that matter, each made from a fresh one by words.

use std::collections::{BTreeMap, BTreeSet};

use galactl::galera::facts::{
    ClusterStatus, Datadir, Grastate, Gvwstate, HostFacts, Intent, Live, SavedState, Schema, ServerAnswer,
    Spoken,
};
use galactl::galera::model::{Gtid, Seqno, StateUuid};
use galactl::kernel::facts::{ConfigFile, Machine, UnitFacts};

pub const PROVIDER: &str = "/usr/lib/galera/libgalera_smm.so";
pub const PID: u32 = 4711;
const GIB: u64 = 1 << 30;
/// The default gcache.size.
const GCACHE: u64 = 512 << 20;
const TOOLS: [&str; 9] =
    ["mariadb", "mariadbd", "mariabackup", "mbstream", "openssl", "rsync", "socat", "ss", "stunnel"];

/// One view of one cluster, as all its members see it.
#[derive(Debug, Clone)]
pub struct Component {
    pub cluster: String,
    pub uuid: StateUuid,
    pub conf_id: u64,
    pub size: u64,
    pub members: Vec<String>,
    pub seqno: u64,
}

impl Component {
    /// The inventory's own cluster with this number of members.
    pub fn of(size: usize) -> Self {
        Self {
            cluster: "shop".into(),
            uuid: uuid(1),
            conf_id: size as u64,
            size: size as u64,
            members: (0..size).map(super::cluster::address).collect(),
            seqno: 100,
        }
    }
}

/// State UUIDs that differ by a digit.
pub fn uuid(number: u8) -> StateUuid {
    format!("{number:08x}-9b4f-11ee-8000-0123456789ab").parse().unwrap()
}

pub fn zero() -> StateUuid {
    "00000000-0000-0000-0000-000000000000".parse().unwrap()
}

/// A Debian host without any server.
pub fn bare() -> HostFacts {
    HostFacts {
        machine: Machine {
            os: "debian 12".into(),
            debian_family: true,
            arch: "x86_64".into(),
            memory: 8 * GIB,
            systemd: Some(252),
            machine_id: "c0ffee".into(),
            clock: 1_700_000_000.0,
            ..Machine::default()
        },
        apparmor: None,
        packages: BTreeMap::new(),
        candidate: "10.11.19".parse().ok(),
        server: None,
        unit: UnitFacts { load: "not-found".into(), active: "inactive".into(), ..UnitFacts::default() },
        processes: Vec::new(),
        intents: Vec::new(),
        tools: BTreeSet::new(),
        providers: Vec::new(),
        socket: "/run/mysqld/mysqld.sock".into(),
        datadir: Datadir {
            path: "/var/lib/mysql".into(),
            exists: false,
            mount_point: false,
            initialised: false,
            missing: None,
            bytes: 0,
            cache: 0,
            free: 20 * GIB,
            schemas: Vec::new(),
            write_tests: Vec::new(),
            tried_changes: Vec::new(),
            grastate: Grastate::Absent,
            grastate_age: None,
            grastate_edited: false,
            gvwstate: Gvwstate::Absent,
            kept: Vec::new(),
            sst_leftovers: Vec::new(),
        },
        config: None,
        options: BTreeMap::new(),
        loose: BTreeSet::new(),
        void_provider_options: Vec::new(),
        sst_options: BTreeMap::new(),
        wsrep_files: Vec::new(),
        later_options: Vec::new(),
        changeable: BTreeMap::new(),
        server_answer: ServerAnswer::NoSocket,
        group_peers: None,
        sst_grants: Vec::new(),
        slow_lookups: BTreeMap::new(),
        bootstrap_record: None,
        removal: None,
        passed: Vec::new(),
        start: None,
        next_start: None,
        outside_run: None,
        room: Vec::new(),
        peers: Vec::new(),
    }
}

/// What Debian's packages leave, with the server stopped.
pub fn fresh() -> HostFacts {
    let mut host = bare();
    host.become_installed("10.11.19", PROVIDER);
    host
}

/// Words that turn one host into another.
pub trait Changes: Sized {
    fn become_installed(&mut self, version: &str, provider: &str);
    fn become_stopped(&mut self);
    fn become_member(&mut self, name: &str, component: &Component);

    fn of_version(self, version: &str) -> Self;
    fn standalone(self) -> Self;
    fn member(self, name: &str, component: &Component) -> Self;
    fn non_primary(self, name: &str, component: &Component) -> Self;
    fn local_state(self, state: &str) -> Self;
    fn activating(self) -> Self;
    fn mute(self, why: &str) -> Self;
    fn failed(self) -> Self;
    fn saved(self, uuid: StateUuid, seqno: i64) -> Self;
    fn safe_to_bootstrap(self) -> Self;
    fn empty_grastate(self) -> Self;
    fn unreadable_grastate(self) -> Self;
    fn sst_leftovers(self) -> Self;
    fn schema(self, name: &str, bytes: u64) -> Self;
    fn armed(self, intent: Intent) -> Self;
    fn masked(self) -> Self;
    fn enabled(self, enabled: bool) -> Self;
    fn stray(self) -> Self;
    fn without_tools(self) -> Self;
    fn without_provider(self) -> Self;
    fn free(self, bytes: u64) -> Self;
    fn configured(self, text: &str) -> Self;
}

impl Changes for HostFacts {
    fn become_installed(&mut self, version: &str, provider: &str) {
        let packages =
            ["mariadb-server", "galera-4", "rsync", "socat", "mariadb-backup", "openssl", "stunnel4"];
        self.packages = packages.map(|package| (package.to_owned(), format!("1:{version}-1"))).into();
        self.server = version.parse().ok();
        self.tools = TOOLS.map(str::to_owned).into();
        self.providers = vec![provider.to_owned()];
        self.unit = UnitFacts {
            load: "loaded".into(),
            active: "inactive".into(),
            sub: "dead".into(),
            file: "enabled".into(),
            result: "success".into(),
            start_timeout: "15min".into(),
            ..UnitFacts::default()
        };
        self.datadir.exists = true;
        self.datadir.initialised = true;
        self.datadir.bytes = self.datadir.bytes.max(150 << 20);
    }

    fn become_stopped(&mut self) {
        self.unit.active = "inactive".into();
        self.unit.main_pid = 0;
        self.processes.clear();
        self.server_answer = ServerAnswer::NoSocket;
        self.sst_grants.clear();
    }

    fn become_member(&mut self, name: &str, component: &Component) {
        runs(self, "active");
        self.server_answer = ServerAnswer::Live(Box::new(live(name, component)));
        let position = Gtid { uuid: component.uuid.clone(), seqno: Seqno::Unknown };
        self.datadir.grastate = Grastate::Saved(SavedState { position, safe_to_bootstrap: Some(false) });
        self.datadir.gvwstate = Gvwstate::Unreadable;
        if self.datadir.cache == 0 {
            self.datadir.cache = GCACHE;
            self.datadir.free = self.datadir.free.saturating_sub(GCACHE);
        }
        self.datadir.sst_leftovers.clear();
    }

    fn of_version(mut self, version: &str) -> Self {
        self.server = version.parse().ok();
        self.candidate = self.server;
        self
    }

    fn standalone(mut self) -> Self {
        runs(&mut self, "active");
        let off = BTreeMap::from([("wsrep_on".to_owned(), "OFF".to_owned())]);
        self.server_answer = ServerAnswer::Live(Box::new(Live::from_rows(&BTreeMap::new(), &off)));
        self
    }

    fn member(mut self, name: &str, component: &Component) -> Self {
        self.become_member(name, component);
        self
    }

    fn non_primary(mut self, name: &str, component: &Component) -> Self {
        self.become_member(name, component);
        let lost = Live {
            cluster_status: ClusterStatus::NonPrimary,
            ready: false,
            local_state: "Initialized".into(),
            ..live(name, component)
        };
        self.server_answer = ServerAnswer::Live(Box::new(lost));
        self
    }

    fn local_state(mut self, state: &str) -> Self {
        if let ServerAnswer::Live(live) = &mut self.server_answer {
            live.local_state = state.into();
        }
        self
    }

    fn activating(mut self) -> Self {
        runs(&mut self, "activating");
        self.server_answer = ServerAnswer::NoSocket;
        self
    }

    fn mute(mut self, why: &str) -> Self {
        runs(&mut self, "active");
        self.server_answer = ServerAnswer::Refused(why.into());
        self
    }

    fn failed(mut self) -> Self {
        self.unit.active = "failed".into();
        self.unit.result = "signal".into();
        self
    }

    fn saved(mut self, uuid: StateUuid, seqno: i64) -> Self {
        let position = Gtid { uuid, seqno: Seqno::from(seqno) };
        self.datadir.grastate = Grastate::Saved(SavedState { position, safe_to_bootstrap: Some(false) });
        self
    }

    fn safe_to_bootstrap(mut self) -> Self {
        if let Grastate::Saved(state) = &mut self.datadir.grastate {
            state.safe_to_bootstrap = Some(true);
        }
        self
    }

    fn empty_grastate(mut self) -> Self {
        self.datadir.grastate = Grastate::Empty;
        self
    }

    fn unreadable_grastate(mut self) -> Self {
        self.datadir.grastate = Grastate::parse(Some("\0\0\0"));
        self
    }

    fn sst_leftovers(mut self) -> Self {
        self.datadir.sst_leftovers = vec!["sst_in_progress".into()];
        self
    }

    fn schema(mut self, name: &str, bytes: u64) -> Self {
        self.datadir.schemas.push(Schema { name: name.to_owned(), bytes });
        self.datadir.bytes += bytes;
        self.datadir.exists = true;
        self
    }

    fn armed(mut self, intent: Intent) -> Self {
        self.intents.push(intent);
        self
    }

    fn masked(mut self) -> Self {
        self.unit.load = "masked".into();
        self.unit.file = "masked".into();
        self
    }

    fn enabled(mut self, enabled: bool) -> Self {
        self.unit.file = if enabled { "enabled" } else { "disabled" }.into();
        self
    }

    fn stray(mut self) -> Self {
        self.processes = vec![PID];
        self
    }

    fn without_tools(mut self) -> Self {
        self.tools.clear();
        self
    }

    fn without_provider(mut self) -> Self {
        self.providers.clear();
        self
    }

    fn free(mut self, bytes: u64) -> Self {
        self.datadir.free = bytes;
        self
    }

    fn configured(mut self, text: &str) -> Self {
        self.config = Some(ConfigFile {
            mode: "640".into(),
            owner: "root".into(),
            group: "mysql".into(),
            text: text.to_owned(),
        });
        self
    }
}

fn runs(host: &mut HostFacts, active: &str) {
    host.unit.active = active.to_owned();
    host.unit.sub = "running".into();
    host.unit.main_pid = PID;
    host.processes = vec![PID];
}

/// A Synced member's answer.
pub fn live(name: &str, component: &Component) -> Live {
    Live {
        version: "10.11.19".parse().ok(),
        wsrep_on: true,
        cluster_name: component.cluster.clone(),
        node_name: name.to_owned(),
        cluster_status: ClusterStatus::Primary,
        ready: true,
        connected: true,
        local_state: "Synced".into(),
        cluster_size: component.size,
        state_uuid: Some(component.uuid.clone()),
        conf_id: component.conf_id,
        last_committed: Seqno::At(component.seqno),
        members: component.members.clone(),
        unnamed: 0,
        cached_downto: Seqno::At(1),
        receive_queue: 0,
        replicated: 0,
        written_bytes: 0,
        gcomm_uuid: String::new(),
        skip_networking: false,
        spoken: Some(Spoken::Clear),
    }
}
