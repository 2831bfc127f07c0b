//! Small things a laptop remembers from one unlock to the next; forgetting one costs no work.
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use shared::{
    journal::{Table, Write, frame::Reject, laptop::Note},
    model::{Digest, Timestamp},
};

use super::{FieldNode, NodeError, vault::VaultError};

const TEXT_ONLY: &[u8] = b"text only";
const NOT_TAKEN: &[u8] = b"not taken";

/// Why the server takes no more from this laptop for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holdup {
    /// More than this laptop may bring at once.
    Quota,
    /// The server's disk is full.
    Full,
}

/// Envelopes the server would not store yet. They are kept and offered again at every contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotTaken {
    /// Why.
    pub why: Holdup,
    /// When the server last said so, by this laptop's clock.
    pub at: Timestamp,
    /// How many it would not store then.
    pub envelopes: usize,
}

/// Returns what notes of one contact say of it: news, the end of it, or nothing.
fn told(notes: &[Note], at: Timestamp) -> Option<Option<NotTaken>> {
    let mut envelopes: BTreeSet<Digest> = BTreeSet::new();
    let (mut last, mut received) = (None, false);
    for note in notes {
        let (envelope, why) = match note {
            Note::NotStored { envelope, why: Reject::Quota } => (envelope, Holdup::Quota),
            Note::NotStored { envelope, why: Reject::Full } => (envelope, Holdup::Full),
            Note::Received { .. } => {
                received = true;
                continue;
            }
            _ => continue,
        };
        envelopes.insert(*envelope);
        last = Some(why);
    }
    match last {
        Some(why) => Some(Some(NotTaken { why, at, envelopes: envelopes.len() })),
        None => received.then_some(None),
    }
}

impl FieldNode {
    /// Remembers what the notes of a contact say about what the server would not store.
    ///
    /// # Errors
    /// What the disk says; a full one only costs the memory.
    pub async fn note_not_taken(&mut self, notes: &[Note]) -> Result<(), NodeError> {
        let write = match told(notes, self.now()) {
            None => return Ok(()),
            Some(None) if self.vault().get(Table::Meta, NOT_TAKEN).await?.is_none() => {
                return Ok(());
            }
            Some(None) => Write::delete(Table::Meta, NOT_TAKEN),
            Some(Some(told)) => {
                let row = serde_json::to_vec(&told).unwrap_or_default();
                Write::put(Table::Meta, NOT_TAKEN, row)
            }
        };
        self.remember(write).await
    }

    /// Returns what the server would not store; none once nothing of this laptop waits.
    ///
    /// # Errors
    /// What the disk says.
    pub async fn not_taken(&mut self) -> Result<Option<NotTaken>, NodeError> {
        if self.core().spaces().all(|(_, s)| s.undecided().next().is_none()) {
            return Ok(None);
        }
        let row = self.vault().get(Table::Meta, NOT_TAKEN).await?;
        Ok(row.and_then(|row| serde_json::from_slice(&row).ok()))
    }

    /// Tells whether evidence files are left for later, both ways: on a phone's hotspot.
    ///
    /// # Errors
    /// What the disk says.
    pub async fn text_only(&mut self) -> Result<bool, NodeError> {
        Ok(self.vault().get(Table::Setting, TEXT_ONLY).await?.is_some())
    }

    /// Leaves evidence files for later, or no more.
    ///
    /// # Errors
    /// What the disk says; a full one only costs the memory.
    pub async fn set_text_only(&mut self, on: bool) -> Result<(), NodeError> {
        let write = match on {
            true => Write::put(Table::Setting, TEXT_ONLY, [1]),
            false => Write::delete(Table::Setting, TEXT_ONLY),
        };
        self.remember(write).await
    }

    async fn remember(&mut self, write: Write) -> Result<(), NodeError> {
        match self.vault().commit(vec![write]).await {
            Ok(()) | Err(VaultError::Full) => Ok(()),
            Err(e) => Err(e.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_taken_is_said_until_the_server_takes_all_it_is_offered() {
        let at = Timestamp(7);
        let not = |n: u8, why| Note::NotStored { envelope: Digest([n; 32]), why };
        let received = || Note::Received { envelopes: vec![Digest([1; 32])] };
        // Some were stored, and two would not be: one of them was offered twice.
        let notes =
            [received(), not(2, Reject::Quota), not(3, Reject::Quota), not(2, Reject::Quota)];
        let quota = NotTaken { why: Holdup::Quota, at, envelopes: 2 };
        assert_eq!(told(&notes, at), Some(Some(quota)));
        let full = NotTaken { why: Holdup::Full, at, envelopes: 1 };
        assert_eq!(told(&[not(2, Reject::Full)], at), Some(Some(full)));
        assert_eq!(told(&[received()], at), Some(None), "it takes again");
        assert_eq!(told(&[], at), None, "nothing was offered");
        assert_eq!(told(&[not(2, Reject::NotYet)], at), None, "that is another matter");
    }
}
