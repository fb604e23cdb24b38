//! Why a table cannot be changed by pt-online-schema-change, one sentence each.
//!
//! It copies rows by INSERT IGNORE: a row that collides with another one in the copy is left out, and it says nothing.
//! (bin/pt-online-schema-change 3.2.1: `%ignore_code`)

use super::left::left;
use super::seen::own_copy;
use crate::galera::alter::shape::Shape;
use crate::galera::alter::words::outside_of_quotes;
use crate::galera::alter::{Table, TableSeen};
use crate::kernel::model::words::names;

/// Types whose values are the same in a wider one; what does not fit is an error.
const INTEGERS: [&str; 5] = ["tinyint", "smallint", "mediumint", "int", "bigint"];

/// Empty: it can be used. `after`: the definition that an empty copy had.
pub fn unfit(table: &Table, seen: &TableSeen, after: &str) -> Vec<String> {
    let (before, after) = (Shape::of(&seen.definition), Shape::of(after));
    let of_shape = [
        primary_key(&before, &after),
        unique_keys(&before, &after),
        renamed(&before, &after),
        checks(&before, &after),
    ];
    let of_table = [triggers(table, seen), children(seen), taken(table, seen), history(seen), name(table)];
    of_shape.into_iter().chain(of_table).flatten().collect()
}

fn primary_key(before: &Shape, after: &Shape) -> Option<String> {
    match (&before.primary, &after.primary) {
        (None, _) => Some("the table has no primary key, by which it copies rows".into()),
        (old, new) if old != new => {
            Some("the change touches the primary key, by which it copies rows".into())
        }
        _ => None,
    }
}

fn unique_keys(before: &Shape, after: &Shape) -> Option<String> {
    let new: Vec<_> = after.uniques.iter().filter(|key| !before.uniques.contains(key)).collect();
    if let Some(key) = new.first() {
        return Some(format!(
            "the change makes ({key}) unique: it would leave out rows that are not, without a word"
        ));
    }
    let keys = after.primary.iter().chain(&after.uniques);
    let columns: Vec<_> = after
        .columns
        .iter()
        .filter(|(name, _)| keys.clone().any(|key| key.contains(&format!("`{name}`"))))
        .collect();
    let same_characters = before.characters() == after.characters();
    let changed = columns.iter().find(|(name, line)| {
        let old = before.column(name);
        let integers = is_integer(line) && old.is_some_and(is_integer);
        !integers && (old != Some(line.as_str()) || !same_characters)
    });
    changed.map(|(name, _)| {
        format!("the change touches {name}, a column of a unique key: it would leave out rows that become equal, without a word")
    })
}

fn is_integer(line: &str) -> bool {
    let kind = line.rsplit_once("` ").map_or("", |(_, kind)| kind);
    INTEGERS.iter().any(|name| {
        kind.strip_prefix(name).is_some_and(|rest| rest.starts_with(['(', ' ']) || rest.is_empty())
    })
}

/// It copies columns by their names.
fn renamed(before: &Shape, after: &Shape) -> Option<String> {
    let lacks = |shape: &Shape, other: &Shape| -> Vec<String> {
        let gone = other.columns.iter().filter(|(name, _)| shape.column(name).is_none());
        gone.map(|(name, _)| name.clone()).collect()
    };
    let (gone, new) = (lacks(after, before), lacks(before, after));
    (!gone.is_empty() && !new.is_empty()).then(|| {
        format!(
            "the change takes {} away and adds {}: if that is a new name, it would not copy what is in the column",
            names(&gone, "and"),
            names(&new, "and")
        )
    })
}

