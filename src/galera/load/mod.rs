//! The load test: clients that galactl runs itself against the nodes, and what the cluster says of itself meanwhile.
//!
//! A *layout* says which nodes take writes. A *workload* says which rows each transaction changes. Clients repeat what
//! the server rolled back with error 1213, as a careful driver does. The figures are the clients' (throughput, latency,
//! errors) and the servers' (certification failures, aborts, flow control, and the conflicts that their logs name).

pub mod act;
pub mod advice;
pub mod check;
pub mod conflicts;
pub mod counters;
pub mod layout;
pub mod own;
pub mod report;
pub mod samples;
pub mod statements;
pub mod workload;

pub use report::Report;
