//! The files of an authority that galactl makes. Where something fails, they are as they were before.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use secrecy::ExposeSecret;

use crate::exit::CommandError;
use crate::galera::inventory::Inventory;
use crate::galera::tls::Tls;
use crate::kernel::certificates::{Pair, make_ca, moment};
use crate::kernel::judge::shell_word;
use crate::kernel::model::SecretRef;
use crate::ui::Printer;

/// For how long an authority is valid that galactl makes: about ten years.
const CA_DAYS: u32 = 3650;

/// Makes an authority where there is none. Returns its certificate. `now`: seconds since 1970.
///
/// Errors: a file cannot be written. Nothing is left of the other one then.
pub fn make(inventory: &Inventory, tls: &Tls, base: &Path, now: i64) -> Result<String, CommandError> {
    let (files, pair) = (Files::of(tls, base), new_pair(inventory, now)?);
    files.write(&pair).map_err(|failure| failure.told(&[]))?;
    files.remark();
    Ok(pair.certificate)
}

/// Makes another authority in place of the present one, whose files are kept. Returns how these are called now.
///
/// Errors: a file cannot be written or renamed. The present files have their names again then, or the error says how to
/// give them back.
pub fn renew(inventory: &Inventory, tls: &Tls, base: &Path, now: i64) -> Result<Vec<PathBuf>, CommandError> {
    let (files, pair) = (Files::of(tls, base), new_pair(inventory, now)?);
    let kept = files.keep()?;
    files.write(&pair).map_err(|failure| failure.told(&back(&kept)))?;
    files.remark();
    Ok(kept.into_iter().map(|it| it.to).collect())
}

struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

/// A file that has another name now.
struct Moved {
    from: PathBuf,
    to: PathBuf,
}

/// What could not be done with a file.
struct Failure {
    path: PathBuf,
    error: io::Error,
}

impl Files {
    fn of(tls: &Tls, base: &Path) -> Self {
        let certificate = base.join(&tls.ca.certificate);
        let key = match &tls.ca.key {
            Some(SecretRef::File(file)) => base.join(file),
            _ => certificate.with_extension("key"),
        };
        Self { certificate, key }
    }

    /// The key first: a certificate without its key would look like an authority.
    fn write(&self, pair: &Pair) -> Result<(), Failure> {
        write_new(&self.key, 0o600, pair.key.expose_secret())?;
        write_new(&self.certificate, 0o644, &pair.certificate)
            .inspect_err(|_| drop(fs::remove_file(&self.key)))
    }

    /// Gives those that are there another name, with one number. The key first: whoever finds the certificate alone is
    /// told that its key is missing, and makes no other authority.
    fn keep(&self) -> Result<Vec<Moved>, CommandError> {
        let all = [&self.key, &self.certificate];
        let is_free = |number: &u32| all.iter().all(|path| !numbered(path, *number).exists());
        let number = (1..u32::MAX).find(is_free).unwrap_or(0);
        let mut moved = Vec::new();
        for path in all.into_iter().filter(|path| path.exists()) {
            let to = numbered(path, number);
            if let Err(error) = fs::rename(path, &to) {
                return Err(Failure { path: path.clone(), error }.told(&back(&moved)));
            }
            moved.push(Moved { from: path.clone(), to });
        }
        Ok(moved)
    }

    fn remark(&self) {
        Printer::remark(&format!(
            "made an authority for certificates: {} and {}; keep the key as you keep other secrets, and never in a repository that others read",
            self.certificate.display(),
            self.key.display()
        ));
    }
}

impl Failure {
    /// `left`: the commands that give files their names back, where that did not work.
    fn told(&self, left: &[String]) -> CommandError {
        let (path, error) = (self.path.display(), &self.error);
        if !left.is_empty() {
            let message = format!("{path}: {error}; the present files have other names now");
            return CommandError::error(message).hint(format!("give them back: {}", left.join("; ")));
        }
        let message = CommandError::error(format!("{path}: {error}; nothing was changed"));
        match error.kind() {
            io::ErrorKind::AlreadyExists => message.hint(
                "an authority has a certificate and a key, and one of the two is here: bring the other, or move this one away",
            ),
            _ => message,
        }
    }
}

/// Gives the files their names back, the last one first. Returns the commands for those with which that did not work.
fn back(moved: &[Moved]) -> Vec<String> {
    let word = |path: &Path| shell_word(&path.display().to_string());
    let failed = moved.iter().rev().filter(|it| fs::rename(&it.to, &it.from).is_err());
    failed.map(|it| format!("mv {} {}", word(&it.to), word(&it.from))).collect()
}

fn numbered(path: &Path, number: u32) -> PathBuf {
    PathBuf::from(format!("{}.{number}", path.display()))
}

