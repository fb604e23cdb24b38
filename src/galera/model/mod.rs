//! The nouns of Galera and of MariaDB, valid by construction.

mod distribution;
mod flavour;
mod gtid;
mod option_text;
mod printed;
mod secret_names;
mod service;
mod write_test;

pub use distribution::Distribution;
pub use flavour::{Flavour, SstMethod};
pub use gtid::{Gtid, Seqno, StateUuid};
pub use option_text::{escape, escape_into};
pub use printed::unescaped;
pub use secret_names::SST_PASSWORD;
pub use service::Service;
pub use write_test::{
    is_scratch_schema, is_write_test_schema, {LEDGER_PREFIX, LOAD_PREFIX, SCRATCH_SCHEMA, WRITE_TEST_SCHEMA},
};
