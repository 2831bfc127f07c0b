//! Tests of the system as a whole. One binary, so that it links once.
#![allow(clippy::expect_used, clippy::panic, clippy::print_stderr)]
#[cfg(target_os = "linux")]
mod bad_input;
mod documents;
mod pty;
mod screens;
mod tidy;
#[cfg(target_os = "linux")]
mod tools;
#[cfg(target_os = "linux")]
mod trace;
mod us1;
mod us3;
mod us7;