/// A file that cannot be written whole is not left there.
fn write_new(path: &Path, mode: u32, text: &str) -> Result<(), Failure> {
    let failure = |error| Failure { path: path.to_owned(), error };
    let mut file = File::options().write(true).create_new(true).mode(mode).open(path).map_err(failure)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|error| {
        drop(fs::remove_file(path));
        failure(error)
    })
}

fn new_pair(inventory: &Inventory, now: i64) -> Result<Pair, CommandError> {
    make_ca(&authority_name(inventory, now), now, CA_DAYS).map_err(CommandError::of)
}

/// Of two authorities of one cluster, messages must be able to say which one is meant. A common name has 64 characters
/// at most.
fn authority_name(inventory: &Inventory, now: i64) -> String {
    let made: String = moment(now).chars().take("2026-11-30 12:00".len()).collect();
    let cluster: String =
        inventory.cluster.as_str().chars().take(64 - "galactl , ".len() - made.len()).collect();
    format!("galactl {cluster}, {made}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::galera::inventory::parse;

    /// A name that can be given to a file, and none that is longer.
    fn longest_name() -> String {
        "k".repeat(255)
    }

    fn inventory(ca: &str) -> Inventory {
        let text = format!(
            "version: 1\ncluster: {{name: shop}}\ntls: {{ca: {ca}}}\nnodes:\n  - {{name: db1, address: 10.0.0.1}}\n"
        );
        parse(text.as_bytes()).expect("a valid inventory").0
    }

    fn names(folder: &Path) -> Vec<String> {
        let all = fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap());
        let mut all: Vec<_> = all.collect();
        all.sort();
        all
    }

    #[test]
    fn nothing_has_another_name_where_one_file_cannot_be_renamed() {
        for ca in ["certificate", "key"] {
            let folder = tempfile::tempdir().unwrap();
            let long = longest_name();
            let inventory = match ca {
                "key" => inventory(&format!("{{generate: true, key: {{file: {long}}}}}")),
                _ => inventory(&format!("{{generate: true, certificate: {long}}}")),
            };
            let tls = inventory.tls.as_ref().unwrap();
            make(&inventory, tls, folder.path(), 1_800_000_000).unwrap();
            let before = names(folder.path());
            let told = renew(&inventory, tls, folder.path(), 1_800_000_000).unwrap_err();
            assert!(told.to_string().contains("nothing was changed"), "{told}");
            assert_eq!(names(folder.path()), before, "{ca}");
        }
    }

    #[test]
    fn no_file_is_left_of_an_authority_that_cannot_be_written() {
        let folder = tempfile::tempdir().unwrap();
        let inventory = inventory("{generate: true, certificate: nowhere/ca.pem}");
        let tls = inventory.tls.as_ref().unwrap();
        assert!(make(&inventory, tls, folder.path(), 1_800_000_000).is_err());
        assert_eq!(names(folder.path()), Vec::<String>::new());
    }

    #[test]
    fn the_present_one_is_there_again_where_the_new_one_cannot_be_written() {
        let folder = tempfile::tempdir().unwrap();
        let inventory = inventory("{generate: true, certificate: nowhere/ca.pem}");
        let tls = inventory.tls.as_ref().unwrap();
        fs::write(folder.path().join("galactl-ca.key"), "kept\n").unwrap();
        let told = renew(&inventory, tls, folder.path(), 1_800_000_000).unwrap_err();
        assert!(told.to_string().contains("nothing was changed"), "{told}");
        assert_eq!(names(folder.path()), ["galactl-ca.key"]);
        assert_eq!(fs::read_to_string(folder.path().join("galactl-ca.key")).unwrap(), "kept\n");
    }

    #[test]
    fn what_cannot_be_given_back_is_told_with_the_command() {
        let moved = Moved { from: "/nowhere/a b".into(), to: "/nowhere/a b.1".into() };
        let left = back(&[moved]);
        assert_eq!(left, ["mv '/nowhere/a b.1' '/nowhere/a b'"]);
        let failure = Failure { path: "x".into(), error: io::Error::other("no") };
        assert!(!failure.told(&left).to_string().contains("nothing was changed"));
    }

    #[test]
    fn certificate_and_key_are_kept_with_one_number() {
        let folder = tempfile::tempdir().unwrap();
        let inventory = inventory("{generate: true}");
        let tls = inventory.tls.as_ref().unwrap();
        make(&inventory, tls, folder.path(), 1_800_000_000).unwrap();
        fs::write(folder.path().join("galactl-ca.key.1"), "").unwrap();
        let kept = renew(&inventory, tls, folder.path(), 1_800_000_000).unwrap();
        let kept: Vec<_> = kept.iter().map(|it| it.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(kept, ["galactl-ca.key.2", "galactl-ca.pem.2"]);
    }
}
