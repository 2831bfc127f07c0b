//! Sealing of whole values: XChaCha20-Poly1305 over padded plaintext.
//!
//! A sealed blob is `suite (1) | nonce (24) | ciphertext | tag (16)`. The plaintext is padded
//! to a bucket before it is sealed, so its length shows only roughly. What the blob belongs
//! to (store, table, row, version) is bound as associated data: a blob moved elsewhere does
//! not open.
use chacha20poly1305::{AeadInOut, KeyInit, XChaCha20Poly1305, XNonce};
use rand_core::CryptoRng;
use zeroize::Zeroize;

use super::{
    secret::Secret,
    suite::{Suite, UnknownSuite},
};

/// Bytes of the nonce, drawn anew for every sealing.
pub const NONCE_LEN: usize = 24;
/// Bytes of the authentication tag, the last of a blob.
pub const TAG_LEN: usize = 16;
/// The longest plaintext that is sealed whole, in bytes (256 MiB); files go through
/// [`super::stream`].
pub const MAX_PLAINTEXT: usize = 256 << 20;

const LEN_LEN: usize = 4;
const SMALLEST: usize = 64;

/// Why a value could not be sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The plaintext is longer than [`MAX_PLAINTEXT`].
    #[error("{len} bytes are too many to seal whole")]
    TooLong {
        /// The plaintext's length in bytes.
        len: usize,
    },
}

/// Why a sealed blob did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// It is shorter than any blob can be.
    #[error("the sealed blob is cut short")]
    CutShort,
    /// It was made by a suite this build does not know.
    #[error(transparent)]
    Suite(#[from] UnknownSuite),
    /// Key, place and bytes do not belong together: a wrong key, damage, or a blob moved from
    /// elsewhere. Which of them cannot be told.
    #[error("the sealed blob does not open with this key in this place")]
    Forged,
}

/// Returns the length to which a plaintext of `len` bytes is padded, its length field included.
///
/// At least 64 bytes; above that only the leading bits of a length are kept (Padmé), so that
/// padding costs at most 12 % and a length of n bytes shows log log n bits.
pub fn padded_len(len: usize) -> usize {
    let needed = (len + LEN_LEN).max(SMALLEST);
    let exponent = needed.ilog2();
    let kept = exponent.ilog2() + 1;
    let step = 1usize << (exponent - kept.min(exponent));
    needed.next_multiple_of(step)
}

/// Seals `plaintext` under `key`, bound to the `place` it belongs to.
///
/// # Errors
/// [`SealError::TooLong`] above [`MAX_PLAINTEXT`].
pub fn seal<R: CryptoRng + ?Sized>(
    key: &Secret<32>,
    place: &[&[u8]],
    plaintext: &[u8],
    rng: &mut R,
) -> Result<Vec<u8>, SealError> {
    let too_long = SealError::TooLong { len: plaintext.len() };
    if plaintext.len() > MAX_PLAINTEXT {
        return Err(too_long);
    }
    let len = u32::try_from(plaintext.len()).map_err(|_| too_long)?;
    let padded = padded_len(plaintext.len());
    let start = 1 + NONCE_LEN;
    // One buffer of the final size: the plaintext is encrypted where it was copied to.
    let mut blob = Vec::with_capacity(start + padded + TAG_LEN);
    blob.push(Suite::One.number());
    let mut nonce = XNonce::default();
    rng.fill_bytes(&mut nonce);
    blob.extend_from_slice(&nonce);
    blob.extend_from_slice(plaintext);
    blob.resize(start + padded - LEN_LEN, 0);
    blob.extend_from_slice(&len.to_le_bytes());
    let bound = bind(Suite::One, place);
    let tag = XChaCha20Poly1305::new(key.expose().into())
        .encrypt_inout_detached(&nonce, &bound, (&mut blob[start..]).into())
        .map_err(|_| too_long)?;
    blob.extend_from_slice(&tag);
    Ok(blob)
}