/// It gives another name to every `CONSTRAINT`, not to foreign keys only, and leaves out a row that a check forbids.
/// (bin/pt-online-schema-change 3.2.1: `create_new_table`, `%search_dict`)
fn checks(before: &Shape, after: &Shape) -> Option<String> {
    let named = |shape: &Shape| {
        shape
            .rules
            .iter()
            .find(|line| !line.contains(" FOREIGN KEY ") && !line.starts_with("PERIOD"))
            .cloned()
    };
    if let Some(line) = named(before).or_else(|| named(after)) {
        return Some(format!(
            "the table has a check ({line}), to which it would give another name, and it leaves out rows that a check forbids"
        ));
    }
    let checked = |line: &str| outside_of_quotes(line).is_ok_and(|it| it.to_uppercase().contains(" CHECK "));
    let new =
        after.columns.iter().find(|(name, line)| checked(line) && before.column(name) != Some(line.as_str()));
    new.map(|(name, _)| {
        format!("the change makes or keeps a check of {name}: it leaves out rows that the check forbids")
    })
}

fn triggers(table: &Table, seen: &TableSeen) -> Option<String> {
    let own = left(table, &seen.osc).own.triggers;
    let others: Vec<_> = seen.triggers.iter().filter(|name| !own.contains(name)).collect();
    (!others.is_empty()).then(|| format!("the table has triggers: {}", names(&others, "and")))
}

fn children(seen: &TableSeen) -> Option<String> {
    let children: Vec<_> = seen.children.iter().map(|name| name.replacen('/', ".", 1)).collect();
    (!children.is_empty()).then(|| format!("foreign keys of {} point to the table", names(&children, "and")))
}

fn taken(table: &Table, seen: &TableSeen) -> Option<String> {
    let others = left(table, &seen.osc).tables;
    let (one, are) = (others.first()?, if others.len() == 1 { "is" } else { "are" });
    Some(format!(
        "{} {are} there: of a pt-online-schema-change that is about to begin or has ended, or yours; RENAME TABLE `{}`.`{one}` TO `{}`.`{one}_kept`, or drop what nobody needs",
        names(&others, "and"),
        table.schema,
        table.schema
    ))
}

fn history(seen: &TableSeen) -> Option<String> {
    let versioned = seen.definition.contains("WITH SYSTEM VERSIONING");
    versioned.then(|| "the table keeps its history (SYSTEM VERSIONING), which it would not copy".into())
}

