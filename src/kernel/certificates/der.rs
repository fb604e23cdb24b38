//! DER: the little of it that is written here rather than by a library.

const SEQUENCE: u8 = 0x30;
const BIT_STRING: u8 = 0x03;

/// A sequence of values that are DER already.
pub fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    value(SEQUENCE, parts)
}

/// Whole bytes as a bit string.
pub fn bit_string(bytes: &[u8]) -> Vec<u8> {
    const UNUSED_BITS: [u8; 1] = [0];
    value(BIT_STRING, &[&UNUSED_BITS, bytes])
}

fn value(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let mut der = vec![tag];
    if content.len() < 0x80 {
        der.extend(content.len().to_be_bytes().last());
    } else {
        let length = content.len().to_be_bytes();
        let zeros = length.iter().take_while(|byte| **byte == 0).count();
        der.extend((length.len() - zeros).to_be_bytes().last().map(|count| 0x80 | count));
        der.extend(&length[zeros..]);
    }
    der.extend(content);
    der
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_as_short_as_they_can_be() {
        assert_eq!(sequence(&[&[5, 0]]), [0x30, 2, 5, 0]);
        assert_eq!(sequence(&[&[7; 127]])[..2], [0x30, 127]);
        assert_eq!(sequence(&[&[7; 128]])[..3], [0x30, 0x81, 128]);
        assert_eq!(sequence(&[&[7; 200], &[7; 100]])[..4], [0x30, 0x82, 1, 44]);
        assert_eq!(bit_string(&[9]), [3, 2, 0, 9]);
    }
}
