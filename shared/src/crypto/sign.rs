//! Ed25519 signatures, each bound to what it is for.
use std::fmt;

use ed25519_dalek::Signer as _;
use minicbor::{Decode, Decoder, Encode, Encoder};
use rand_core::CryptoRng;
use zeroize::Zeroize;

use super::{
    hash::{self, Context},
    secret::Secret,
    suite::Suite,
};
use crate::model::{DeviceId, digest::fixed};

const DEVICE: Context = Context("xunji device id");
const PREFIX: &[u8] = b"xunji signature";

/// Why a key or a signature does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The bytes are no public key, or one under which anything could be signed.
    #[error("not a usable public key")]
    BadKey,
    /// The signature does not fit this key, purpose and bytes.
    #[error("the signature does not hold")]
    BadSignature,
}

/// A device's or server's private signing key; wiped when dropped, never printed.
pub struct SigningKey(ed25519_dalek::SigningKey);

impl SigningKey {
    /// Makes a new key.
    pub fn draw<R: CryptoRng + ?Sized>(rng: &mut R) -> Self {
        Self::from_secret(&Secret::draw(rng))
    }

    /// Takes a key up again from its 32 secret bytes.
    pub fn from_secret(secret: &Secret<32>) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(secret.expose()))
    }

    /// Returns the 32 secret bytes, to be sealed.
    pub fn to_secret(&self) -> Secret<32> {
        Secret::copy_from(self.0.as_bytes())
    }

    /// Returns the public key.
    pub fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey(self.0.verifying_key())
    }

    /// Signs `bytes` for one purpose. Signing the same twice gives the same signature.
    pub fn sign(&self, context: Context, bytes: &[u8]) -> Signature {
        Signature(self.0.sign(&message(context, bytes)).to_bytes())
    }

    /// Agrees with the holder of another key on a secret that only the two can compute
    /// (X25519 over the same points); see [`super::envelope_to`].
    pub(super) fn agree(&self, other: &VerifyingKey) -> Secret<32> {
        let mut scalar = self.0.to_scalar_bytes();
        let mut agreed = other.0.to_montgomery().mul_clamped(scalar).to_bytes();
        let secret = Secret::copy_from(&agreed);
        scalar.zeroize();
        agreed.zeroize();
        secret
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({:?})", self.verifying_key().device_id())
    }
}

/// The public key of a device or a server.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct VerifyingKey(ed25519_dalek::VerifyingKey);

impl VerifyingKey {
    /// Takes the 32 bytes of a public key.
    ///
    /// # Errors
    /// [`SignError::BadKey`] if they are no point of the curve, are not its only spelling, or
    /// are a weak key.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, SignError> {
        let key = ed25519_dalek::VerifyingKey::from_bytes(bytes).map_err(|_| SignError::BadKey)?;
        // A second spelling of the same point would give one key two device ids.
        if key.is_weak() || key.to_edwards().compress().to_bytes() != *bytes {
            return Err(SignError::BadKey);
        }
        Ok(Self(key))
    }

    /// Returns the 32 bytes of the key.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// Returns the id that this key gives its device.
    pub fn device_id(&self) -> DeviceId {
        let digest = hash::hash(DEVICE, &[&[Suite::One.number()], self.as_bytes()]);
        let mut id = [0; 16];
        id.copy_from_slice(&digest.as_bytes()[..16]);
        DeviceId::from_bytes(id)
    }

    /// Checks that the holder of this key signed exactly `bytes` for this purpose.
    ///
    /// Verification is strict: only one signature per message and key is accepted, and every
    /// build gives the same answer.
    ///
    /// # Errors
    /// [`SignError::BadSignature`] otherwise.
    pub fn verify(
        &self,
        context: Context,
        bytes: &[u8],
        signature: &Signature,
    ) -> Result<(), SignError> {
        let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
        self.0
            .verify_strict(&message(context, bytes), &signature)
            .map_err(|_| SignError::BadSignature)
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({})", data_encoding::HEXLOWER.encode(self.as_bytes()))
    }
}

impl<C> Encode<C> for VerifyingKey {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.bytes(self.as_bytes())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for VerifyingKey {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        let at = d.position();
        Self::from_bytes(&fixed(d)?)
            .map_err(|e| minicbor::decode::Error::message(e.to_string()).at(at))
    }
}

