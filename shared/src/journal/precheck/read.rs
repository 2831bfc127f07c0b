//! A cursor over bytes that knows where in the body it stands.
use super::{NumberFault, PrecheckError};

/// Reads forward; every error carries the offset in the whole body.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// Reads `bytes`, which begin at offset `at` of the body.
    pub(super) const fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    /// The offset in the body of the next byte.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The bytes not read yet.
    pub(super) const fn rest(&self) -> &'a [u8] {
        self.bytes
    }

    /// Reads `len` bytes and returns a reader of them alone.
    pub(super) fn take(&mut self, len: usize) -> Result<Reader<'a>, PrecheckError> {
        let Some((taken, rest)) = self.bytes.split_at_checked(len) else {
            return Err(PrecheckError::Cut { at: self.at + self.bytes.len() });
        };
        let part = Reader::new(taken, self.at);
        self.bytes = rest;
        self.at += len;
        Ok(part)
    }

    /// Reads `N` bytes.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], PrecheckError> {
        let at = self.at;
        self.take(N)?.rest().try_into().map_err(|_| PrecheckError::Cut { at })
    }

    pub(super) fn byte(&mut self) -> Result<u8, PrecheckError> {
        self.array::<1>().map(|[byte]| byte)
    }

    /// Reads an unsigned LEB128 number in its shortest form.
    pub(super) fn unsigned(&mut self) -> Result<u64, PrecheckError> {
        let at = self.at;
        let mut value = 0u64;
        let mut shift = 0u32;
        loop {
            let byte = self.byte()?;
            let low = u64::from(byte & 0x7f);
            // The tenth byte holds the 64th bit and nothing else.
            if shift == 63 && byte > 1 {
                return Err(PrecheckError::Number { at, fault: NumberFault::TooLarge });
            }
            value |= low << shift;
            if byte & 0x80 == 0 {
                if byte == 0 && shift > 0 {
                    return Err(PrecheckError::Number { at, fault: NumberFault::Overlong });
                }
                return Ok(value);
            }
            shift += 7;
        }
    }

    /// Reads a signed LEB128 number in its shortest form.
    pub(super) fn signed(&mut self) -> Result<i64, PrecheckError> {
        let at = self.at;
        let mut value = 0i64;
        let mut shift = 0u32;
        let mut before = 0u8;
        loop {
            let byte = self.byte()?;
            // The tenth byte holds the sign and nothing else.
            if shift == 63 && byte != 0 && byte != 0x7f {
                return Err(PrecheckError::Number { at, fault: NumberFault::TooLarge });
            }
            value |= i64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                let negative = byte & 0x40 != 0;
                let repeats_sign =
                    (byte == 0 && before & 0x40 == 0) || (byte == 0x7f && before & 0x40 != 0);
                if shift > 0 && repeats_sign {
                    return Err(PrecheckError::Number { at, fault: NumberFault::Overlong });
                }
                if negative && shift < 63 {
                    value |= -1i64 << (shift + 7);
                }
                return Ok(value);
            }
            before = byte;
            shift += 7;
        }
    }

    /// Reads a length in bytes, which must lie within what is left.
    pub(super) fn length(&mut self) -> Result<usize, PrecheckError> {
        let len = self.unsigned()?;
        match usize::try_from(len) {
            Ok(len) if len <= self.bytes.len() => Ok(len),
            _ => Err(PrecheckError::Cut { at: self.at + self.bytes.len() }),
        }
    }

    /// Reads length-prefixed UTF-8.
    pub(super) fn text(&mut self) -> Result<&'a str, PrecheckError> {
        let len = self.length()?;
        let part = self.take(len)?;
        std::str::from_utf8(part.rest()).map_err(|_| PrecheckError::NotUtf8 { at: part.at })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn unsigned(bytes: &[u8]) -> Result<u64, PrecheckError> {
        Reader::new(bytes, 0).unsigned()
    }

    fn signed(bytes: &[u8]) -> Result<i64, PrecheckError> {
        Reader::new(bytes, 0).signed()
    }

    fn fault(fault: NumberFault) -> PrecheckError {
        PrecheckError::Number { at: 0, fault }
    }

    #[test]
    fn unsigned_numbers_are_read_in_their_shortest_form_only() {
        assert_eq!(unsigned(&[0]), Ok(0));
        assert_eq!(unsigned(&[0xe5, 0x8e, 0x26]), Ok(624_485));
        let max = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
        assert_eq!(unsigned(&max), Ok(u64::MAX));
        assert_eq!(unsigned(&[0x80, 0x00]), Err(fault(NumberFault::Overlong)));
        assert_eq!(unsigned(&[0xff; 10]), Err(fault(NumberFault::TooLarge)));
        assert_eq!(unsigned(&[0x80]), Err(PrecheckError::Cut { at: 1 }));
    }

    #[test]
    fn signed_numbers_are_read_in_their_shortest_form_only() {
        assert_eq!(signed(&[0x7f]), Ok(-1));
        assert_eq!(signed(&[0xc0, 0xbb, 0x78]), Ok(-123_456));
        assert_eq!(signed(&[0xc0, 0x00]), Ok(64));
        let min = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f];
        assert_eq!(signed(&min), Ok(i64::MIN));
        let max = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00];
        assert_eq!(signed(&max), Ok(i64::MAX));
        assert_eq!(signed(&[0xff, 0x7f]), Err(fault(NumberFault::Overlong)));
        assert_eq!(signed(&[0x81, 0x00]), Err(fault(NumberFault::Overlong)));
        assert_eq!(signed(&[0x80; 10]), Err(fault(NumberFault::TooLarge)));
    }
}
