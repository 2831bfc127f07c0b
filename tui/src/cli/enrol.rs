//! `xunji enrol`: by code over the link, or by file there and back.
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use shared::{
    api::enrol::{EnrolGrant, pin_words},
    crypto::{Passphrase, RecoveryKey, Secret, SigningKey},
    journal::{Table, Write},
};

use super::{Global, failure::Failure, passphrase, say::Say, shown::Shown};
use crate::laptop::{
    Identity, NodeError,
    link::{self, LinkError},
    rng,
    vault::Vault,
};

/// Where a laptop without a network keeps its key between request and acceptance.
const WAITING: &str = "enrolment";
const KEY: &[u8] = b"device key";

/// Makes a folder a device of the round.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("road").required(true).multiple(false))]
pub(super) struct Enrol {
    /// The server's address.
    #[arg(long, requires = "code", group = "road")]
    server: Option<String>,
    /// The one-time code the administrator gave.
    #[arg(long, requires = "server")]
    code: Option<String>,
    /// The fingerprint of the server's certificate, as the administrator reads it out.
    #[arg(long, requires = "server")]
    pin: Option<String>,
    /// Without a network: write the request here.
    #[arg(long, value_name = "FILE", group = "road", requires = "person")]
    request: Option<PathBuf>,
    /// Whose device it is to be, by code; with --request.
    #[arg(long)]
    person: Option<String>,
    /// Without a network: take the administrator's acceptance from here.
    #[arg(long, value_name = "FILE", group = "road")]
    accept: Option<PathBuf>,
    /// What this laptop is called; by default just a laptop.
    #[arg(long)]
    name: Option<String>,
}

impl Enrol {
    pub(super) async fn run(self, global: &Global) -> Result<Shown, Failure> {
        let home = global.home.as_deref().ok_or(Failure::NoHome)?;
        let say = Say::new(global.lang);
        let passphrase = match &self.accept {
            // What waits for the acceptance was sealed when it was asked for.
            Some(_) => passphrase::take(&say)?,
            None => passphrase::take_first(&say)?,
        };
        let name = self.name.unwrap_or_else(|| say.device_name());
        if let Some(file) = &self.request {
            let person = self.person.as_deref().unwrap_or_default();
            return request(home, &passphrase, person, &name, file, &say).await;
        }
        let (identity, recovery) = match (&self.accept, &self.server, &self.code) {
            (Some(file), ..) => accept(home, &passphrase, file).await?,
            (None, Some(server), Some(code)) => {
                let pin = self.pin.as_deref();
                let made = link::enrol(home, server, code, pin, &name, &passphrase).await;
                made.map_err(|e| match e {
                    LinkError::Unreachable(_) => Failure::NoServer { url: server.clone() },
                    other => Failure::from(other),
                })?
            }
            _ => return Err(Failure::NoHome),
        };
        Ok(enrolled(&identity, &recovery, &say))
    }
}

fn enrolled(identity: &Identity, recovery: &RecoveryKey, say: &Say) -> Shown {
    let pin = pin_words(&identity.certificate);
    let recovery = recovery.to_text();
    let mut lines = vec![say.enrolled(&identity.name, &pin), say.recovery(recovery.as_str())];
    if identity.training {
        lines.push(say.training());
    }
    let value = json!({
        "person": identity.person, "name": identity.name, "pin": pin,
        "training": identity.training, "recovery_key": recovery.as_str(),
    });
    Shown::new(value, lines)
}

async fn request(
    home: &Path,
    passphrase: &Passphrase,
    person: &str,
    name: &str,
    file: &Path,
    say: &Say,
) -> Result<Shown, Failure> {
    let (request, key) = link::request(person, name)?;
    let mut rng = rng::fresh().map_err(NodeError::from)?;
    let (mut vault, _) = Vault::create(&home.join(WAITING), passphrase, &mut rng).await?;
    vault.commit(vec![Write::put(Table::Meta, KEY, key.to_secret().expose().to_vec())]).await?;
    vault.lock().await?;
    std::fs::write(file, serde_json::to_vec_pretty(&request)?)?;
    let shown = file.display().to_string();
    Ok(Shown::line(json!({ "request": shown }), say.request_written(&shown)))
}

async fn accept(
    home: &Path,
    passphrase: &Passphrase,
    file: &Path,
) -> Result<(Identity, RecoveryKey), Failure> {
    let waiting = home.join(WAITING);
    let mut vault = Vault::open(&waiting, passphrase).await?;
    let row = vault.get(Table::Meta, KEY).await?;
    let secret = row.and_then(|r| <[u8; 32]>::try_from(r).ok()).ok_or(NodeError::NotEnrolled)?;
    let key = SigningKey::from_secret(&Secret::copy_from(&secret));
    let grant: EnrolGrant = serde_json::from_slice(&std::fs::read(file)?)?;
    let made = link::accept(home, &grant, &key, passphrase).await?;
    vault.lock().await?;
    // The key is in the new home; what held it until now is of no more use.
    std::fs::remove_dir_all(waiting)?;
    Ok(made)
}
