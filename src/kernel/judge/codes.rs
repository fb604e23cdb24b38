//! Codes that have nothing to do with a database.

use super::declare_codes;

declare_codes! {
    /// A node could not be seen; what cannot be seen is not assumed absent.
    UNREACHABLE = "unreachable";
    /// A unit is masked: somebody decided that it must not run there.
    UNIT_MASKED = "unit-masked";
    /// A package is missing, and `cluster.install` is off.
    NOT_INSTALLED = "not-installed";
    /// The flavour or system was never run.
    NOT_SUPPORTED = "not-supported";
    /// Another run is changing the hosts.
    BUSY = "busy";
    /// Two names of the inventory lead to one machine.
    SAME_MACHINE = "same-machine";
    /// A plan file is not whole, was changed, or is none that this galactl may carry out.
    PLAN_FILE = "plan-file";
    /// A host does not have the address at which the others are to reach it.
    WRONG_ADDRESS = "wrong-address";
    /// Facts changed between the plan and its execution.
    STALE = "stale";
}
