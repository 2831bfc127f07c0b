//! Sessions: a device signs a challenge and gets a token for its requests.
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::{
    crypto::{Context, Signature, SigningKey, VerifyingKey},
    model::{DeviceId, Timestamp},
};

const PROOF: Context = Context("xunji session proof");

/// 32 bytes, written as hexadecimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hex32(pub [u8; 32]);

/// 64 bytes, written as hexadecimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hex64(pub [u8; 64]);

impl Hex64 {
    /// Returns the bytes as a signature.
    pub fn signature(&self) -> Signature {
        Signature(self.0)
    }
}

macro_rules! hex {
    ($name:ident, $len:literal) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(&data_encoding::HEXLOWER.encode(&self.0))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = String::deserialize(d)?;
                data_encoding::HEXLOWER_PERMISSIVE
                    .decode(text.as_bytes())
                    .ok()
                    .and_then(|bytes| <[u8; $len]>::try_from(bytes).ok())
                    .map(Self)
                    .ok_or_else(|| D::Error::custom(concat!("not ", $len, " bytes as hex")))
            }
        }
    };
}
hex!(Hex32, 32);
hex!(Hex64, 64);

/// Something to sign: answer of [`super::paths::CHALLENGE`]. Good once, for a minute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    /// Drawn by the server.
    pub nonce: Hex32,
    /// The server's verifying key; the device compares it with the pinned one.
    pub server_key: Hex32,
    /// The server's clock.
    pub now: Timestamp,
}

/// Asks for a session: body of [`super::paths::SESSION`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRequest {
    /// The device.
    pub device: DeviceId,
    /// The nonce of the challenge.
    pub nonce: Hex32,
    /// The device's signature over server key and nonce.
    pub proof: Hex64,
}

impl SessionRequest {
    /// Answers a challenge of the server with this key.
    pub fn sign(nonce: Hex32, server: &VerifyingKey, key: &SigningKey) -> Self {
        let proof = Hex64(key.sign(PROOF, &message(&nonce, server)).0);
        Self { device: key.verifying_key().device_id(), nonce, proof }
    }

    /// Tells whether the device with `key` signed this for the server with key `server`.
    pub fn holds(&self, server: &VerifyingKey, key: &VerifyingKey) -> bool {
        key.device_id() == self.device
            && key.verify(PROOF, &message(&self.nonce, server), &self.proof.signature()).is_ok()
    }
}

fn message(nonce: &Hex32, server: &VerifyingKey) -> Vec<u8> {
    [server.as_bytes().as_slice(), &nonce.0].concat()
}

/// A session: answer of [`super::paths::SESSION`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Goes into the header `Authorization: Bearer …` of every request.
    pub token: String,
    /// Unused for this many seconds, it is over.
    pub idle_seconds: u32,
}

impl std::fmt::Debug for Session {
    /// Never shows the token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Session({} s)", self.idle_seconds)
    }
}

/// The body of every answer that is not 2xx.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What went wrong, as a code: `code_refused`, `no_session`, `no_space`, `too_long`,
    /// `too_many`, `busy`, `full`, `chunk`, `offset`, `locked`, `bad_request`, `not_found`,
    /// `method`, `timeout`, `failed`.
    pub error: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::Secret;

    #[test]
    fn a_proof_is_for_one_server_one_challenge_and_one_device() {
        let key = |fill| SigningKey::from_secret(&Secret::copy_from(&[fill; 32]));
        let (device, server) = (key(1), key(2).verifying_key());
        let request = SessionRequest::sign(Hex32([7; 32]), &server, &device);
        assert!(request.holds(&server, &device.verifying_key()));
        assert!(!request.holds(&key(3).verifying_key(), &device.verifying_key()));
        assert!(!request.holds(&server, &key(3).verifying_key()));
        let other = SessionRequest { nonce: Hex32([8; 32]), ..request };
        assert!(!other.holds(&server, &device.verifying_key()));
    }
}
