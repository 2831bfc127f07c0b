//! Xunji for inspectors: the laptop, its screens and its command line.

pub mod cli;
pub mod editor;
pub mod laptop;
