//! Who the server is: the key that signs entries, and the certificate of its door.
//!
//! Both lie in the journal's file, so that one backup restores the whole server: laptops have
//! pinned them, and neither may change.
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use shared::{
    api::enrol::fingerprint,
    crypto::{Secret, SigningKey, VerifyingKey},
    model::Digest,
};

use crate::store::{Store, StoreError};

const KEY: &str = "server_key";
const CERTIFICATE: &str = "certificate";
const CERTIFICATE_KEY: &str = "certificate_key";

/// Why the server cannot say who it is.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The store says no.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The system gives no random bytes.
    #[error("no random bytes: {0}")]
    Random(#[from] getrandom::Error),
    /// A certificate cannot be made.
    #[error("certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The certificate cannot be used.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// The stored key does not read.
    #[error("the server's key is damaged")]
    Damaged,
}

/// Key and certificate.
pub struct Identity {
    key: SigningKey,
    certificate: Vec<u8>,
    certificate_key: Vec<u8>,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identity({})", self.fingerprint().short())
    }
}

impl Identity {
    /// Reads the identity, or makes it at the first start.
    ///
    /// # Errors
    /// Any [`IdentityError`].
    pub async fn take_up(store: &dyn Store) -> Result<Self, IdentityError> {
        let stored = (
            store.meta(KEY).await?,
            store.meta(CERTIFICATE).await?,
            store.meta(CERTIFICATE_KEY).await?,
        );
        if let (Some(key), Some(certificate), Some(certificate_key)) = stored {
            let key: [u8; 32] = key.try_into().map_err(|_| IdentityError::Damaged)?;
            let key = SigningKey::from_secret(&Secret::copy_from(&key));
            return Ok(Self { key, certificate, certificate_key });
        }
        let mut secret = [0; 32];
        getrandom::fill(&mut secret)?;
        // Laptops pin the certificate itself, so its names and dates are not looked at.
        let made = rcgen::generate_simple_self_signed(vec!["xunji-server".to_owned()])?;
        let certificate = made.cert.der().to_vec();
        let certificate_key = made.signing_key.serialize_der();
        store.set_meta(CERTIFICATE_KEY, &certificate_key).await?;
        store.set_meta(CERTIFICATE, &certificate).await?;
        store.set_meta(KEY, &secret).await?;
        let key = SigningKey::from_secret(&Secret::copy_from(&secret));
        Ok(Self { key, certificate, certificate_key })
    }

    /// Returns the key that signs entries and receipts.
    pub fn key(&self) -> &SigningKey {
        &self.key
    }

    /// Returns the public half, which laptops pin.
    pub fn verifying_key(&self) -> VerifyingKey {
        self.key.verifying_key()
    }

    /// Returns the certificate's fingerprint, which laptops pin.
    pub fn fingerprint(&self) -> Digest {
        fingerprint(&self.certificate)
    }

    /// Returns the certificate in DER form.
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// Returns what TLS needs: version 1.3 only, HTTP/1.1 for WebSockets and plain clients.
    ///
    /// # Errors
    /// [`IdentityError::Tls`].
    pub fn tls(&self) -> Result<Arc<rustls::ServerConfig>, IdentityError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.certificate_key.clone()));
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_no_client_auth()
            .with_single_cert(vec![CertificateDer::from(self.certificate.clone())], key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}
