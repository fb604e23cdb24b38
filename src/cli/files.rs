//! Files that a user names: opened so that nothing waits for ever.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

/// The first bytes of a file, at most so many.
///
/// Errors: it cannot be read; it is a directory, or a pipe or device from which nothing comes.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    let mut file = File::options().read(true).custom_flags(flags).open(path)?;
    let kind = file.metadata()?.file_type();
    let mut bytes = Vec::new();
    if kind.is_fifo() {
        bytes = first_of_pipe(&mut file)?;
    }
    let rest = most.saturating_sub(bytes.len() as u64);
    file.take(rest).read_to_end(&mut bytes).map_err(|error| match error.kind() {
        ErrorKind::WouldBlock => io::Error::other("it is a device from which nothing comes"),
        _ => error,
    })?;
    Ok(bytes)
}

/// Reads a pipe without waiting for a writer: where nobody has it open for writing, it ends at once. The pipe that a
/// shell makes of `<(command)` has a writer, whose data is waited for.
fn first_of_pipe(file: &mut File) -> io::Result<Vec<u8>> {
    let mut buffer = vec![0; 4096];
    let bytes = match file.read(&mut buffer) {
        Ok(0) => return Err(io::Error::other("it is a pipe to which nobody writes")),
        Ok(length) => buffer[..length].to_vec(),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Vec::new(),
        Err(error) => return Err(error),
    };
    fcntl_setfl(&*file, fcntl_getfl(&*file)? & !OFlags::NONBLOCK)?;
    Ok(bytes)
}

/// [`read`], as text.
pub fn read_text(path: &Path, most: u64) -> io::Result<String> {
    String::from_utf8(read(path, most)?)
        .map_err(|error| io::Error::new(ErrorKind::InvalidData, error.utf8_error()))
}
