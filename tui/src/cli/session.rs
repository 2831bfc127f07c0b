//! An unlocked laptop for the length of one command.
use std::time::Duration;

use sandbox::{Pool, PoolConfig};
use shared::{
    model::{Digest, DocId, PersonId, SpaceId, Timestamp},
    workflow::SpaceState,
};

use super::{Global, failure::Failure, passphrase, roles, say::Say};
use crate::laptop::{
    FieldNode,
    link::{Client, SyncReport, sync},
    preview::Preview,
};

/// How long a synchronisation waits for verdicts on what it sent.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// An unlocked laptop, and how its holder wants to be answered.
pub(super) struct Session {
    pub(super) node: FieldNode,
    pub(super) global: Global,
    pub(super) say: Say,
}

/// A record in its space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct At {
    pub(super) space: SpaceId,
    pub(super) doc: DocId,
}

impl Session {
    /// Unlocks the home that the arguments name.
    pub(super) async fn open(global: &Global) -> Result<Self, Failure> {
        let home = global.home.as_deref().ok_or(Failure::NoHome)?;
        let say = Say::new(global.lang);
        let passphrase = passphrase::take(&say)?;
        let mut node = FieldNode::open(home, &passphrase).await?;
        let program = std::env::current_exe()?;
        let config = PoolConfig::new(program, vec![roles::SANDBOX.into()], 1);
        node.use_sandbox(Pool::new(config));
        Ok(Self { node, global: global.clone(), say })
    }

    /// Synchronises if that was asked for, and locks.
    pub(super) async fn close(self) -> Result<(), Failure> {
        Ok(self.node.lock().await?)
    }

    /// Returns who holds this laptop.
    pub(super) fn me(&self) -> PersonId {
        self.node.identity().person
    }

    /// Returns now.
    pub(super) fn now(&self) -> Timestamp {
        self.node.now()
    }

    /// Returns all spaces that can still be read.
    pub(super) fn spaces(&self) -> Vec<SpaceId> {
        self.node.core().spaces().filter(|(_, s)| !s.withdrawn()).map(|(id, _)| *id).collect()
    }

    /// Returns a space as it would be if all requests held here were decided.
    pub(super) async fn preview(&mut self, space: SpaceId) -> Result<Preview, Failure> {
        Ok(self.node.preview(space).await?)
    }

    /// Returns the state of that.
    pub(super) async fn state(&mut self, space: SpaceId) -> Result<SpaceState, Failure> {
        Ok(self.preview(space).await?.state)
    }

    /// Makes a client of this laptop's server.
    pub(super) fn client(&self) -> Result<Client, Failure> {
        let identity = self.node.identity();
        Ok(Client::new(&identity.server_url, Some(identity.certificate))?)
    }

    /// Synchronises by HTTP, text only.
    pub(super) async fn sync(&mut self) -> Result<SyncReport, Failure> {
        let mut client = self.client()?;
        Ok(sync(&mut self.node, &mut client, PATIENCE).await?)
    }

    /// Returns how far an envelope has come: `saved`, `received` or `decided`.
    pub(super) fn stage(&self, space: SpaceId, envelope: &Digest) -> &'static str {
        let kept = self.node.core().space(space).and_then(|s| s.envelope(envelope));
        match kept {
            Some(k) if k.decided.is_some() => "decided",
            Some(k) if k.received.is_some() => "received",
            _ => "saved",
        }
    }
}
