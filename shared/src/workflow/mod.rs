//! The rules of the work: roles, states, commands, and the one function that decides.
//!
//! A person asks by a [`Command`]; [`decide()`] answers with events or a [`Refusal`]; [`fold()`]
//! makes the events into a [`SpaceState`]. Text is not asked for: it merges, and
//! [`decide_content`] only says whether it comes into the document or is set aside. All of it
//! is pure, so a laptop without a link shows at once what the server would refuse, and the
//! server's answer counts.
//!
//! # Invariants
//! - Folding never fails; a recorded event is never decided again.
//! - A signature pins heads and rendered bytes. Nothing written later changes what was signed.
//! - Nobody takes two steps of one record, and the office changes nothing in a group's text.
//! - Only a recorded event ends a membership, an exhibit or a deadline; never a laptop's clock.
//! - Whatever a decision opens has an id derived from the envelope that asked ([`ids`]).
pub mod calendar;
mod case;
pub mod command;
pub mod conflict;
pub mod consultation;
pub mod content;
mod convene;
pub mod deadline;
pub mod decide;
mod desk;
pub mod event;
pub mod evidence;
mod exhibit;
pub mod fault;
pub mod finding;
pub mod fold;
mod fold_notice;
mod fold_record;
pub mod gate;
pub mod holder;
pub mod ids;
pub mod interview;
mod late;
pub mod notice;
mod office;
pub mod record;
pub mod refusal;
mod rule_file;
pub mod rule_pack;
pub mod same;
mod sign;
pub mod space;
pub mod stand_in;
pub mod state;
pub mod timers;
pub mod today;
pub mod workpaper;

pub use command::{Actor, Asked, Command, Content, Pin, Request, Step};
pub use content::decide_content;
pub use decide::decide;
pub use event::{Decision, DocEvent, EntryMeta, Event, NewSpace, SpaceInfo, SpaceKind};
pub use fold::fold;
pub use holder::{Chain, Holder, chain, next_holder};
pub use ids::rendering_digest;
pub use record::{Matter, Record};
pub use refusal::{AsideReason, Refusal};
pub use state::{Device, Member, SpaceState};
pub use timers::due;
pub use today::{Task, TaskKind, waiting_for};

#[cfg(test)]
mod tests;
