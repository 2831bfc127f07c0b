//! The rules, tried on an invented training round: 第三组 at 甲局, 第五组 at 乙镇, the office.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic)]
mod bench;
mod consultation;
mod interview;
mod invariants;
mod notice;
mod office;
mod workpaper;