/// Opens a blob that [`seal`] made with the same key and place.
///
/// # Errors
/// See [`OpenError`]; no plaintext is returned unless all of it is authentic.
pub fn open(key: &Secret<32>, place: &[&[u8]], blob: &[u8]) -> Result<Vec<u8>, OpenError> {
    let (suite, rest) = blob.split_first().ok_or(OpenError::CutShort)?;
    let suite = Suite::try_from(*suite)?;
    let (nonce, rest) = rest.split_at_checked(NONCE_LEN).ok_or(OpenError::CutShort)?;
    let (body, tag) =
        rest.len().checked_sub(TAG_LEN).map(|at| rest.split_at(at)).ok_or(OpenError::CutShort)?;
    let mut plaintext = body.to_vec();
    let opened = XChaCha20Poly1305::new(key.expose().into()).decrypt_inout_detached(
        &XNonce::try_from(nonce).map_err(|_| OpenError::CutShort)?,
        &bind(suite, place),
        plaintext.as_mut_slice().into(),
        &tag.try_into().map_err(|_| OpenError::CutShort)?,
    );
    let len = opened.ok().and_then(|()| unpadded_len(&plaintext));
    match len {
        Some(len) => {
            plaintext.truncate(len);
            Ok(plaintext)
        }
        None => {
            plaintext.zeroize();
            Err(OpenError::Forged)
        }
    }
}

/// Returns the last bytes of a blob, which stand for its whole content.
pub fn tag(blob: &[u8]) -> Option<[u8; TAG_LEN]> {
    blob.last_chunk().copied()
}

fn unpadded_len(padded: &[u8]) -> Option<usize> {
    let (body, len) = padded.split_last_chunk::<LEN_LEN>()?;
    let len = usize::try_from(u32::from_le_bytes(*len)).ok()?;
    (len <= body.len()).then_some(len)
}

/// Joins suite and place into associated data, each part framed by its length.
fn bind(suite: Suite, place: &[&[u8]]) -> Vec<u8> {
    let mut bound = vec![suite.number()];
    for part in place {
        bound.extend_from_slice(&(part.len() as u64).to_le_bytes());
        bound.extend_from_slice(part);
    }
    bound
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

    use super::*;

    const PLACE: &[&[u8]] = &[b"store", b"row", b"1"];

    fn key() -> Secret<32> {
        Secret::copy_from(&[9; 32])
    }

    proptest! {
        #[test]
        fn what_was_sealed_opens_and_nothing_else_does(text in ".{0,300}", at in any::<prop::sample::Index>(), bit in 0u8..8) {
            let mut rng = ChaCha20Rng::seed_from_u64(1);
            let blob = seal(&key(), PLACE, text.as_bytes(), &mut rng).unwrap();
            prop_assert_eq!(open(&key(), PLACE, &blob).unwrap(), text.as_bytes());
            let mut bad = blob.clone();
            let at = at.index(bad.len());
            bad[at] ^= 1 << bit;
            prop_assert!(open(&key(), PLACE, &bad).is_err());
            prop_assert!(open(&key(), PLACE, &blob[..at]).is_err());
        }

        #[test]
        fn padding_is_bounded_and_monotone(len in 0usize..(8 << 20)) {
            let padded = padded_len(len);
            prop_assert!(padded >= len + 4 && padded >= 64);
            prop_assert!(padded <= 64.max((len + 4) + (len + 4) / 8));
            prop_assert!(padded_len(len + 1) >= padded);
        }
    }

    #[test]
    fn short_texts_have_one_length() {
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        let lengths: Vec<_> = ["", "是", "情况属实", "该单位尚未整改"]
            .map(|t| seal(&key(), PLACE, t.as_bytes(), &mut rng).unwrap().len())
            .into();
        assert!(lengths.windows(2).all(|w| w[0] == w[1]), "{lengths:?}");
    }

    #[test]
    fn a_blob_in_another_place_or_under_another_key_does_not_open() {
        let mut rng = ChaCha20Rng::seed_from_u64(3);
        let blob = seal(&key(), PLACE, "谈话记录".as_bytes(), &mut rng).unwrap();
        assert_eq!(open(&key(), &[b"store", b"row", b"2"], &blob), Err(OpenError::Forged));
        assert_eq!(open(&key(), &[b"storerow", b"1"], &blob), Err(OpenError::Forged));
        assert_eq!(open(&Secret::copy_from(&[8; 32]), PLACE, &blob), Err(OpenError::Forged));
        let mut newer = blob;
        newer[0] = 9;
        assert_eq!(open(&key(), PLACE, &newer), Err(OpenError::Suite(UnknownSuite(9))));
        assert_eq!(open(&key(), PLACE, &[1; 20]), Err(OpenError::CutShort));
    }

    #[test]
    fn sealing_twice_shows_no_likeness() {
        let mut rng = ChaCha20Rng::seed_from_u64(4);
        let one = seal(&key(), PLACE, b"x", &mut rng).unwrap();
        let two = seal(&key(), PLACE, b"x", &mut rng).unwrap();
        assert_ne!(one[1..25], two[1..25]);
        assert_ne!(one[25..], two[25..]);
    }
}
