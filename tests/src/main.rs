//! Xunji.
fn main() {}
