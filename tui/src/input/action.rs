//! What a key can mean.

/// What a key can mean. The model decides what it does where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// Show the keys.
    Help,
    /// Back out: out of a field, a dialogue, a record. Text is kept.
    Back,
    /// Lock the laptop.
    Lock,
    /// End the program.
    Quit,
    /// Show a main screen, counted from 1.
    Screen(u8),
    /// One up.
    Up,
    /// One down.
    Down,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// To the first.
    First,
    /// To the last.
    Last,
    /// Open, accept, or a new line, as the place has it.
    Enter,
    /// Begin a record of this screen's kind.
    New,
    /// Show what may be done with the record.
    Steps,
    /// Narrow the list.
    Filter,
    /// Search everything held here.
    Search,
    /// Make contact with the server.
    Sync,
    /// Leave evidence files for later, or no more.
    TextOnly,
    /// Write a courier's file.
    Export,
    /// Read a courier's file.
    Import,
    /// Between the text of a record and what the journal says about it.
    Panel,
    /// To the next field.
    NextField,
    /// To the field before.
    PrevField,
    /// Add an item to the list the cursor is in.
    AddItem,
    /// Take the item out, with a reason.
    RemoveItem,
    /// One cluster left.
    Left,
    /// One cluster right.
    Right,
    /// One word left.
    WordLeft,
    /// One word right.
    WordRight,
    /// Select one cluster left.
    SelectLeft,
    /// Select one cluster right.
    SelectRight,
    /// Select one row up.
    SelectUp,
    /// Select one row down.
    SelectDown,
    /// Delete before the caret.
    Backspace,
    /// Delete after the caret.
    Delete,
    /// Delete the word before the caret.
    DeleteWord,
    /// Take back what was typed here.
    Undo,
    /// Do it again.
    Redo,
    /// Copy the selection.
    Copy,
    /// Cut the selection.
    Cut,
    /// Tick or untick.
    Toggle,
}
