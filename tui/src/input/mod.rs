//! Keys as data: one table says what each key does, and makes the footer and the help page.
//!
//! Only this module and the terminal know the key types of the terminal library.
mod action;
mod defaults;
mod keymap;

pub use action::Action;
pub use defaults::BINDINGS;
pub use keymap::{Binding, Context, HelpRow, Key, bindings, help_rows, key_name, resolve, text_of};
