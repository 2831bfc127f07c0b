//! The laptop without its screen: what it keeps, sends and receives. No terminal here.
mod basis;
pub mod clock;
pub mod courier;
mod documents;
pub mod evidence;
pub mod handover;
pub mod identity;
pub mod link;
pub mod node;
pub mod outstanding;
pub mod preview;
pub mod remembered;
mod rewrite;
pub mod rng;
pub mod search;
pub mod summary;
pub mod transfer;
pub mod vault;

pub use identity::Identity;
pub use node::{FieldNode, NodeError};
