//! Random bytes of the operating system.

/// Fills the buffer.
pub fn fill(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the operating system gives random bytes");
}

/// 32 hexadecimal digits that nobody else has.
pub fn id() -> String {
    let mut bytes = [0u8; 16];
    fill(&mut bytes);
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
