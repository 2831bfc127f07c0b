//! A key wrapped for one device, so that only its holder can take it up.
//!
//! A *slot* is `ephemeral public key (32) || sealed key`. The wrapping key comes from a
//! Diffie-Hellman agreement on Curve25519 between a key pair drawn for this slot and the
//! reader's signing key, read as an X25519 key. So a device has one key pair, the one its
//! certificate names, and nothing more has to be enrolled or certified. Using one Ed25519 key
//! for both is sound as long as each use is bound to its own purpose (Thormarker 2021,
//! eprint 2021/509), which [`super::hash::keyed`] and the signature contexts see to.
//!
//! A slot names nobody: who may read a file shows only to those who may.
//!
//! # Why not age
//! age (whose `ssh-ed25519` recipients convert keys in the same way) was tried first and fits
//! a courier badly: it draws its own randomness, which this crate must not; its SSH recipients
//! bring a whole RSA implementation; and it seals 64 KiB at a time, so of a small file that
//! was cut short not even the part that says what is missing could be read. Here every record
//! of a bundle is sealed alone.
use rand_core::CryptoRng;

use super::{
    hash::{self, Context},
    seal::{self, NONCE_LEN, SealError, TAG_LEN},
    secret::Secret,
    sign::{SigningKey, VerifyingKey},
};

const WRAP: Context = Context("xunji courier key slot");
const KEY_LEN: usize = 32;

/// The length of a slot in bytes: public key, suite, nonce, padded key, tag.
pub const SLOT_LEN: usize = KEY_LEN + 1 + NONCE_LEN + 64 + TAG_LEN;

/// Wraps `key` for the holder of `reader`.
///
/// # Errors
/// [`SealError`] never happens for a key of 32 bytes; it is passed on all the same.
pub fn wrap<R: CryptoRng + ?Sized>(
    key: &Secret<32>,
    reader: &VerifyingKey,
    rng: &mut R,
) -> Result<Vec<u8>, SealError> {
    let ephemeral = SigningKey::draw(rng);
    let public = ephemeral.verifying_key();
    let wrapping = wrapping_key(&ephemeral.agree(reader), &public, reader);
    let mut slot = public.as_bytes().to_vec();
    slot.extend(seal::seal(&wrapping, &[WRAP.0.as_bytes()], key.expose(), rng)?);
    Ok(slot)
}

/// Takes up the key of a slot; `None` if the slot is for someone else, or damaged.
pub fn unwrap(slot: &[u8], me: &SigningKey) -> Option<Secret<32>> {
    let (public, sealed) = slot.split_first_chunk::<KEY_LEN>()?;
    // Weak points, under which everybody agrees on the same key, are no keys.
    let public = VerifyingKey::from_bytes(public).ok()?;
    let wrapping = wrapping_key(&me.agree(&public), &public, &me.verifying_key());
    let opened = zeroize::Zeroizing::new(seal::open(&wrapping, &[WRAP.0.as_bytes()], sealed).ok()?);
    opened.as_slice().try_into().ok().map(Secret::copy_from)
}

/// Binds both public keys, so that a slot serves one reader and one agreement alone.
fn wrapping_key(agreed: &Secret<32>, from: &VerifyingKey, to: &VerifyingKey) -> Secret<32> {
    Secret::copy_from(&hash::keyed(agreed, WRAP, &[from.as_bytes(), to.as_bytes()]).0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

    use super::*;

    fn device(fill: u8) -> SigningKey {
        SigningKey::from_secret(&Secret::copy_from(&[fill; 32]))
    }

    #[test]
    fn only_the_reader_takes_up_the_key() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let key = Secret::draw(&mut rng);
        let slot = wrap(&key, &device(1).verifying_key(), &mut rng).unwrap();
        assert_eq!(slot.len(), SLOT_LEN);
        assert_eq!(unwrap(&slot, &device(1)).unwrap().expose(), key.expose());
        assert!(unwrap(&slot, &device(2)).is_none());
    }

    #[test]
    fn a_changed_slot_opens_for_nobody() {
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        let key = Secret::draw(&mut rng);
        let slot = wrap(&key, &device(1).verifying_key(), &mut rng).unwrap();
        for at in 0..slot.len() {
            let mut bad = slot.clone();
            bad[at] ^= 1;
            assert!(unwrap(&bad, &device(1)).is_none(), "byte {at}");
            assert!(unwrap(&slot[..at], &device(1)).is_none(), "cut at {at}");
        }
    }

    #[test]
    fn a_weak_point_agrees_with_nobody() {
        let mut rng = ChaCha20Rng::seed_from_u64(3);
        let key = Secret::draw(&mut rng);
        let mut slot = wrap(&key, &device(1).verifying_key(), &mut rng).unwrap();
        slot[..32].fill(0);
        assert!(unwrap(&slot, &device(1)).is_none());
    }

    #[test]
    fn two_slots_for_one_reader_show_no_likeness() {
        let mut rng = ChaCha20Rng::seed_from_u64(4);
        let key = Secret::draw(&mut rng);
        let reader = device(1).verifying_key();
        let (one, two) =
            (wrap(&key, &reader, &mut rng).unwrap(), wrap(&key, &reader, &mut rng).unwrap());
        assert_ne!(one[..32], two[..32]);
        assert_ne!(one[60..], two[60..]);
    }

    /// Both ends of an agreement come to the same, as X25519 says.
    #[test]
    fn an_agreement_is_the_same_from_both_ends() {
        let (a, b) = (device(5), device(6));
        assert_eq!(a.agree(&b.verifying_key()).expose(), b.agree(&a.verifying_key()).expose());
        assert_ne!(
            a.agree(&b.verifying_key()).expose(),
            a.agree(&device(7).verifying_key()).expose()
        );
    }
}
