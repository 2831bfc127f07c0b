//! The program as people meet it: a real server, real `xunji` processes on terminals of their
//! own, keys in, screens out.
//!
//! ```text
//! let mut stage = Stage::open(&["sunmou", "limou"]);   // server, training round, two homes
//! let mut li = stage.laptop("limou");                  // unlocked, on the first screen
//! li.press("2");                                       // keys, as their names
//! li.wait_for("还没有谈话记录");                          // blocks on output, never sleeps
//! li.press("n").type_text("张某");
//! ```
//!
//! Waiting blocks on what the program writes; it fails, with the screen, after
//! [`screen::PATIENCE`]. Texts are sought without regard to blanks, for long ones wrap.
mod screen;
mod stage;

pub(crate) use screen::Screen;
pub(crate) use stage::Stage;
