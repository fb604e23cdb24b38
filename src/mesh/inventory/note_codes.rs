//! The codes of what can be wrong with an inventory of this engine, for the reference. Those that another engine has too mean
//! the same there.

/// Each code with what it means. A test holds this table against the code that gives them.
pub const NOTE_CODES: &[(&str, &str)] = &[
    ("clients-anywhere", "Clients may connect from every address"),
    ("conflicts", "The strategy does not go together with the method, or lacks what it needs"),
    ("databases", "No database is listed, one is listed twice, or every server has one of this name"),
    ("duplicate-setting", "A setting stands twice, in two spellings"),
    ("managed-setting", "galactl or Patroni writes this setting itself"),
    ("never-run", "galactl renders the statements of this method, and has never run them"),
    ("number", "Two nodes would take the same numbers of a sequence, or there are too few for all"),
    ("port", "The port is none, or something else needs it"),
    ("region", "A node has no region, or the regions mean nothing"),
    ("release", "The release of PostgreSQL or Patroni on the hosts cannot do this"),
    ("setting-name", "This cannot be the name of a setting"),
    ("single-node", "One node is no high availability"),
    ("unknown-setting", "PostgreSQL has no setting of this name"),
];