/// An Ed25519 signature: 64 bytes that prove nothing until they are verified.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Signature(pub [u8; 64]);

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({}…)", data_encoding::HEXLOWER.encode(&self.0[..6]))
    }
}

impl<C> Encode<C> for Signature {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.bytes(&self.0)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Signature {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        fixed(d).map(Self)
    }
}

/// What is really signed: a fixed prefix, the suite, the purpose with its length, the bytes.
fn message(context: Context, bytes: &[u8]) -> Vec<u8> {
    let context = context.0.as_bytes();
    let mut message = Vec::with_capacity(PREFIX.len() + 9 + context.len() + bytes.len());
    message.extend_from_slice(PREFIX);
    message.push(Suite::One.number());
    message.extend_from_slice(&(context.len() as u64).to_le_bytes());
    message.extend_from_slice(context);
    message.extend_from_slice(bytes);
    message
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const ENVELOPE: Context = Context("xunji test envelope");
    const ENTRY: Context = Context("xunji test entry");

    fn key(fill: u8) -> SigningKey {
        SigningKey::from_secret(&Secret::copy_from(&[fill; 32]))
    }

    #[test]
    fn a_signature_holds_only_for_its_key_purpose_and_bytes() {
        let (mine, other) = (key(1), key(2));
        let text = "某市甲局谈话记录".as_bytes();
        let signature = mine.sign(ENVELOPE, text);
        let public = mine.verifying_key();
        assert_eq!(public.verify(ENVELOPE, text, &signature), Ok(()));
        let bad = Err(SignError::BadSignature);
        assert_eq!(public.verify(ENTRY, text, &signature), bad);
        assert_eq!(public.verify(ENVELOPE, "改过".as_bytes(), &signature), bad);
        assert_eq!(other.verifying_key().verify(ENVELOPE, text, &signature), bad);
        for bit in [0, 255, 511] {
            let mut flipped = signature;
            flipped.0[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(public.verify(ENVELOPE, text, &flipped), bad, "bit {bit}");
        }
    }

    #[test]
    fn weak_and_second_spellings_of_keys_are_refused() {
        let identity = {
            let mut b = [0; 32];
            b[0] = 1;
            b
        };
        assert_eq!(VerifyingKey::from_bytes(&identity), Err(SignError::BadKey));
        assert_eq!(VerifyingKey::from_bytes(&[0; 32]), Err(SignError::BadKey));
        // The field's modulus plus a small number spells a small coordinate a second time.
        for low in 0xed..=0xff {
            let mut bytes = [0xff; 32];
            (bytes[0], bytes[31]) = (low, 0x7f);
            assert_eq!(VerifyingKey::from_bytes(&bytes), Err(SignError::BadKey), "{low:x}");
        }
    }

    #[test]
    fn keys_and_signatures_survive_the_wire() {
        let mine = key(3);
        let signature = mine.sign(ENTRY, b"x");
        let bytes = minicbor::to_vec((mine.verifying_key(), signature)).unwrap();
        let (public, again): (VerifyingKey, Signature) = minicbor::decode(&bytes).unwrap();
        assert_eq!((public, again), (mine.verifying_key(), signature));
        assert!(
            minicbor::decode::<VerifyingKey>(
                &minicbor::to_vec(minicbor::bytes::ByteVec::from(vec![0; 32])).unwrap()
            )
            .is_err()
        );
        assert!(
            minicbor::decode::<Signature>(
                &minicbor::to_vec(minicbor::bytes::ByteVec::from(vec![0; 63])).unwrap()
            )
            .is_err()
        );
    }

    #[test]
    fn the_private_key_comes_back_and_never_prints() {
        let mine = key(4);
        let again = SigningKey::from_secret(&mine.to_secret());
        assert_eq!(again.verifying_key(), mine.verifying_key());
        let shown = format!("{mine:?}");
        assert!(!shown.contains(&data_encoding::HEXLOWER.encode(mine.to_secret().expose())));
        assert!(shown.contains(&mine.verifying_key().device_id().to_string()));
    }

    /// Golden value: a change here gives every device another id.
    #[test]
    fn device_id_has_its_fixed_value() {
        assert_eq!(key(1).verifying_key().device_id().to_string(), GOLDEN);
    }

    const GOLDEN: &str = "d27d5e1b28380618dd66e1d35f943db9";
}
