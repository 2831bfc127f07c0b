//! Xunji for inspectors: the laptop, its screens and its command line.

pub mod app;
pub mod cli;
pub mod editor;
pub mod input;
pub mod laptop;
pub mod paper;
pub mod runtime;
pub mod view;
pub mod words;
