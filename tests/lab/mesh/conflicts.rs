//! Two nodes of a mesh are cut off from each other, both write, and the link is healed: what each node has then. A scene and the
//! benchmark of conflicts do it.

use std::collections::BTreeSet;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::lab::Lab;
use crate::run::Inventory;

pub const NODES: [&str; 3] = ["pg1", "pg2", "pg3"];
/// Who is cut off, and writes first; the other one writes a second later, and reaches the third node.
const FIRST: &str = "pg1";
const SECOND: &str = "pg2";
/// For how long what was written may be on its way, and after a cut in which connections were given up.
const PATIENCE: Duration = Duration::from_secs(20);
const LONG_PATIENCE: Duration = Duration::from_secs(240);

/// The cut is shorter than the timeouts of connections, so that all goes on at once, unless GALACTL_CUT has other seconds.
fn cut() -> Duration {
    let seconds = std::env::var("GALACTL_CUT").map_or(1, |seconds| seconds.parse().expect("seconds"));
    Duration::from_secs(seconds)
}

fn patience() -> Duration {
    if cut() < Duration::from_secs(10) { PATIENCE } else { LONG_PATIENCE }
}

/// A way to settle conflicts.
pub struct Mode {
    pub title: &'static str,
    /// The sections `method` and `conflicts` of the inventory.
    pub settings: &'static str,
    /// Rows belong to regions.
    pub regions: bool,
    /// How one row is made of two.
    pub merge: Option<&'static str>,
}

pub const LAST_UPDATE_WINS: Mode =
    Mode { title: "`last-update-wins`", settings: "method: pglogical", regions: false, merge: None };

/// What two nodes do at the same time.
pub struct Case {
    pub name: &'static str,
    /// What is there before, the same on all nodes.
    base: &'static str,
    first: &'static str,
    second: &'static str,
    /// The keys of its rows.
    keys: &'static str,
    stops: Stops,
}

/// Whether a case may stop the replication of its whole database, and so has one of its own.
enum Stops {
    Never,
    /// Not where the last update wins.
    WithoutWinner,
    Always,
}

/// What became of a case.
pub struct Outcome {
    pub case: &'static str,
    /// Why the first and the second one could not write.
    pub refused: [Option<String>; 2],
    /// On each node.
    pub rows: Vec<String>,
    /// Directions that stand still, as `pg2 from pg1`, with what the reading server says of it.
    pub stopped: BTreeSet<String>,
    pub error: Option<String>,
}

impl Outcome {
    pub fn is_equal(&self) -> bool {
        self.rows.iter().all(|rows| *rows == self.rows[0])
    }
}

/// `&` is the region of the first one, `%` that of whoever writes; both are nothing without regions.
pub const CASES: [Case; 7] = [
    Case {
        name: "both insert one key",
        base: "",
        first: "INSERT INTO t VALUES (%10, 110, 'A')",
        second: "INSERT INTO t VALUES (%10, 111, 'B')",
        keys: "10",
        stops: Stops::WithoutWinner,
    },
    Case {
        name: "both update one row",
        base: "INSERT INTO t VALUES (&1, 1, '0')",
        first: "UPDATE t SET v = 'A' WHERE id = 1",
        second: "UPDATE t SET v = 'B' WHERE id = 1",
        keys: "1",
        stops: Stops::Never,
    },
    Case {
        name: "one updates a row, the other one deletes it later",
        base: "INSERT INTO t VALUES (&2, 2, '0')",
        first: "UPDATE t SET v = 'A' WHERE id = 2",
        second: "DELETE FROM t WHERE id = 2",
        keys: "2",
        stops: Stops::Never,
    },
    Case {
        name: "one deletes a row, the other one updates it later",
        base: "INSERT INTO t VALUES (&3, 3, '0')",
        first: "DELETE FROM t WHERE id = 3",
        second: "UPDATE t SET v = 'B' WHERE id = 3",
        keys: "3",
        stops: Stops::Never,
    },
    Case {
        name: "both delete one row",
        base: "INSERT INTO t VALUES (&4, 4, '0')",
        first: "DELETE FROM t WHERE id = 4",
        second: "DELETE FROM t WHERE id = 4",
        keys: "4",
        stops: Stops::Never,
    },
    Case {
        name: "both insert rows with other keys, and one value of a second unique key",
        base: "",
        first: "INSERT INTO t VALUES (%20, 200, 'A')",
        second: "INSERT INTO t VALUES (%21, 200, 'B')",
        keys: "20, 21",
        stops: Stops::WithoutWinner,
    },
    Case {
        name: "one inserts a row, the other one updates another row to its value of a second unique key",
        base: "INSERT INTO t VALUES (&7, 7, '0')",
        first: "INSERT INTO t VALUES (%30, 300, 'A')",
        second: "UPDATE t SET u = 300, v = 'B' WHERE id = 7",
        keys: "7, 30",
        stops: Stops::Always,
    },
];

