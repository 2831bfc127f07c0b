//! Draws the model; changes nothing but where texts are scrolled to.
mod board;
mod canvas;
mod dialog;
mod frame;
mod help;
mod history;
mod list;
mod panel;
mod panel_desk;
mod panel_session;
mod panel_sign;
mod search;
mod sheet;
mod sync;
#[cfg(test)]
mod tests;
mod unlock;

pub use canvas::{Canvas, Drawn, Glyphs, look};

use ratatui::layout::Rect;

use crate::{
    app::{
        Model,
        model::{Phase, Tab},
    },
    words::{Words, t},
};

/// The smallest terminal in which everything has its place.
pub const SMALLEST: (u16, u16) = (60, 16);

/// Draws one frame: what is in it, then the keys.
pub fn draw(model: &mut Model, words: &Words, canvas: &mut Canvas<'_>) {
    let area = canvas.area();
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        let need = t!(words, "too-small", columns = SMALLEST.0, rows = SMALLEST.1);
        canvas.wrapped(area, &need, look::WARN);
        return;
    }
    let body = frame::draw(model, words, canvas);
    inside(model, words, canvas, body);
    // Last: which keys do something depends on what had room.
    frame::footer(model, words, canvas);
}

fn inside(model: &mut Model, words: &Words, canvas: &mut Canvas<'_>, body: Rect) {
    if let Some(top) = model.help {
        model.help = Some(help::draw(top, words, canvas, body));
        return;
    }
    match &mut model.phase {
        Phase::Locked(lock) => unlock::draw(lock, words, canvas, body),
        Phase::Open(desk) => {
            match (desk.open.is_some(), desk.tab) {
                _ if desk.history.is_some() => history::draw(desk, words, canvas, body),
                (true, _) => sheet::draw(desk, words, canvas, body),
                (false, _) if desk.search.is_some() => search::draw(desk, words, canvas, body),
                (false, Tab::Sync) => sync::draw(desk, words, canvas, body),
                (false, Tab::Board) => board::draw(desk, words, canvas, body),
                (false, _) => list::draw(desk, words, canvas, body),
            }
            if desk.menu.is_some() {
                dialog::menu(desk, words, canvas, body);
            }
            if desk.dialog.is_some() {
                dialog::draw(desk, words, canvas, body);
            }
        }
    }
}

/// Cuts `rows` rows off the top of an area.
fn below(area: Rect, rows: u16) -> Rect {
    let rows = rows.min(area.height);
    Rect { y: area.y + rows, height: area.height - rows, ..area }
}