/// Its DSN takes a comma for the end of a name.
fn name(table: &Table) -> Option<String> {
    let plain = |c: char| c.is_alphanumeric() || "_-$ ".contains(c);
    let fits = [&table.schema, &table.name].iter().all(|part| part.chars().all(plain));
    // A name has no more than 64 characters.
    match (fits, own_copy(&table.name).chars().count() > 64) {
        (false, _) => Some("a name has characters that it does not take".into()),
        (true, true) => Some("the table's name leaves no room for `_` and `_galactl_new`".into()),
        (true, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{OscSeen, OscTrigger};
    use super::*;

    const TABLE: &str = "CREATE TABLE `orders` (\n  `id` int(11) NOT NULL,\n  `code` varchar(9) NOT NULL,\n  `n` int(11) DEFAULT NULL,\n  PRIMARY KEY (`id`),\n  UNIQUE KEY `u` (`code`)\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4";

    fn why(seen: &TableSeen, after: &str) -> String {
        unfit(&"shop.orders".parse().expect("a table"), seen, after).join("; ")
    }

    fn table() -> TableSeen {
        TableSeen { definition: TABLE.into(), ..TableSeen::default() }
    }

    #[test]
    fn what_loses_no_row_may_be_copied() {
        assert_eq!(why(&table(), TABLE), "");
        for (from, to) in [
            ("`id` int(11)", "`id` bigint(20)"),
            ("`n` int(11)", "`n` varchar(3)"),
            ("  PRIMARY", "  `x` int(11),\n  PRIMARY"),
            ("  `n` int(11) DEFAULT NULL,\n", ""),
            ("UNIQUE KEY `u`", "UNIQUE KEY `other`"),
            (",\n  UNIQUE KEY `u` (`code`)", ""),
        ] {
            assert_eq!(why(&table(), &TABLE.replace(from, to)), "", "{to}");
        }
    }

    #[test]
    fn what_may_lose_a_row_or_a_column_is_refused() {
        for (from, to, word) in [
            ("PRIMARY KEY (`id`)", "PRIMARY KEY (`id`,`code`)", "touches the primary key"),
            (
                "UNIQUE KEY `u` (`code`)",
                "UNIQUE KEY `u` (`code`),\n  UNIQUE KEY `v` (`n`)",
                "makes (`n`) unique",
            ),
            ("`code` varchar(9)", "`code` varchar(9) COLLATE utf8mb4_bin", "touches code"),
            ("`id` int(11)", "`id` varchar(11)", "touches id"),
            ("CHARSET=utf8mb4", "CHARSET=latin1", "touches code"),
            ("`n` int(11)", "`m` int(11)", "takes n away and adds m"),
        ] {
            let said = why(&table(), &TABLE.replace(from, to));
            assert!(said.contains(word), "{to}: {said}");
        }
        let keyless = TABLE.replace("  PRIMARY KEY (`id`),\n", "");
        assert!(why(&TableSeen { definition: keyless, ..table() }, TABLE).contains("no primary key"));
    }

    /// The check of a JSON column stays as it is, and each row has passed it.
    #[test]
    fn checks_are_refused_where_they_are_new_or_have_a_name() {
        let json = TABLE.replace("  PRIMARY", "  `j` longtext CHECK (json_valid(`j`)),\n  PRIMARY");
        let seen = TableSeen { definition: json.clone(), ..table() };
        assert_eq!(why(&seen, &json.replace("`n` int(11)", "`n` bigint(20)")), "");
        assert!(why(&table(), &json).contains("a check of j"), "{}", why(&table(), &json));
        let said = TABLE.replace("  PRIMARY", "  `x` text COMMENT ' CHECK (x)',\n  PRIMARY");
        assert_eq!(why(&table(), &said), "");
        let key = ",\n  CONSTRAINT `f` FOREIGN KEY (`n`) REFERENCES `p` (`id`)\n)";
        let keyed = TABLE.replace("\n)", key);
        assert_eq!(why(&TableSeen { definition: keyed.clone(), ..table() }, &keyed), "");
        let named = TABLE.replace("\n)", ",\n  CONSTRAINT `chk` CHECK (`n` > 0)\n)");
        for (before, after) in [(TABLE, named.as_str()), (&named, TABLE), (&named, &named)] {
            let said = why(&TableSeen { definition: before.into(), ..table() }, after);
            assert!(said.contains("a check (CONSTRAINT `chk` CHECK (`n` > 0))"), "{said}");
        }
    }

    #[test]
    fn what_stands_beside_the_table_is_named() {
        let own = OscTrigger {
            name: "pt_osc_shop_orders_ins".into(),
            on: "orders".into(),
            statement: "REPLACE INTO `shop`.`_orders_galactl_new`".into(),
        };
        let osc = OscSeen {
            triggers: vec![own.clone()],
            beside: vec!["_orders_galactl_new".into(), "_orders_old".into()],
            ..OscSeen::default()
        };
        let seen = TableSeen {
            triggers: vec![own.name, "mine".into()],
            children: vec!["shop/lines".into()],
            osc,
            ..table()
        };
        let said = why(&seen, TABLE);
        assert!(said.starts_with("the table has triggers: mine; foreign keys of shop.lines point"), "{said}");
        assert!(said.contains("_orders_old is there") && !said.contains("galactl_new"), "{said}");
        assert!(said.contains("RENAME TABLE `shop`.`_orders_old` TO `shop`.`_orders_old_kept`"), "{said}");
    }

    #[test]
    fn a_history_and_a_name_that_it_does_not_take() {
        let versioned = TABLE.to_owned() + " WITH SYSTEM VERSIONING";
        let seen = TableSeen { definition: versioned.clone(), ..table() };
        assert!(why(&seen, &versioned).contains("history"));
        let odd = unfit(&"shop.or,ders".parse().expect("a table"), &table(), TABLE);
        assert!(odd[0].contains("characters"), "{odd:?}");
    }
}
