//! Ids that follow from an envelope.
//!
//! A decision may open a space, a finding, an edition or a measure. Its id is derived from
//! the envelope that asked, so the laptop that shows the decision beforehand and the server
//! that takes it agree without drawing anything.
use crate::{
    crypto::{Context, hash::hash},
    model::{Digest, DocId, ItemId, PersonId, SpaceId},
};

const SPACE: Context = Context("xunji id of an opened space");
const RECORD: Context = Context("xunji id of an opened record");
const ITEM: Context = Context("xunji id of an opened item");
const CONTROL: Context = Context("xunji id of a control space");

fn first16(digest: Digest) -> [u8; 16] {
    let mut out = [0; 16];
    out.copy_from_slice(&digest.0[..16]);
    out
}

/// Returns the id of the space that `envelope` opens.
pub fn space(envelope: Digest) -> SpaceId {
    SpaceId::from_bytes(first16(hash(SPACE, &[envelope.as_bytes()])))
}

/// Returns the id of the record that `envelope` opens for `what`: `finding`, `edition`, ...
pub fn record(envelope: Digest, what: &str) -> DocId {
    DocId::from_bytes(first16(hash(RECORD, &[envelope.as_bytes(), what.as_bytes()])))
}

/// Returns the id of the `index`-th list item that `envelope` adds.
pub fn item(envelope: Digest, index: usize) -> ItemId {
    ItemId::from_bytes(first16(hash(ITEM, &[envelope.as_bytes(), &(index as u64).to_le_bytes()])))
}

/// Returns the id of the control space of `person`: certificates, memberships, rule packs.
pub fn control_space(person: PersonId) -> SpaceId {
    SpaceId::from_bytes(first16(hash(CONTROL, &[person.as_bytes()])))
}

/// Returns the hash by which a signature names the rendered text (design D3).
pub fn rendering_digest(text: &str) -> Digest {
    crate::crypto::hash::rendering(text)
}

/// Returns the number shown until the server gives the official one (domain §2.5).
///
/// Its counter is 20 bits of the record's own id, so that the number a laptop prints while
/// it is offline stays what it is, whatever order records arrive in. Numbers are labels: in
/// the rare case that two meet, both records are found.
pub fn provisional_number(
    prefix: &str,
    kind: crate::model::number::NumberKind,
    device: crate::model::DeviceId,
    doc: DocId,
) -> String {
    let b = doc.as_bytes();
    let counter = (u32::from(b[13]) & 0x0f) << 16 | u32::from(b[14]) << 8 | u32::from(b[15]);
    crate::model::number::provisional(prefix, kind, device, counter)
}
