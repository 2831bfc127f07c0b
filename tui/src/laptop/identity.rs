//! Who this laptop speaks for, and which server it trusts: what enrolment brings.
use shared::{
    api::enrol::Enrolled,
    crypto::{Secret, SigningKey, VerifyingKey},
    journal::cbor,
    model::{Digest, PersonId, SpaceId},
};

/// What enrolment brought; one sealed row of the vault.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Identity {
    /// The person.
    pub person: PersonId,
    /// The person's name.
    pub name: String,
    /// Where the server is reached; may change, unlike its key.
    pub server_url: String,
    /// The server's verifying key.
    pub server_key: [u8; 32],
    /// The fingerprint of its certificate.
    pub certificate: Digest,
    /// The person's control space.
    pub control_space: SpaceId,
    /// A training round (演练).
    pub training: bool,
    /// The device's secret key; sealed like everything else in the vault.
    device_key: [u8; 32],
}

impl Identity {
    /// Puts together what an enrolment brought.
    pub fn new(enrolled: &Enrolled, url: &str, key: &SigningKey) -> Self {
        Self {
            person: enrolled.person,
            name: enrolled.name.clone(),
            server_url: url.to_owned(),
            server_key: enrolled.server_key.0,
            certificate: enrolled.certificate,
            control_space: enrolled.control_space,
            training: enrolled.training,
            device_key: *key.to_secret().expose(),
        }
    }

    /// Returns the device's signing key.
    pub fn signing_key(&self) -> SigningKey {
        SigningKey::from_secret(&Secret::copy_from(&self.device_key))
    }

    /// Returns the server's verifying key, if it is one.
    pub fn server(&self) -> Option<VerifyingKey> {
        VerifyingKey::from_bytes(&self.server_key).ok()
    }

    pub(super) fn to_row(&self) -> Vec<u8> {
        cbor::to_named(self)
    }

    pub(super) fn from_row(row: &[u8]) -> Option<Self> {
        cbor::from_named(row).ok()
    }
}
