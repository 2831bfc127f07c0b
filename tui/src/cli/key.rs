//! `xunji key`: the passphrase, the office's recovery key, and a vault that does not hold.
use std::path::PathBuf;

use clap::Subcommand;
use serde_json::json;
use shared::crypto::Cost;

use super::{Global, failure::Failure, passphrase, say::Say, session::Session, shown::Shown};
use crate::laptop::{
    NodeError, rng,
    vault::{
        Vault,
        salvage::{restore, salvage, salvage_with_recovery},
    },
};

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Set a new passphrase; the old one then opens nothing.
    Passphrase,
    /// Draw a new recovery key; the old one then opens nothing.
    Recovery,
    /// As the office: open a laptop by its recovery key and set a new passphrase.
    Unlock,
    /// Read out what is whole of a damaged vault, into a new home.
    Salvage {
        /// The new home; nothing may be there.
        #[arg(long, value_name = "DIR")]
        into: PathBuf,
        /// Open the damaged vault by the office's recovery key.
        #[arg(long)]
        by_recovery: bool,
    },
}

impl Verb {
    pub(super) async fn run(self, global: &Global) -> Result<Shown, Failure> {
        let say = Say::new(global.lang);
        let home = global.home.as_deref().ok_or(Failure::NoHome)?;
        match self {
            Self::Passphrase => {
                let mut s = Session::open(global).await?;
                let new = passphrase::take_new(&say)?;
                let done = s.node.vault().set_passphrase(&new, Cost::DEFAULT).await;
                s.close().await?;
                done?;
                Ok(Shown::line(json!({ "passphrase": "set" }), say.passphrase_set()))
            }
            Self::Recovery => {
                let mut s = Session::open(global).await?;
                let mut rng = rng::fresh().map_err(NodeError::from)?;
                let key = s.node.vault().renew_recovery(&mut rng).await;
                s.close().await?;
                let key = key?.to_text();
                let line = say.recovery_renewed(key.as_str());
                Ok(Shown::line(json!({ "recovery_key": key.as_str() }), line))
            }
            Self::Unlock => {
                let key = passphrase::take_recovery(&say)?;
                let mut vault = Vault::open_with_recovery(home, key).await?;
                let new = passphrase::take_new(&say)?;
                let done = vault.set_passphrase(&new, Cost::DEFAULT).await;
                vault.lock().await?;
                done?;
                Ok(Shown::line(json!({ "passphrase": "set" }), say.unlocked_by_recovery()))
            }
            Self::Salvage { into, by_recovery } => {
                // The new home has the old passphrase, or, where only the office could open the
                // old one, a new passphrase.
                let (read, passphrase) = if by_recovery {
                    let key = passphrase::take_recovery(&say)?;
                    (salvage_with_recovery(home, key).await?, passphrase::take_new(&say)?)
                } else {
                    let old = passphrase::take(&say)?;
                    (salvage(home, &old).await?, old)
                };
                let (rows, damage) = (read.rows.len(), read.damage.clone());
                let mut rng = rng::fresh().map_err(NodeError::from)?;
                let recovery = restore(read, &into, &passphrase, &mut rng).await?.to_text();
                let dir = into.display().to_string();
                let mut lines = vec![say.salvaged(rows, damage.len(), &dir)];
                lines.extend(damage.iter().map(|d| say.damaged_row(d)));
                lines.push(say.recovery(recovery.as_str()));
                let damage: Vec<String> = damage.iter().map(ToString::to_string).collect();
                let value = json!({
                    "home": dir, "rows": rows, "damage": damage,
                    "recovery_key": recovery.as_str(),
                });
                Ok(Shown::new(value, lines))
            }
        }
    }
}
