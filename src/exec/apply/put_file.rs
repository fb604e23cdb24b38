//! Putting a file of settings in place: atomically, tried by its reader first, the old one kept.

use super::{Context, Outcome, StepError};
use crate::config::{Garbd, fill_in};
use crate::model::{NodeName, sha256};
use crate::plan::PutFile;
use crate::transport::RemoteCommand;

/// $1 path, $2 owner, $3 group, $4 mode, $5 length in bytes, $6 `put` or `try`, $7 who reads it:
/// `server` or `shell`; the content on standard input.
///
/// The candidate's name does not end in .cnf, so no server reads it, and neither does the kept
/// copy's. The length guards against a connection that breaks while the content is sent.
const SCRIPT: &str = r#"
set -eu
umask 077
if [ -L "$1" ]; then
    echo "$1 is a symbolic link, and what it leads to is not galactl's" >&2
    exit 1
fi
candidate=$(mktemp "$1.candidate-XXXXXX")
trap 'rm -f -- "$candidate"' EXIT
cat > "$candidate"
if [ "$(wc -c < "$candidate")" -ne "$5" ]; then
    echo "the file did not arrive whole" >&2
    exit 1
fi
chown "$2:$3" "$candidate"
chmod "$4" "$candidate"
server=$(command -v mariadbd || command -v mysqld || true)
read_it() {
    case $1 in
    shell) bash -n "$candidate" ;;
    server) "$server" --defaults-file="$candidate" --user=mysql --help --verbose ;;
    esac
}
if ! said=$(read_it "$7" 2>&1 >/dev/null); then
    printf 'the %s does not accept it:\n%s\n' "$7" "$said" | grep -v Note >&2
    exit 65
fi
[ "$6" = put ] || exit 0
sync "$candidate"
if [ -e "$1" ] && ! cmp -s -- "$candidate" "$1"; then
    cp -p -- "$1" "$1.galactl-previous"
    chown "$2:$3" "$1.galactl-previous"
    chmod "$4" "$1.galactl-previous"
fi
mv -- "$candidate" "$1"
sync "$(dirname "$1")"
"#;

/// Puts the file in place.
pub async fn apply(context: &Context, node: &NodeName, file: &PutFile) -> Outcome {
    send(context, node, file, "put").await
}

/// Lets the server try the file, and leaves everything as it is.
pub async fn attempt(context: &Context, node: &NodeName, file: &PutFile) -> Outcome {
    send(context, node, file, "try").await
}

async fn send(context: &Context, node: &NodeName, file: &PutFile, what: &str) -> Outcome {
    let content = fill_in(&planned_text(context, node, file)?, &context.secrets).map_err(StepError::new)?;
    let length = content.len().to_string();
    let reader = if file.library.is_some() { "server" } else { "shell" };
    let arguments = [&file.path, &file.owner, &file.group, &file.mode, &length, what, reader];
    let command = RemoteCommand::act(SCRIPT, arguments).input(content);
    context
        .host(node)?
        .succeed(command)
        .await
        .map_err(|error| StepError::from(error).left(format!("{} on {node} is as it was", file.path)))?;
    Ok(None)
}

/// A plan holds the digest of what it wants; the text is rendered again and must be that one.
fn planned_text(context: &Context, name: &NodeName, file: &PutFile) -> Result<String, StepError> {
    let inventory = context.inventory.without(&file.without);
    let text = match (&file.library, inventory.node(name), inventory.arbitrator(name)) {
        (Some(library), Some(node), _) => context
            .renderer
            .render(&inventory, node, library, &inventory.cluster_address())
            .map_err(|error| StepError::new(error.to_string()))?,
        (None, _, Some(arbitrator)) => Garbd::of(&inventory, arbitrator).text(),
        _ => return Err(StepError::new(format!("{name} has no such file in this inventory"))),
    };
    match sha256(&text) == file.sha256 {
        true => Ok(text),
        false => {
            Err(StepError::surprise(format!("{} is rendered to another text than was planned", file.path)))
        }
    }
}
