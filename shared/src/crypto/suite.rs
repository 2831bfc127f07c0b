//! The number that says which algorithms made some bytes.
use minicbor::{Decode, Decoder, Encode, Encoder};

/// A set of algorithms, written into every sealed blob, signature and bundle.
///
/// Numbers are never reused. A second suite (SM2, SM3, SM4) would stand beside the first and
/// old bytes would still be read.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Suite {
    /// Suite 1: Ed25519, XChaCha20-Poly1305, BLAKE3, Argon2id.
    #[default]
    One,
}

/// A suite number this build does not know: made by a newer build, or damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("suite {0} is not known to this build")]
pub struct UnknownSuite(pub u8);

impl Suite {
    /// Returns the number that is written.
    pub const fn number(self) -> u8 {
        match self {
            Self::One => 1,
        }
    }
}

impl TryFrom<u8> for Suite {
    type Error = UnknownSuite;
    fn try_from(number: u8) -> Result<Self, UnknownSuite> {
        match number {
            1 => Ok(Self::One),
            other => Err(UnknownSuite(other)),
        }
    }
}

impl<C> Encode<C> for Suite {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.u8(self.number())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Suite {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        let at = d.position();
        Self::try_from(d.u8()?).map_err(|e| minicbor::decode::Error::message(e.to_string()).at(at))
    }
}
