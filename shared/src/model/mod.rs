//! Plain records: what an inspection is made of.
//!
//! These types carry no behaviour beyond reading themselves. They never name Automerge, the
//! journal or a screen; the schema ([`crate::doc`]) and the rules ([`crate::workflow`]) are
//! built on them. Names are those of the bilingual glossary: one word for one thing.
pub mod digest;
pub mod id;
pub mod time;

pub use digest::{ChangeHash, Digest};
pub use id::{
    DeviceId, DocId, EngagementId, EvidenceId, GroupId, ItemId, PersonId, RoundId, SpaceId, UnitId,
};
pub use time::Timestamp;
