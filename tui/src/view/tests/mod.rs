//! Every screen in every state, drawn without a laptop, and what must hold for all of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod check;
mod dialogs;
mod flows;
mod link;
mod matrix;
mod pages;
mod replies;
mod sheets;
mod stand_ins;
mod told;

use ratatui::{buffer::Buffer, layout::Rect};

use super::{Canvas, draw};
use crate::{
    app::Model,
    words::{Language, Words},
};

/// Draws a model, checks what must hold for every screen, and returns what is seen.
fn screen(model: &mut Model, words: &Words, width: u16, height: u16) -> String {
    let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
    let (drawn, fields, cursor, focus) = {
        let mut canvas = Canvas::new(&mut buf, model.ambiguous);
        draw(model, words, &mut canvas);
        (canvas.drawn, canvas.fields, canvas.cursor, canvas.focus)
    };
    check::nothing_is_cut_without_a_sign(&buf, &drawn);
    check::everything_was_drawn_by_the_canvas(&buf, &drawn, &fields);
    check::cursor_is_in_the_focused_field(cursor, focus);
    check::every_key_in_the_footer_works(model);
    let cursor = cursor.expect("the cursor always has a place");
    format!("{}\ncursor {},{}\n", text(&buf), cursor.x, cursor.y)
}

/// Returns the text of a buffer: wide characters once, no spaces at the ends of rows.
fn text(buf: &Buffer) -> String {
    let area = buf.area;
    let row = |y| {
        let mut out = String::new();
        let mut x = area.left();
        while x < area.right() {
            let symbol = buf[(x, y)].symbol();
            out.push_str(symbol);
            x += super::canvas::width(symbol).max(1);
        }
        out.trim_end().to_owned()
    };
    (area.top()..area.bottom()).map(row).collect::<Vec<_>>().join("\n")
}

fn zh() -> Words {
    Words::new(Language::Zh)
}

fn en() -> Words {
    Words::new(Language::En)
}
