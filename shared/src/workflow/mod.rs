//! The rules of the work: roles, states, commands, and the one function that decides.
pub mod calendar;
pub mod deadline;
pub mod fault;
mod rule_file;
pub mod rule_pack;
