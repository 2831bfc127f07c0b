//! Which changes an envelope or a draft brings, read once for each thread's world.
use std::collections::BTreeMap;

use shared::{
    journal::{
        envelope::{Codec, Envelope},
        precheck::{self, ChangeHeader},
    },
    model::{ChangeHash, Digest},
};

/// Headers of changes, by the envelope that brings them.
#[derive(Default)]
pub(super) struct ChangesOf(BTreeMap<Digest, Vec<ChangeHeader>>);

impl ChangesOf {
    /// Returns the headers of the changes an envelope brings.
    pub(super) fn headers(&mut self, envelope: &Envelope) -> &[ChangeHeader] {
        self.0.entry(envelope.hash()).or_insert_with(|| match envelope.header().codec {
            Codec::Content => read(envelope.payload()),
            Codec::Command => Vec::new(),
        })
    }

    /// Returns the hashes of the changes an envelope brings.
    pub(super) fn of(&mut self, envelope: &Envelope) -> Vec<ChangeHash> {
        self.headers(envelope).iter().map(|c| c.hash).collect()
    }
}

/// Reads the headers of raw changes; none where the pre-check refuses them.
pub(super) fn read(bytes: &[u8]) -> Vec<ChangeHeader> {
    precheck::check(bytes, &precheck::Limits::default()).unwrap_or_default()
}
