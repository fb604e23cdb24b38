//! Certificates: what is read, issued and found wrong. Those of the tests are made here, with fixed times.

mod authorities;
mod faults;
mod hostile;
mod issued;
pub mod made;
mod secrets;
