//! What a standalone PostgreSQL has that is to become the first server of a cluster.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::kernel::facts::Report;
use crate::kernel::model::NodeName;

/// The seed, and what the other hosts have beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeedFacts {
    /// Or why its host did not tell.
    pub standalone: Result<Standalone, String>,
    /// The other nodes that told.
    pub beside: BTreeMap<NodeName, Beside>,
}

/// What `seed.sh` found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standalone {
    /// Every setting that its files or ALTER SYSTEM have, and those that were asked for.
    pub settings: Vec<Setting>,
    /// Why its files were not read.
    pub unread: Option<String>,
    /// Names of settings that ALTER SYSTEM has set. They stay in the data directory.
    pub altered: BTreeSet<String>,
    /// The lines of its pg_hba.conf, without comments.
    pub access: Vec<String>,
    /// Folders of tablespaces, which lie outside of the data directory.
    pub tablespaces: Vec<String>,
    pub slots: Vec<String>,
    /// `None`: its server did not run.
    pub inside: Option<Inside>,
}

/// A setting, as `postgres -C` prints it: without units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    pub name: String,
    pub value: String,
    /// What it would be without the server's file.
    pub without: String,
}

/// What only a server that runs can tell.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inside {
    /// Accounts whose password is kept as MD5, with which nobody logs in where SCRAM is asked for.
    pub md5_accounts: Vec<String>,
    /// Patroni's accounts that are there already.
    pub taken_accounts: Vec<String>,
    /// Extensions of all its databases.
    pub extensions: BTreeSet<String>,
    /// The locales by which its databases sort and read letters, such as `de_DE.UTF-8`.
    #[serde(default)]
    pub locales: Vec<String>,
}

/// What `beside_seed.sh` found on another host.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beside {
    /// Libraries that a server can load, without `.so`. Empty where PostgreSQL is not installed.
    pub libraries: BTreeSet<String>,
    /// Extensions that can be used.
    pub extensions: BTreeSet<String>,
    /// As `locale -a` writes them, such as `de_DE.utf8`.
    #[serde(default)]
    pub locales: BTreeSet<String>,
    /// Those of the tablespaces' folders that are there and empty, and in which PostgreSQL may write.
    pub ready_places: BTreeSet<String>,
}

impl SeedFacts {
    pub fn unseen(why: String) -> Self {
        Self { standalone: Err(why), beside: BTreeMap::new() }
    }
}

impl Standalone {
    pub fn read(report: &Report) -> Self {
        let all = |section: &str| -> Vec<String> {
            report.lines(section).filter(|line| !line.is_empty()).map(str::to_owned).collect()
        };
        let inside = report.has("asked").then(|| Inside {
            md5_accounts: all("md5_accounts"),
            taken_accounts: all("taken_accounts"),
            extensions: all("extensions").into_iter().collect(),
            locales: all("locales"),
        });
        Self {
            settings: report.lines("settings").filter_map(setting).collect(),
            unread: report.section("settings_error").map(|why| why.trim().to_owned()),
            altered: all("altered").iter().map(|name| name.to_ascii_lowercase()).collect(),
            access: all("access"),
            tablespaces: all("tablespaces"),
            slots: all("slots"),
            inside,
        }
    }

    pub fn value(&self, name: &str) -> Option<&str> {
        self.settings.iter().find(|it| it.name == name).map(|it| it.value.as_str())
    }
}

impl Beside {
    pub fn read(report: &Report) -> Self {
        let all = |section| report.lines(section).map(str::to_owned).collect();
        Self {
            libraries: all("libraries"),
            extensions: all("extensions"),
            locales: all("locales"),
            ready_places: all("ready_places"),
        }
    }
}

/// Reads `NAME TAB VALUE TAB VALUE`. A setting that the server does not know, as of an extension, has no value.
fn setting(line: &str) -> Option<Setting> {
    let mut words = line.split('\t').map(|word| word.trim().to_owned());
    let name = words.next()?.to_ascii_lowercase();
    Some(Setting { name, value: words.next()?, without: words.next()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_tells_settings_and_what_the_server_said() {
        let text = "\n@settings\n|TimeZone\tEurope/Berlin \tGMT \n|work_mem\t8192 \t4096 \n\n@altered\n|work_mem\n\n@access\n|host all all all md5\n\n@tablespaces\n\n@slots\n|s1\n\n@md5_accounts\n|app\n\n@extensions\n|plpgsql\n\n@asked\n|yes\n\n@end\n|yes\n";
        let told = Standalone::read(&Report::parse(text).unwrap());
        assert_eq!(told.value("timezone"), Some("Europe/Berlin"));
        assert!(told.altered.contains("work_mem") && told.tablespaces.is_empty());
        assert_eq!((told.slots.as_slice(), told.access.len()), (["s1".to_owned()].as_slice(), 1));
        assert_eq!(told.inside.unwrap().md5_accounts, ["app"]);
    }
}
