//! Becoming a device of the round: by code over the link, or by file there and back.
use std::path::Path;

use reqwest::Method;
use shared::{
    api::{
        enrol::{EnrolGrant, EnrolRequest, Enrolled, pin_words},
        paths,
    },
    crypto::{Passphrase, RecoveryKey, SigningKey},
};

use super::{Client, LinkError};
use crate::laptop::{
    FieldNode, Identity, rng,
    vault::{Vault, VaultError},
};

/// Enrols this laptop with a one-time code and makes its home.
///
/// `pin` is the certificate's fingerprint as the administrator reads it out; without it the
/// certificate shown now is taken, and must be the one the server names.
///
/// # Errors
/// [`LinkError::Code`], [`LinkError::Pin`], [`LinkError::Unreachable`], or what the disk says.
/// A code is spent only when the server has certified the device.
pub async fn enrol(
    home: &Path,
    url: &str,
    code: &str,
    pin: Option<&str>,
    name: &str,
    passphrase: &Passphrase,
) -> Result<(Identity, RecoveryKey), LinkError> {
    let taken = Vault::exists(home).await.map_err(crate::laptop::NodeError::from)?;
    if taken {
        // Found later, it would have cost the code.
        let error = VaultError::Exists { dir: home.to_owned() };
        return Err(crate::laptop::NodeError::from(error).into());
    }
    let client = Client::new(url, None)?;
    let mut rng = rng::fresh().map_err(crate::laptop::NodeError::from)?;
    let key = SigningKey::draw(&mut rng);
    if let Some(pin) = pin {
        // The certificate must be the right one before the code is shown to anybody.
        let _: serde_json::Value =
            client.json(Method::POST, paths::CHALLENGE, &serde_json::Value::Null).await?;
        check_pin(&client, pin)?;
    }
    let request = EnrolRequest::sign(code.trim(), "", name, &key);
    let enrolled: Enrolled = client.json(Method::POST, paths::ENROL, &request).await?;
    if client.shown() != Some(enrolled.certificate) {
        return Err(LinkError::OtherServer);
    }
    let identity = Identity::new(&enrolled, url, &key);
    let recovery = FieldNode::create(home, passphrase, &identity).await?;
    Ok((identity, recovery))
}

fn check_pin(client: &Client, pin: &str) -> Result<(), LinkError> {
    let plain = |s: &str| s.chars().filter(char::is_ascii_hexdigit).collect::<String>();
    let found = client.shown().map(|d| pin_words(&d)).unwrap_or_default();
    if plain(&found).eq_ignore_ascii_case(&plain(pin)) {
        Ok(())
    } else {
        Err(LinkError::Pin { found })
    }
}

/// Makes the request file of a laptop that never sees a network. The key it returns must be
/// kept sealed until [`accept`].
///
/// # Errors
/// When the system gives no randomness.
pub fn request(person: &str, name: &str) -> Result<(EnrolRequest, SigningKey), LinkError> {
    let mut rng = rng::fresh().map_err(crate::laptop::NodeError::from)?;
    let key = SigningKey::draw(&mut rng);
    Ok((EnrolRequest::sign("", person, name, &key), key))
}

/// Makes the home from the acceptance file.
///
/// # Errors
/// [`LinkError::Answer`] if the file is not a grant for this key; what the disk says.
pub async fn accept(
    home: &Path,
    grant: &EnrolGrant,
    key: &SigningKey,
    passphrase: &Passphrase,
) -> Result<(Identity, RecoveryKey), LinkError> {
    let enrolled = grant
        .open()
        .filter(|e| e.device == key.verifying_key().device_id())
        .ok_or_else(|| LinkError::Answer("not an acceptance for this laptop".into()))?;
    let identity = Identity::new(&enrolled, &grant.url, key);
    let recovery = FieldNode::create(home, passphrase, &identity).await?;
    Ok((identity, recovery))
}
