//! What is right and wrong with a Galera cluster and its nodes. Pure; plans, checks and views ask it.

mod basis;
pub mod codes;
pub mod component;
pub mod evidence;
pub mod guards;
pub mod identity;
pub mod links;
pub mod listed;
pub mod next_start;
pub mod ports;
pub mod pt_osc;
pub mod room;
pub mod table;
pub mod tried;
pub mod unanswered;
pub mod unsynced;
pub mod void_options;
pub mod votes;
pub mod wanted;
pub mod warnings;
pub mod whole;

pub use basis::Basis;
