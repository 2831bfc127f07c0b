//! What must hold for every screen.
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use crate::{
    app::{Message, Model, update},
    input::{self, Key},
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

/// No character stands anywhere but by the canvas, which knows what is cut: texts as they were
/// put, lines, and the cells of editors.
pub(super) fn everything_was_drawn_by_the_canvas(buf: &Buffer, drawn: &[Drawn], fields: &[Rect]) {
    let area = buf.area;
    for y in area.top()..area.bottom() {
        for x in area.left()..area.right() {
            let here = Position { x, y };
            let symbol = buf[(x, y)].symbol();
            let plain = symbol.trim().is_empty() || ["─", "│", "-", "|"].contains(&symbol);
            let by_text = drawn.iter().any(|d| {
                d.at.y == y && (d.at.x..d.at.x.saturating_add(width(&d.text))).contains(&x)
            });
            let by_editor = fields.iter().any(|f| f.contains(here));
            assert!(
                plain || by_text || by_editor,
                "{symbol} at {here:?} was drawn past the canvas"
            );
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
    for (name, key) in frame::hints(model) {
        assert!(works(model, key), "{name} does nothing in {:?}", model.context());
    }
}

/// Presses a key as the runtime would, and tells whether anything came of it.
fn works(model: &Model, key: Key) -> bool {
    let mut after = model.clone();
    // What was said before is said again, and that is an answer.
    after.said = None;
    if let Some(dialog) = after.desk_mut().and_then(|d| d.dialog.as_mut()) {
        dialog.problem = None;
    }
    let before = format!("{after:?}");
    let message = match (input::resolve(after.context(), key), input::text_of(key)) {
        (Some(action), _) => Message::Act(action),
        (None, Some(c)) if after.context().takes_text() => Message::Text(c.into()),
        (None, _) => return false,
    };
    let effects = update(&mut after, message);
    !effects.is_empty() || format!("{after:?}") != before
}

#[cfg(test)]
mod tests {
    use crossterm::event::KeyCode;
    use ratatui::style::Style;

    use super::*;
    use crate::{
        app::fixture::{self, Length},
        editor::Ambiguous,
        view::Canvas,
    };

    fn buffer() -> Buffer {
        Buffer::empty(Rect::new(0, 0, 20, 3))
    }

    fn drawn(draw: impl FnOnce(&mut Canvas<'_>)) -> (Buffer, Vec<Drawn>) {
        let mut buf = buffer();
        let drawn = {
            let mut canvas = Canvas::new(&mut buf, Ambiguous::Narrow);
            draw(&mut canvas);
            canvas.drawn
        };
        (buf, drawn)
    }

    #[test]
    fn a_text_that_fits_or_says_that_it_does_not_passes() {
        let (buf, drawn) = drawn(|c| {
            c.text(0, 0, 20, "甲局财务科", Style::new());
            c.text(0, 1, 8, "甲局财务科张某", Style::new());
        });
        nothing_is_cut_without_a_sign(&buf, &drawn);
        assert!(drawn[1].text.ends_with('…'));
    }

    #[test]
    #[should_panic(expected = "something was drawn over it")]
    fn a_text_drawn_over_another_is_found() {
        let (buf, drawn) = drawn(|c| {
            c.text(0, 0, 20, "甲局财务科", Style::new());
            c.text(6, 0, 14, "乙镇", Style::new());
        });
        nothing_is_cut_without_a_sign(&buf, &drawn);
    }

    #[test]
    #[should_panic(expected = "something was drawn over it")]
    fn half_of_a_wide_character_is_found() {
        let (mut buf, drawn) = drawn(|c| {
            c.text(0, 0, 20, "甲局", Style::new());
        });
        buf[(3, 0)].set_symbol("x");
        buf[(2, 0)].set_symbol(" ");
        nothing_is_cut_without_a_sign(&buf, &drawn);
    }

    #[test]
    #[should_panic(expected = "甲局财")]
    fn a_text_cut_without_the_sign_is_found() {
        let (mut buf, mut drawn) = drawn(|c| {
            c.text(0, 0, 6, "甲局财", Style::new());
        });
        buf[(0, 1)].set_symbol(" ");
        drawn[0].cut = true;
        nothing_is_cut_without_a_sign(&buf, &drawn);
    }

    #[test]
    #[should_panic(expected = "drawn past the canvas")]
    fn what_was_written_past_the_canvas_is_found() {
        let (mut buf, drawn) = drawn(|c| {
            c.text(0, 0, 20, "甲局", Style::new());
        });
        buf.set_string(0, 2, "without the canvas", Style::new());
        everything_was_drawn_by_the_canvas(&buf, &drawn, &[]);
    }

    #[test]
    #[should_panic(expected = "no cursor")]
    fn a_screen_without_a_cursor_is_found() {
        cursor_is_in_the_focused_field(None, Some(Rect::new(0, 0, 5, 1)));
    }

    #[test]
    #[should_panic(expected = "is not in")]
    fn a_cursor_beside_the_field_is_found() {
        let beside = Position { x: 3, y: 1 };
        cursor_is_in_the_focused_field(Some(beside), Some(Rect::new(0, 0, 5, 1)));
    }

    #[test]
    fn a_key_that_is_bound_but_does_nothing_is_found() {
        let model = fixture::model(fixture::snapshot(3, Length::Usual));
        let key = |c| Key::plain(KeyCode::Char(c));
        assert!(works(&model, key('s')), "contact is made");
        // Bound in every list, and there is nothing to begin on the first screen.
        assert!(!works(&model, key('n')));
        assert!(!works(&model, key('w')), "bound to nothing");
    }
}
