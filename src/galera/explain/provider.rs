//! The provider does not start because of its options.

use crate::kernel::explain::{Cause, Told, own};

/// Each cause of this table, as the reference says it.
pub const DOCUMENTED: &[(&str, &str)] =
    &[("provider-option", "the provider does not accept one of its options")];

pub const CAUSES: &[Cause] = &[
    Cause {
        slug: "provider-option",
        told_by: &[own("[ERROR] WSREP: Unrecognized parameter '{option}'")],
        cause: "the wsrep provider does not accept its options: it knows no {option}",
        next: PROVIDER,
    },
    Cause {
        slug: "provider-option",
        told_by: &[own(
            "[ERROR] WSREP: Bad value '{value}' for SSL parameter '{option}': {}key values mismatch'",
        )],
        cause: "the key of group communication, in {value}, does not belong to the certificate",
        next: "sudo openssl pkey -in {value} -pubout, and openssl x509 -noout -pubkey -in the file of socket.ssl_cert: both must print the same; galactl apply-config {inventory} writes new ones where it issues them",
    },
    Cause {
        slug: "provider-option",
        told_by: &[own("[ERROR] WSREP: Bad value '{value}' for SSL parameter '{option}': {}: '{reason}'")],
        cause: "the wsrep provider does not accept its options: {option} is {value} ({reason})",
        next: "sudo -u mysql ls -l {value}",
    },
    Cause {
        slug: "provider-option",
        told_by: &[own("Bad value '{value}' for parameter '{option}'")],
        cause: "the wsrep provider does not accept its options: {option} cannot be {value}",
        next: PROVIDER,
    },
    Cause {
        slug: "provider-option",
        told_by: &[own("Initializing SSL context failed: {reason}")],
        cause: "the wsrep provider cannot use the files of socket.ssl_*: {reason}",
        next: "sudo grep -rn socket.ssl /etc/mysql; sudo -u mysql ls -l each of the files",
    },
    Cause {
        slug: "provider-option",
        told_by: &[own("To enable SSL at least both of {options} must be set")],
        cause: "the wsrep provider does not accept its options: {options} must both be set",
        next: PROVIDER,
    },
    Cause {
        slug: "provider-option",
        told_by: &[own("[ERROR] WSREP: {reason}: 22 (Invalid argument)"), own("wsrep::init() failed: 7")],
        cause: "the wsrep provider does not accept its options: {reason}",
        next: PROVIDER,
    },
    Cause {
        slug: "provider-option",
        told_by: &[own("[ERROR] WSREP: Invalid value '{value}' for {type} type"), DID_NOT_START],
        cause: "the wsrep provider does not accept its options: {value} is not of the type {type}, in: {options}",
        next: PROVIDER,
    },
    Cause {
        slug: "provider-option",
        told_by: &[own("[ERROR] WSREP: Failed to parse parameter '{option}': {reason}."), DID_NOT_START],
        cause: "the wsrep provider does not accept its options: {option}: {reason}",
        next: PROVIDER,
    },
    Cause {
        slug: "provider-option",
        told_by: &[own(":params_init_{}: {option} value out of range {range}: {value}"), DID_NOT_START],
        cause: "the wsrep provider does not accept its options: {option} is {value}, and must be in {range}",
        next: PROVIDER,
    },
    Cause {
        slug: "provider-option",
        told_by: &[
            own("parameter '{option}' value {value} is out of range {range}"),
            own("wsrep::connect({}) failed: 7"),
        ],
        cause: "the wsrep provider does not accept its options: {option} is {value}, and must be in {range}",
        next: PROVIDER,
    },
    Cause {
        slug: "provider-option",
        told_by: &[own("[ERROR] WSREP: invalid value {value} for commit order mode"), DID_NOT_START],
        cause: "the wsrep provider does not accept its options: repl.commit_order cannot be {value}",
        next: PROVIDER,
    },
    Cause {
        slug: "provider-option",
        told_by: &[own("[ERROR] WSREP: Unsupported KeySet version: {value}"), DID_NOT_START],
        cause: "the wsrep provider does not accept its options: repl.key_format cannot be {value}",
        next: PROVIDER,
    },
    Cause {
        slug: "provider-option",
        told_by: &[
            own(
                "failed to create gcomm backend connection: {code}: {option} '{value}' not supported (FATAL)",
            ),
            own("wsrep::connect({}) failed: 7"),
        ],
        cause: "the wsrep provider does not accept its options: {option} cannot be {value}",
        next: PROVIDER,
    },
    Cause {
        slug: "provider-option",
        told_by: &[own(
            "[ERROR] WSREP: More than one value for key '{option}' at '{options}' in parameter list",
        )],
        cause: "the wsrep provider does not accept its options: in {options} two options are not parted by a semicolon, after {option}",
        next: PROVIDER,
    },
    Cause {
        slug: "provider-option",
        told_by: &[own("[ERROR] WSREP: Key without value: '{options}' at position")],
        cause: "the wsrep provider does not accept its options: {options} has no = and no value",
        next: PROVIDER,
    },
    Cause {
        slug: "provider-option",
        told_by: &[
            own("[ERROR] WSREP: Failed to open file '{file}': System error: {code} ({reason})"),
            DID_NOT_START,
        ],
        cause: "the wsrep provider cannot open {file}: {reason}",
        next: "sudo ls -ld {file}, and the directory it is in, which is to belong to mysql; gcache.dir and gcache.name in provider_options set the place",
    },
];

/// This line says that the provider did not start, but not why.
const DID_NOT_START: Told =
    own("[ERROR] WSREP: Failed to create a new provider '{}' with options '{options}'");

const PROVIDER: &str = "correct provider_options in the inventory; sudo grep -rn wsrep_provider_options /etc/mysql shows where else they stand";