/// Makes the mesh, and lets all cases happen in one cut.
#[allow(clippy::disallowed_methods, reason = "a scene is one thread that waits")]
pub fn play(lab: &Lab, mode: &Mode) -> Vec<Outcome> {
    let databases: Vec<String> =
        (0..CASES.len()).map(|case| database(case, mode)).collect::<BTreeSet<_>>().into_iter().collect();
    lab.on(FIRST, "pg_createcluster $(ls /usr/lib/postgresql | tail -n 1) main --start");
    for database in &databases {
        lab.on(FIRST, &format!("cd /; runuser -u postgres -- createdb {database}"));
        let region = if mode.regions { "region text, " } else { "" };
        let key = if mode.regions { "region, id" } else { "id" };
        // galactl refuses to merge rows of a table with a second unique key.
        let unique = if mode.merge.is_some() { "" } else { " UNIQUE" };
        let mut table =
            format!("CREATE TABLE t ({region}id int, u int{unique}, v text, PRIMARY KEY ({key}));\n");
        for (at, case) in CASES.iter().enumerate().filter(|(_, case)| !case.base.is_empty()) {
            if self::database(at, mode) == *database {
                table += &format!("{};\n", written(case.base, FIRST, mode));
            }
        }
        sql(lab, FIRST, database, &table);
    }
    inventory(lab, mode, &databases).bootstrap();
    lab.fault("cut", FIRST);
    let write = |node: &'static str, of: fn(&Case) -> &'static str| {
        let refused = |(at, case): (usize, &Case)| {
            let (ok, said) =
                try_sql(lab, node, &database(at, mode), &format!("{};", written(of(case), node, mode)));
            (!ok).then(|| said.lines().next().unwrap_or_default().to_owned())
        };
        CASES.iter().enumerate().map(refused).collect::<Vec<_>>()
    };
    let first = write(FIRST, |case| case.first);
    sleep(cut());
    let second = write(SECOND, |case| case.second);
    lab.fault("heal", FIRST);
    let healed = Instant::now();
    let stopped = await_all(lab, &databases);
    println!("what was written has come {:.0?} after a cut of {:?}", healed.elapsed(), cut());
    let outcome = |(at, case): (usize, &Case)| {
        let rows = format!(
            "SELECT coalesce(string_agg(t::text, ' ' ORDER BY t::text), 'no row') FROM t WHERE id IN ({});",
            case.keys
        );
        let own = stopped.iter().filter(|(name, _)| *name == database(at, mode));
        let stopped: BTreeSet<_> = own.map(|(_, direction)| direction.clone()).collect();
        Outcome {
            case: case.name,
            refused: [first[at].clone(), second[at].clone()],
            rows: NODES.iter().map(|node| sql(lab, node, &database(at, mode), &rows)).collect(),
            error: stopped.first().and_then(|direction| said(lab, direction, &database(at, mode))),
            stopped,
        }
    };
    CASES.iter().enumerate().map(outcome).collect()
}

