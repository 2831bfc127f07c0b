//! The laptop without its screen: what it keeps, sends and receives. No terminal here.
pub mod vault;
