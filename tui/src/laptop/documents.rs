//! Working documents in memory, made from the journal's plan when first asked for.
use std::collections::BTreeMap;

use shared::{
    doc::{Document, document::DocError},
    journal::{envelope::Envelope, laptop::Plan},
    model::{Digest, DocId, SpaceId},
};

use super::vault::{Vault, VaultError};
use shared::journal::Table;

/// Why a working document cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum WorkingError {
    /// The store failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// An envelope the plan names is not in the store, or is damaged.
    #[error("envelope {0} cannot be read from this laptop")]
    Envelope(Digest),
    /// The changes do not make a document.
    #[error(transparent)]
    Document(#[from] DocError),
    /// There is nothing to make a document of.
    #[error("no such document on this laptop")]
    Absent,
}

/// Working documents by space and id.
#[derive(Default)]
pub(super) struct Documents(BTreeMap<(SpaceId, DocId), Document>);

impl Documents {
    pub(super) fn get(&mut self, space: SpaceId, doc: DocId) -> Option<&mut Document> {
        self.0.get_mut(&(space, doc))
    }

    pub(super) fn has(&self, space: SpaceId, doc: DocId) -> bool {
        self.0.contains_key(&(space, doc))
    }

    pub(super) fn put(&mut self, space: SpaceId, doc: DocId, document: Document) {
        self.0.insert((space, doc), document);
    }

    pub(super) fn forget(&mut self, space: SpaceId, doc: DocId) -> Option<Document> {
        self.0.remove(&(space, doc))
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

/// Reads an envelope from the store.
pub(super) async fn envelope(vault: &mut Vault, hash: &Digest) -> Result<Envelope, WorkingError> {
    read(hash, vault.get(Table::Envelope, hash.as_bytes()).await?.as_deref())
}

fn read(hash: &Digest, row: Option<&[u8]>) -> Result<Envelope, WorkingError> {
    // The first byte says how the envelope came here.
    row.and_then(|row| row.get(1..))
        .and_then(|bytes| Envelope::from_bytes(bytes).ok())
        .ok_or(WorkingError::Envelope(*hash))
}

/// Reads the changes of several envelopes, in order.
pub(super) async fn bodies(
    vault: &mut Vault,
    envelopes: &[Digest],
) -> Result<Vec<Vec<u8>>, WorkingError> {
    let keys: Vec<&[u8]> = envelopes.iter().map(|hash| &hash.as_bytes()[..]).collect();
    let rows = vault.get_many(Table::Envelope, &keys).await?;
    let body = |(hash, row): (&Digest, Option<Vec<u8>>)| {
        Ok(read(hash, row.as_deref())?.payload().to_vec())
    };
    envelopes.iter().zip(rows).map(body).collect()
}

/// Makes a working document from the journal's plan.
pub(super) async fn build(vault: &mut Vault, plan: &Plan) -> Result<Document, WorkingError> {
    let mut all = bodies(vault, &[&plan.main[..], &plan.working].concat()).await?;
    all.extend(plan.drafts.iter().cloned());
    if all.is_empty() {
        return Err(WorkingError::Absent);
    }
    Ok(Document::from_bodies(&all)?)
}
