//! Plain records: what an inspection is made of.
//!
//! These types carry no behaviour beyond reading themselves. They never name Automerge, the
//! journal or a screen; the schema ([`crate::doc`]) and the rules ([`crate::workflow`]) are
//! built on them. Names are those of the bilingual glossary: one word for one thing.
pub mod consultation;
pub mod digest;
pub mod edition;
pub mod evidence;
pub mod finding;
pub mod id;
pub mod interview;
pub mod notice;
pub mod number;
pub mod plain;
pub mod reading;
pub mod round;
pub mod time;
pub mod touched;
pub mod workpaper;

pub use digest::{ChangeHash, Digest};
pub use id::{
    DeviceId, DocId, EngagementId, EvidenceId, GroupId, ItemId, PersonId, RoundId, SpaceId, UnitId,
};
pub use reading::{
    Body, Conflict, ConflictValue, DocKind, FieldPath, Reading, RemovedMember, Value,
};
pub use time::Timestamp;
pub use touched::{Touch, TouchKind, Touched};
