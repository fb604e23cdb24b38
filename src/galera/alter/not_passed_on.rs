//! Changes that galactl does not try on a copy, each with what to do instead.

use super::words::{Piece, clauses};

/// Why a change is refused; `None` where it may be tried.
///
/// A copy in a database of its own must stay there, and must tell what the table itself would: so no change that
/// moves the table, that names another one, or whose end no definition shows.
pub fn why_not(pieces: &[Piece<'_>]) -> Option<&'static str> {
    clauses(pieces).into_iter().find_map(of_clause)
}

/// A second run could not see that the first one has made it, and would make another one.
const NAMELESS: &str = "adds a key or a check without a name, so nobody could see later whether it was done, and the same command would make a second one: give it a name, for example ADD KEY by_day (day), ADD CONSTRAINT positive CHECK (n > 0)";

fn of_clause(clause: &[Piece<'_>]) -> Option<&'static str> {
    let first = *clause.first()?;
    let second = clause.get(1).copied().unwrap_or(Piece::Quoted);
    if first.is_one_of(&["ALGORITHM", "LOCK"]) || has(clause, &["ALGORITHM", "LOCK"], equals) {
        return Some("has ALGORITHM or LOCK: leave it out, the plan says which algorithm the servers take");
    }
    if first.is("ALTER") && second.is_one_of(&["TABLE", "ONLINE", "IGNORE"]) {
        return Some("is a whole statement: give only what comes behind ALTER TABLE and the name");
    }
    if first.is("RENAME") && !second.is_one_of(&["COLUMN", "INDEX", "KEY"]) {
        return Some(
            "gives the table another name: say RENAME TABLE by a client on one node; that touches no row",
        );
    }
    moved(first, second).or_else(|| unseen(clause, first)).or_else(|| nameless(clause).then_some(NAMELESS))
}

/// `ADD KEY (a)`, `ADD (a INT, CHECK (a > 0))`, `MODIFY a INT UNIQUE`.
fn nameless(clause: &[Piece<'_>]) -> bool {
    let Some((first, rest)) = clause.split_first() else { return false };
    let rest = if rest.first().is_some_and(|it| it.is("COLUMN")) { &rest[1..] } else { rest };
    let unique = rest.iter().any(|it| it.is("UNIQUE"));
    match rest {
        _ if first.is_one_of(&["MODIFY", "CHANGE"]) => unique,
        _ if !first.is("ADD") => false,
        [Piece::Mark('('), inner @ ..] => clauses(inner).into_iter().any(is_nameless),
        [condition, ..] if condition.is("IF") => unique,
        _ => is_nameless(rest),
    }
}

/// `part`: what stands behind ADD, or between two commas of its list.
fn is_nameless(part: &[Piece<'_>]) -> bool {
    let rest =
        |words: &[&str]| part.iter().position(|it| !it.is_one_of(words)).map_or(&[][..], |at| &part[at..]);
    let Some(first) = part.first() else { return false };
    let behind = match () {
        () if first.is("CONSTRAINT") => {
            let behind = rest(&["CONSTRAINT", "IF", "NOT", "EXISTS"]);
            let is_name = behind.first().is_some_and(|it| !it.is_one_of(&["UNIQUE", "CHECK", "PRIMARY"]));
            return !is_name && is_nameless(behind);
        }
        () if first.is("CHECK") => return true,
        () if first.is_one_of(&["KEY", "INDEX", "UNIQUE", "FULLTEXT", "SPATIAL"]) => {
            rest(&["KEY", "INDEX", "UNIQUE", "FULLTEXT", "SPATIAL", "IF", "NOT", "EXISTS"])
        }
        () if first.is("VECTOR")
            && part.get(1).is_some_and(|it| it.is_one_of(&["KEY", "INDEX"]) || *it == Piece::Mark('(')) =>
        {
            rest(&["VECTOR", "KEY", "INDEX", "IF", "NOT", "EXISTS"])
        }
        () => return false,
    };
    behind.first().is_none_or(|it| *it == Piece::Mark('(') || it.is("USING"))
}

/// What takes rows or files out of a table, or into it.
fn moved(first: Piece<'_>, second: Piece<'_>) -> Option<&'static str> {
    if first.is("EXCHANGE") || (first.is("CONVERT") && second.is_one_of(&["TABLE", "PARTITION"])) {
        return Some(
            "moves rows between two tables: say it by a client on one node; the plan of galactl is for one table",
        );
    }
    first.is_one_of(&["IMPORT", "DISCARD"]).then_some(
        "replaces the files of a table, which Galera does not send to the other nodes: load the rows by INSERT on one node",
    )
}

/// What an empty copy does not tell of.
fn unseen(clause: &[Piece<'_>], first: Piece<'_>) -> Option<&'static str> {
    let any = |words: &[&str]| clause.iter().any(|it| it.is_one_of(words));
    if any(&["FOREIGN", "REFERENCES"]) {
        return Some(
            "names a foreign key, and the empty copy that is tried has none: say it by a client on one node, in a quiet moment; all writes of all nodes wait for as long as it takes",
        );
    }
    if any(&["PARTITION", "PARTITIONING"]) {
        return Some(
            "changes the partitions of a table: say it by a client on one node, in a quiet moment; all writes of all nodes wait for as long as it takes",
        );
    }
    if has(clause, &["AUTO_INCREMENT"], |next| equals(next) || next.is_number()) {
        return Some(
            "sets the next AUTO_INCREMENT value, which no definition shows for long: say it by a client on one node; that touches no row",
        );
    }
    if has(clause, &["DATA", "INDEX"], |next| next.is("DIRECTORY")) {
        return Some("names a directory, which no copy of a table takes over: leave it out");
    }
    if has(clause, &["UNION"], equals) {
        return Some("makes a MERGE table, which Galera does not replicate: leave it out");
    }
    (first.is("ADD") && any(&["VERSIONING"])).then_some(
        "gives each row a time, and every node takes its own: the nodes would differ; make a new table WITH SYSTEM VERSIONING, and INSERT the rows on one node",
    )
}

fn equals(next: Piece<'_>) -> bool {
    next == Piece::Mark('=')
}

/// One of these words has such a piece behind it.
fn has(clause: &[Piece<'_>], words: &[&str], behind: impl Fn(Piece<'_>) -> bool) -> bool {
    clause.windows(2).any(|pair| pair[0].is_one_of(words) && behind(pair[1]))
}
