//! Keys inside a text.
use shared::model::Timestamp;

use crate::{
    app::dialog::{FormField, Input},
    editor::{Editor, Motion, Reach, Splice},
    input::Action,
};

/// Where text comes from: what is pasted is one undo step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum From {
    /// Typed.
    Keys,
    /// Pasted, or a burst of keys.
    Clipboard,
}

/// What a key in a text comes to.
#[derive(Debug, Default)]
pub(super) struct Typed {
    /// What the document is to do.
    pub(super) splices: Vec<Splice>,
    /// What goes to the clipboard.
    pub(super) copied: Option<String>,
}

/// Carries out a key in a text.
pub(super) fn act(editor: &mut Editor, action: Action, now: Timestamp) -> Typed {
    let now = now.unix_millis();
    let mut go = |motion, reach| {
        editor.go(motion, reach);
        Typed::default()
    };
    let done = |splices| Typed { splices, copied: None };
    match action {
        Action::Left => go(Motion::Left, Reach::Move),
        Action::Right => go(Motion::Right, Reach::Move),
        Action::WordLeft => go(Motion::WordLeft, Reach::Move),
        Action::WordRight => go(Motion::WordRight, Reach::Move),
        Action::Up => go(Motion::Up, Reach::Move),
        Action::Down => go(Motion::Down, Reach::Move),
        Action::PageUp => go(Motion::PageUp, Reach::Move),
        Action::PageDown => go(Motion::PageDown, Reach::Move),
        Action::First => go(Motion::RowStart, Reach::Move),
        Action::Last => go(Motion::RowEnd, Reach::Move),
        Action::SelectLeft => go(Motion::Left, Reach::Select),
        Action::SelectRight => go(Motion::Right, Reach::Select),
        Action::SelectUp => go(Motion::Up, Reach::Select),
        Action::SelectDown => go(Motion::Down, Reach::Select),
        Action::Backspace => done(editor.delete_back(now)),
        Action::Delete => done(editor.delete_forward(now)),
        Action::DeleteWord => done(editor.delete_word_back(now)),
        Action::Undo => done(editor.undo()),
        Action::Redo => done(editor.redo()),
        Action::Enter => done(editor.insert_str("\n", now)),
        Action::Copy => Typed { splices: Vec::new(), copied: editor.copy() },
        Action::Cut => match editor.cut(now) {
            Some(cut) => Typed { splices: cut.splices, copied: Some(cut.text) },
            None => Typed::default(),
        },
        _ => Typed::default(),
    }
}

/// Puts text in. A field of one line takes line ends as spaces.
pub(super) fn insert(
    editor: &mut Editor,
    text: &str,
    long: bool,
    from: From,
    now: Timestamp,
) -> Vec<Splice> {
    let flat;
    let text = if long {
        text
    } else {
        flat = text.split(['\n', '\r']).map(str::trim).collect::<Vec<_>>().join(" ");
        flat.as_str()
    };
    match from {
        From::Keys => editor.insert_str(text, now.unix_millis()),
        From::Clipboard => editor.paste(text, now.unix_millis()),
    }
}

/// Puts text into a field of a dialogue.
pub(super) fn into_field(field: &mut FormField, text: &str, from: From, now: Timestamp) {
    field.lent = false;
    match &mut field.input {
        Input::Line(editor) => insert(editor, text, false, from, now),
        Input::Text(editor) => insert(editor, text, true, from, now),
        Input::Pick { .. } | Input::Ticks { .. } => Vec::new(),
    };
}
