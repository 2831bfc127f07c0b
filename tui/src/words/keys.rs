//! Keys in words: footer and help page say the same.
use super::{Words, t};
use crate::input::{Action, Context};

impl Words {
    /// Says what an action does in a place.
    pub fn action(&self, action: Action, context: Context) -> String {
        match action {
            Action::Enter => match context {
                Context::List | Context::Search => t!(self, "key-enter"),
                Context::Sheet => t!(self, "key-edit"),
                Context::Dialog | Context::DialogLine => t!(self, "key-next"),
                _ => t!(self, "key-accept"),
            },
            Action::Screen(n) => t!(self, "key-screen", n = n),
            Action::NextField => t!(self, "key-next"),
            Action::PrevField => t!(self, "key-prev"),
            Action::AddItem => t!(self, "key-add"),
            Action::RemoveItem => t!(self, "key-remove"),
            Action::Back => t!(self, "key-back"),
            Action::Lock => t!(self, "key-lock"),
            Action::Quit => t!(self, "key-quit"),
            Action::Up => t!(self, "key-up"),
            Action::Down => t!(self, "key-down"),
            Action::PageUp | Action::PageDown
                if matches!(context, Context::Help | Context::Sheet | Context::History) =>
            {
                t!(self, "key-page")
            }
            Action::PageUp => t!(self, "key-page-up"),
            Action::PageDown => t!(self, "key-page-down"),
            Action::First => t!(self, "key-first"),
            Action::Last => t!(self, "key-last"),
            Action::New => t!(self, "key-new"),
            Action::Steps => t!(self, "key-steps"),
            Action::Filter => t!(self, "key-filter"),
            Action::Search => t!(self, "key-search"),
            Action::Sync => t!(self, "key-sync"),
            Action::TextOnly => t!(self, "key-text-only"),
            Action::Export => t!(self, "key-export"),
            Action::Import => t!(self, "key-import"),
            Action::Panel => t!(self, "key-panel"),
            Action::Left | Action::Right if context == Context::Dialog => t!(self, "key-choose"),
            Action::Left => t!(self, "key-left"),
            Action::Right => t!(self, "key-right"),
            Action::WordLeft => t!(self, "key-word-left"),
            Action::WordRight => t!(self, "key-word-right"),
            Action::SelectLeft => t!(self, "key-select-left"),
            Action::SelectRight => t!(self, "key-select-right"),
            Action::SelectUp => t!(self, "key-select-up"),
            Action::SelectDown => t!(self, "key-select-down"),
            Action::Backspace => t!(self, "key-backspace"),
            Action::Delete => t!(self, "key-delete"),
            Action::DeleteWord => t!(self, "key-delete-word"),
            Action::Undo => t!(self, "key-undo"),
            Action::Redo => t!(self, "key-redo"),
            Action::Copy => t!(self, "key-copy"),
            Action::Cut => t!(self, "key-cut"),
            Action::Toggle => t!(self, "key-toggle"),
            Action::Help => t!(self, "key-help"),
        }
    }

    /// Names a place, as the help page heads it.
    pub fn context(&self, context: Context) -> String {
        match context {
            Context::List => t!(self, "help-where-list"),
            Context::Filter => t!(self, "help-where-filter"),
            Context::Search => t!(self, "help-where-search"),
            Context::History => t!(self, "help-where-history"),
            Context::Sheet => t!(self, "help-where-sheet"),
            Context::Text => t!(self, "help-where-text"),
            Context::Line => t!(self, "help-where-line"),
            Context::Dialog => t!(self, "help-where-dialog"),
            Context::DialogLine => t!(self, "help-where-dialog-line"),
            Context::DialogText => t!(self, "help-where-dialog-text"),
            Context::Menu => t!(self, "help-where-menu"),
            Context::Unlock => t!(self, "help-where-unlock"),
            Context::Help => t!(self, "help-where-help"),
        }
    }
}
