//! What the choice of a way and its steps rest on.

use super::Altering;
use crate::galera::alter::{Forecast, Study};
use crate::galera::inventory::Node;
use crate::galera::judge::Basis;

/// One change, with what was told of it.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    pub basis: Basis<'a>,
    pub wanted: &'a Altering<'a>,
    /// What all members tell, and what those tell that are to be changed.
    pub whole: &'a Study,
    pub study: &'a Study,
    pub forecast: &'a Forecast,
    /// The node that acts.
    pub at: &'a Node,
    /// The definition that an empty copy had afterwards.
    pub after: &'a str,
}
