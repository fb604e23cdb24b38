//! The mesh engine: PostgreSQL servers that all take writes, and send their changes to each other.

pub mod act;
pub mod compare;
pub mod config;
pub mod doctor;
pub mod facts;
pub mod inventory;
pub mod judge;
pub mod lint;
pub mod model;
pub mod observation;
pub mod observe;
pub mod plan;
pub mod psql;
pub mod rules;
pub mod secrets;
pub mod statements;
pub mod status;
