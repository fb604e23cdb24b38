//! Tests without hosts. They are one program, which links galactl once.

mod adopt;
mod arbitrators;
mod architecture;
mod check;
mod cli;
mod docs;
mod doctor;
mod explain;
mod facts;
mod fuzz_corpus;
mod inventory_fixtures;
mod inventory_hostile;
mod outages;
mod plan_properties;
mod plan_saved;
mod plan_snapshots;
mod recovery_continuity;
mod recovery_properties;
mod remove_node;
mod rendering;
mod schema;
mod status;
mod support;
mod verify;
mod watch;
mod waves;
