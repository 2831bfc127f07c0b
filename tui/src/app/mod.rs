//! The interface without its drawing: a model, messages, and one function that answers them.
//!
//! [`update()`] takes the model and a message, changes the model, and returns effects for the
//! runtime to carry out on the laptop. What comes of them returns as messages.
//!
//! # Invariants
//! - No clock, disk, link or terminal here; time comes with [`Message::Clock`].
//! - Text that somebody typed is never thrown away: leaving a field writes it, leaving a
//!   dialogue keeps it for the next time. Only what is no amount of money is given up, by a
//!   second Esc, after that was said.
//! - The laptop shows what the rules would say ([`shared::workflow::decide()`]) before anything
//!   is asked; what counts is the server's answer.
pub mod board;
pub mod data;
pub mod dialog;
pub mod effect;
#[cfg(test)]
pub(crate) mod fixture;
pub mod late;
pub mod list;
pub mod message;
pub mod model;
pub mod offer;
pub mod said;
pub mod sheet;
pub mod update;
pub mod verb;

pub use data::{DocLine, Happening, Hit, Link, Outcome, Place, Progress, Snapshot, SpaceView};
pub use effect::Effect;
pub use message::{Message, News};
pub use model::{Desk, Model, Phase, Tab};
pub use said::{Failure, Said};
pub use update::update;
