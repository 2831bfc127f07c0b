//! Enrolment: a device shows its public key and learns whose server it is.
//!
//! By link with a one-time code, or by file there and back for a machine that never sees a
//! network. Either way the server's key and the fingerprint of its certificate are pinned on
//! the device from then on (design §4).
use serde::{Deserialize, Serialize};

use crate::{
    crypto::{Context, SigningKey, VerifyingKey, hash::hash},
    model::{DeviceId, Digest, PersonId, SpaceId, Timestamp},
};

use super::session::{Hex32, Hex64};

const PROOF: Context = Context("xunji enrolment proof");
const GRANT: Context = Context("xunji enrolment grant");
const FINGERPRINT: Context = Context("xunji server certificate");

/// The longest device name, in characters.
pub const MAX_NAME: usize = 60;

/// Asks to enrol a device: body of [`super::paths::ENROL`], and the request file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolRequest {
    /// The one-time code; empty in a request file.
    #[serde(default)]
    pub code: String,
    /// Code of the person whose device it is; only in a request file.
    #[serde(default)]
    pub person: String,
    /// The device's public key.
    pub key: Hex32,
    /// What the holder calls the device, at most [`MAX_NAME`] characters.
    pub name: String,
    /// Signature over all of the above: the device holds the private key.
    pub proof: Hex64,
}

impl EnrolRequest {
    /// Makes and signs a request.
    pub fn sign(code: &str, person: &str, name: &str, key: &SigningKey) -> Self {
        let public = key.verifying_key();
        let proof = key.sign(PROOF, &Self::message(code, person, name));
        Self {
            code: code.to_owned(),
            person: person.to_owned(),
            key: Hex32(*public.as_bytes()),
            name: name.to_owned(),
            proof: Hex64(proof.0),
        }
    }

    /// Returns the device's key, if the proof holds and the name is not too long.
    pub fn verified(&self) -> Option<VerifyingKey> {
        let key = VerifyingKey::from_bytes(&self.key.0).ok()?;
        let message = Self::message(&self.code, &self.person, &self.name);
        key.verify(PROOF, &message, &self.proof.signature()).ok()?;
        (self.name.chars().count() <= MAX_NAME).then_some(key)
    }

    fn message(code: &str, person: &str, name: &str) -> Vec<u8> {
        [code, person, name]
            .iter()
            .flat_map(|part| {
                let mut framed = (part.len() as u64).to_le_bytes().to_vec();
                framed.extend_from_slice(part.as_bytes());
                framed
            })
            .collect()
    }
}

/// What an enrolled device must know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolled {
    /// The person.
    pub person: PersonId,
    /// The name to show.
    pub name: String,
    /// The device's id, as the server computed it.
    pub device: DeviceId,
    /// The server's verifying key: pinned for good.
    pub server_key: Hex32,
    /// Fingerprint of the server's certificate: pinned ([`fingerprint`]).
    pub certificate: Digest,
    /// The person's control space.
    pub control_space: SpaceId,
    /// A training round (演练).
    pub training: bool,
    /// The server's clock.
    pub now: Timestamp,
}

/// The acceptance file: what an enrolled device must know, signed by the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolGrant {
    /// Where the server can be reached, if ever.
    #[serde(default)]
    pub url: String,
    /// What is granted, as JSON text: signed as it stands.
    pub enrolled: String,
    /// The server's signature over it.
    pub signature: Hex64,
}

impl EnrolGrant {
    /// Signs a grant.
    ///
    /// # Errors
    /// Never for values in memory.
    pub fn sign(
        url: &str,
        enrolled: &Enrolled,
        key: &SigningKey,
    ) -> Result<Self, serde_json::Error> {
        let enrolled = serde_json::to_string(enrolled)?;
        let signature = Hex64(key.sign(GRANT, enrolled.as_bytes()).0);
        Ok(Self { url: url.to_owned(), enrolled, signature })
    }

    /// Returns what is granted, if the key that it names signed it.
    ///
    /// The file itself brings the key to pin: that it comes from the office is for the person
    /// to know, who compares [`pin_words`] with what the administrator reads out.
    pub fn open(&self) -> Option<Enrolled> {
        let enrolled: Enrolled = serde_json::from_str(&self.enrolled).ok()?;
        let key = VerifyingKey::from_bytes(&enrolled.server_key.0).ok()?;
        key.verify(GRANT, self.enrolled.as_bytes(), &self.signature.signature()).ok()?;
        Some(enrolled)
    }
}

/// Returns the fingerprint of a certificate in DER form, by which devices pin it.
pub fn fingerprint(der: &[u8]) -> Digest {
    hash(FINGERPRINT, &[der])
}

/// Returns the short form of a certificate's fingerprint that people compare: six groups of
/// four hexadecimal digits.
pub fn pin_words(certificate: &Digest) -> String {
    let hex = certificate.to_string();
    let groups: Vec<&str> = (0..6).filter_map(|i| hex.get(i * 4..i * 4 + 4)).collect();
    groups.join("-")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::crypto::Secret;

    fn key(fill: u8) -> SigningKey {
        SigningKey::from_secret(&Secret::copy_from(&[fill; 32]))
    }

    #[test]
    fn a_request_holds_only_as_it_was_signed() {
        let request = EnrolRequest::sign("ABCD-EFGH", "", "李某的笔记本", &key(1));
        assert_eq!(request.verified(), Some(key(1).verifying_key()));
        let other = EnrolRequest { code: "ABCD-EFGX".into(), ..request.clone() };
        assert_eq!(other.verified(), None);
        let stolen =
            EnrolRequest { key: Hex32(*key(2).verifying_key().as_bytes()), ..request.clone() };
        assert_eq!(stolen.verified(), None);
        let long = EnrolRequest::sign("", "limou", &"甲".repeat(MAX_NAME + 1), &key(1));
        assert_eq!(long.verified(), None);
    }

    #[test]
    fn a_grant_opens_only_as_the_server_signed_it() {
        let enrolled = Enrolled {
            person: PersonId::from_bytes([1; 16]),
            name: "李某".into(),
            device: key(1).verifying_key().device_id(),
            server_key: Hex32(*key(9).verifying_key().as_bytes()),
            certificate: fingerprint(b"certificate"),
            control_space: SpaceId::from_bytes([2; 16]),
            training: true,
            now: Timestamp(1),
        };
        let grant = EnrolGrant::sign("https://10.0.0.1:8443", &enrolled, &key(9)).unwrap();
        let text = serde_json::to_string(&grant).unwrap();
        let read: EnrolGrant = serde_json::from_str(&text).unwrap();
        assert_eq!(read.open(), Some(enrolled));
        let changed =
            EnrolGrant { enrolled: grant.enrolled.replace("李某", "张某"), ..grant.clone() };
        assert_eq!(changed.open(), None);
    }

    #[test]
    fn the_pin_is_short_enough_to_read_out() {
        assert_eq!(pin_words(&Digest([0xab; 32])), "abab-abab-abab-abab-abab-abab");
    }
}
