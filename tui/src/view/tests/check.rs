//! What must hold for every screen.
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use crate::{
    app::{Message, Model, update},
    input,
    view::{Drawn, canvas::width, frame},
};

/// Reads what stands in a buffer where a text was put.
fn found(buf: &Buffer, drawn: &Drawn) -> String {
    let end = drawn.at.x.saturating_add(width(&drawn.text)).min(buf.area.right());
    let mut x = drawn.at.x;
    let mut out = String::new();
    while x < end {
        let symbol = buf[(x, drawn.at.y)].symbol();
        out.push_str(symbol);
        x += width(symbol).max(1);
    }
    out
}

/// Every text stands where it was put, whole or with the sign for more.
pub(super) fn nothing_is_cut_without_a_sign(buf: &Buffer, drawn: &[Drawn]) {
    for text in drawn {
        assert_eq!(found(buf, text), text.text, "at {:?}, something was drawn over it", text.at);
        if text.cut {
            assert!(text.text.ends_with(['…', '~']), "{:?}", text.text);
        }
    }
}

/// The cursor, where input methods put their window, is in the field that has the keys.
pub(super) fn cursor_is_in_the_focused_field(cursor: Option<Position>, focus: Option<Rect>) {
    let (cursor, focus) = (cursor.expect("no cursor"), focus.expect("no field has the keys"));
    // At the end of a full field it stands one column past the last character.
    let wider = Rect { width: focus.width + 1, ..focus };
    assert!(wider.contains(cursor), "{cursor:?} is not in {focus:?}");
}

/// Every key the footer names changes something or asks for something.
pub(super) fn every_key_in_the_footer_works(model: &Model) {
    for (name, action) in frame::hints(model) {
        let mut after = model.clone();
        // What was said before is said again, and that is an answer.
        after.said = None;
        if let Some(dialog) = after.desk_mut().and_then(|d| d.dialog.as_mut()) {
            dialog.problem = None;
        }
        let before = format!("{after:?}");
        let effects = update(&mut after, Message::Act(action));
        let same = format!("{after:?}") == before;
        assert!(!same || !effects.is_empty(), "{name} does nothing in {:?}", model.context());
        let bound = input::bindings(model.context()).any(|b| b.action == action);
        assert!(bound, "{name} is not bound in {:?}", model.context());
    }
}
