//! The unlock screen.
use ratatui::layout::{Position, Rect};

use super::canvas::{Canvas, look, width};
use crate::{
    app::model::Unlock,
    words::{Words, t},
};

pub(super) fn draw(lock: &Unlock, words: &Words, canvas: &mut Canvas<'_>, area: Rect) {
    let (x, y, room) = (area.x + 4, area.y + 2, area.width - 8);
    canvas.text(x, y, room, &t!(words, "unlock-title"), look::HEAD);
    let label = t!(words, "unlock-prompt");
    let from = x + canvas.text(x, y + 2, room, &label, look::PLAIN) + 2;
    // Neither the text nor its length is shown.
    let typed = if lock.typed.is_empty() { "" } else { "******" };
    let field = Rect::new(from, y + 2, area.right().saturating_sub(from + 4), 1);
    canvas.text(field.x, field.y, field.width, typed, look::PLAIN);
    canvas.focus = Some(field);
    canvas.cursor = Some(Position { x: field.x + width(typed), y: field.y });
    let room = Rect::new(x, y + 4, room, 2);
    let used = canvas.wrapped(room, &t!(words, "unlock-hint"), look::DIM);
    let room = Rect { y: room.y + used, ..room };
    canvas.wrapped(room, &t!(words, "unlock-lost"), look::DIM);
}