fn database(case: usize, mode: &Mode) -> String {
    let alone = match CASES[case].stops {
        Stops::Never => false,
        Stops::WithoutWinner => mode.settings != LAST_UPDATE_WINS.settings,
        Stops::Always => true,
    };
    if alone { format!("alone_{case}") } else { "together".to_owned() }
}

fn written(statement: &str, node: &str, mode: &Mode) -> String {
    let region = |node: &str| if mode.regions { format!("'{node}', ") } else { String::new() };
    statement.replace('&', &region(FIRST)).replace('%', &region(node))
}

fn inventory<'a>(lab: &'a Lab, mode: &Mode, databases: &[String]) -> Inventory<'a> {
    let mut inventory = Inventory::of_mesh(lab, &NODES);
    inventory.rest = format!("{}\nsequences: {{step: 3}}\ndatabases:", mode.settings);
    for database in databases {
        inventory.rest += &format!("\n  - name: {database}");
        if let Some(function) = mode.merge {
            let function = function.trim().replace('\n', "\n          ");
            inventory.rest +=
                &format!("\n    merges:\n      - table: public.t\n        function: |\n          {function}");
        }
    }
    for (name, extra) in &mut inventory.nodes {
        if mode.regions {
            *extra = format!("    region: {name}\n");
        }
    }
    inventory
}

/// Waits until what each node writes now has come to all others.
///
/// Returns: databases with the directions in which it does not come.
#[allow(clippy::disallowed_methods, reason = "a scene is one thread that waits")]
fn await_all(lab: &Lab, databases: &[String]) -> BTreeSet<(String, String)> {
    for node in NODES {
        for database in databases {
            sql(
                lab,
                node,
                database,
                &format!("UPDATE galactl.node SET token = 'healed' WHERE name = '{node}';"),
            );
        }
    }
    let began = Instant::now();
    loop {
        let mut missing = BTreeSet::new();
        for node in NODES {
            for database in databases {
                let asked = "SELECT name FROM galactl.node WHERE token IS DISTINCT FROM 'healed';";
                let late = sql(lab, node, database, asked);
                missing.extend(late.lines().map(|from| (database.clone(), format!("{node} from {from}"))));
            }
        }
        let only_stopped = missing.iter().all(|(name, direction)| said(lab, direction, name).is_some());
        if missing.is_empty()
            || began.elapsed() > patience()
            || only_stopped && began.elapsed() > patience() / 2
        {
            return missing;
        }
        sleep(Duration::from_millis(500));
    }
}

/// The error with which a node has stopped to apply changes of a database.
fn said(lab: &Lab, direction: &str, database: &str) -> Option<String> {
    let node = direction.split(' ').next().expect("a node");
    let script = format!(
        "oid=$(cd /; runuser -u postgres -- psql -XAtq -d {database} -c 'SELECT oid FROM pg_database WHERE datname = current_database()')
        grep -h 'apply.*ERROR\\|ERROR: *duplicate key' /var/log/postgresql/*.log | grep \"apply $oid:\\|@{database} \\|ERROR\" | tail -n 1 | sed 's/.*ERROR: *//'"
    );
    let (_, text) = lab.try_on(node, &script);
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

#[track_caller]
fn sql(lab: &Lab, node: &str, database: &str, statements: &str) -> String {
    let (ok, text) = try_sql(lab, node, database, statements);
    assert!(ok, "{node}, {database}: {statements}\n{text}");
    text.trim().to_owned()
}

fn try_sql(lab: &Lab, node: &str, database: &str, statements: &str) -> (bool, String) {
    let script = format!(
        "cd /; client=$(ls -d /usr/lib/postgresql/*/bin/psql | tail -n 1)
        runuser -u postgres -- $client -XAtq -v ON_ERROR_STOP=1 -d {database} <<'END' 2>&1\n{statements}\nEND"
    );
    lab.try_on(node, &script)
}
