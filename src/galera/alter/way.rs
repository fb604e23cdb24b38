//! How a server changes a table, and how a cluster does.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kernel::model::Invalid;

/// What a server does with the rows, the cheapest first.
/// (https://mariadb.com/kb/en/innodb-online-ddl-overview/)
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Algorithm {
    /// No row is touched: INSTANT.
    #[serde(rename = "INSTANT")]
    Metadata,
    /// Rows are read, and the table is not written again.
    Nocopy,
    /// The storage engine writes the table again.
    Inplace,
    /// The server copies each row into a new table.
    Copy,
}

impl Algorithm {
    pub const ALL: [Self; 4] = [Self::Metadata, Self::Nocopy, Self::Inplace, Self::Copy];

    /// What it does, for people.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Metadata => "no row is touched",
            Self::Nocopy => "the rows are read, and the table is not written again",
            Self::Inplace => "InnoDB writes the whole table again",
            Self::Copy => "the server copies each row into a new table",
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Metadata => "INSTANT",
            Self::Nocopy => "NOCOPY",
            Self::Inplace => "INPLACE",
            Self::Copy => "COPY",
        })
    }
}

/// How the cluster changes the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// Total order isolation: all nodes at the same place among the writes, which wait meanwhile.
    Toi,
    /// Rolling schema upgrade: one node after the other, each out of its clients' reach.
    Rsu,
}

impl Way {
    pub fn word(self) -> &'static str {
        match self {
            Self::Toi => "toi",
            Self::Rsu => "rsu",
        }
    }
}

impl FromStr for Way {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "toi" => Ok(Self::Toi),
            "rsu" => Ok(Self::Rsu),
            "gh-ost" => Err(Invalid::new(
                "does not fit Galera: gh-ost follows the binary log of one server, and misses what other nodes do by TOI; `--by toi` in a quiet moment changes the table, and `--by rsu` makes an index node by node",
            )),
            "pt-osc" => Err(Invalid::new(
                "does not fit Galera: beside clients that write, MariaDB loses now and then a row that it has confirmed, when pt-online-schema-change drops its triggers and its copy by TOI; `--by toi` in a quiet moment changes the table, and `--by rsu` makes an index node by node",
            )),
            _ => Err(Invalid::new("is no way to change a table; there are `toi` and `rsu`")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_that_galactl_does_not_go_is_refused_with_its_reason() {
        for way in [Way::Toi, Way::Rsu] {
            assert_eq!(way.word().parse::<Way>(), Ok(way));
        }
        let why = "gh-ost".parse::<Way>().expect_err("it is refused").to_string();
        assert!(why.contains("binary log"), "{why}");
        let why = "pt-osc".parse::<Way>().expect_err("it is refused").to_string();
        assert!(why.contains("triggers") && why.contains("--by toi"), "{why}");
    }
}
