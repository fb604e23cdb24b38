//! What to change by hand, so that galactl's file may take the place of one that somebody else wrote.

use crate::kernel::judge::Remedy;
use crate::patroni::config::PATRONI_CONFIG;
use crate::patroni::model::Account;

/// The steps, in the order in which they are to be done. `why`: the reasons, as sentences.
pub fn way_on(why: &[String]) -> Remedy {
    let has = |word: &str| why.iter().any(|reason| reason.contains(word));
    let mut ways = Vec::new();
    if has("is of PostgreSQL") || has("its data are in") || has("its server runs in") {
        ways.push("galactl keeps servers of the version that the Debian release has, in its usual directory: upgrade or move this one first (docs/how-to/adopt.md)".into());
    }
    ways.extend(Account::ALL.into_iter().filter(|it| has(&format!("no account `{}`", it.key()))).map(made));
    let renamed = |it: &Account| {
        has(&format!("its account `{}` is", it.key())) || has(&format!("no account `{}`, which", it.user()))
    };
    ways.extend(Account::ALL.into_iter().filter(renamed).map(made));
    for attribute in ["SUPERUSER", "REPLICATION", "LOGIN"] {
        if has(&format!("lacks the right {attribute}")) {
            ways.push(format!(
                "give the account its right on the primary: sudo -u postgres psql -c 'ALTER ROLE NAME {attribute}'"
            ));
        }
    }
    if has("by trust") {
        ways.push("try the passwords while the old rules can still be put back: write scram-sha-256 instead of trust into that line (`postgresql.pg_hba` of the file or of the dynamic configuration), sudo systemctl reload patroni, then sudo -u postgres psql -c 'SELECT pg_terminate_backend(pid) FROM pg_stat_replication' on the primary, and see that the standbys come back".into());
    }
    if has("MD5 hash") || has("no password") {
        ways.push("set the password that is in Patroni's file on the primary: sudo -u postgres psql -c \"SET password_encryption = 'scram-sha-256'\" -c '\\password NAME'".into());
    }
    if has("another password") {
        ways.push("name the passwords that are in use under `secrets` in the inventory, and see that they are the same on all nodes".into());
    }
    if has("its settings in") {
        ways.push(settings_moved());
    }
    ways.push(format!("change what is named in {PATRONI_CONFIG} on each node, then sudo systemctl reload patroni, and run this again"));
    ways.push("or leave these files to whoever wrote them: status, check, doctor, switchover, restart, stop, start and recover work with them".into());
    Remedy::from(ways.join("; "))
}

/// The account first: a standby that is told of one that is not there does not come back.
fn made(account: Account) -> String {
    let (user, key) = (account.user(), account.key());
    let (options, more, database) = match account {
        Account::Superuser => ("--superuser ", String::new(), "all"),
        Account::Replication => ("--replication ", String::new(), "replication"),
        Account::Rewind => (
            "",
            format!(
                " && sudo -u postgres psql -c 'GRANT EXECUTE ON FUNCTION pg_ls_dir(text, boolean, boolean), pg_stat_file(text, boolean), pg_read_binary_file(text), pg_read_binary_file(text, bigint, bigint, boolean) TO {user}'"
            ),
            "all",
        ),
    };
    format!(
        "make the account on the primary, unless it is there: sudo -u postgres createuser {options}--pwprompt {user}{more}; let it in from the nodes by a line of `postgresql.pg_hba`: host {database} {user} NETWORK scram-sha-256; only then write it under `postgresql.authentication.{key}` (username, password) in {PATRONI_CONFIG} on each node"
    )
}

/// Patroni takes `config_dir` only when it starts, and its server needs all files there by then.
fn settings_moved() -> String {
    format!(
        "bring the settings to the data, one node after the other, standbys first and the primary last after a switchover: in the directory of the settings, as postgres, cp -a \"$(ls postgresql.base.conf postgresql.conf 2>/dev/null | head -n 1)\" DATA/postgresql.base.conf and cp -a pg_hba.conf pg_ident.conf conf.d DATA/ (DATA: `postgresql.data_dir`); then take `config_dir` out of {PATRONI_CONFIG} there, and sudo systemctl restart patroni, which restarts the server (a reload does not read `config_dir`)"
    )
}
