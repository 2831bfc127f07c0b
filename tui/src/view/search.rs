//! The search: what is sought, and each record with what stands around the first hit.
use ratatui::layout::{Position, Rect};

use super::{
    below,
    canvas::{Canvas, look, width},
};
use crate::{
    app::Desk,
    words::{Words, t},
};

/// The column of numbers.
const NUMBERS: u16 = 21;

pub(super) fn draw(desk: &Desk, words: &Words, canvas: &mut Canvas<'_>, area: Rect) {
    let Some(search) = &desk.search else { return };
    let label = t!(words, "search-prompt");
    let from = area.x + canvas.text(area.x, area.y, area.width, &label, look::HEAD) + 1;
    let field = Rect { x: from, width: area.right().saturating_sub(from + 1), height: 1, ..area };
    let used = canvas.text(field.x, field.y, field.width, &search.text, look::PLAIN);
    canvas.focus = Some(field);
    canvas.cursor = Some(Position { x: field.x + used, y: field.y });
    let rest = below(area, 2);
    let nothing = |canvas: &mut Canvas<'_>, text: String| {
        let place =
            Rect { x: rest.x + 2, width: rest.width - 4, height: rest.height.min(3), ..rest };
        canvas.wrapped(place, &text, look::PLAIN);
    };
    match &search.hits {
        _ if search.text.trim().is_empty() => nothing(canvas, t!(words, "search-hint")),
        None => nothing(canvas, t!(words, "search-under-way")),
        Some(hits) if hits.is_empty() => {
            nothing(canvas, t!(words, "search-nothing", text = search.text.clone()));
        }
        Some(hits) => {
            let place = t!(words, "position", at = (search.selected + 1), of = hits.len());
            let room = width(&place);
            canvas.text(area.right() - room, area.y + 1, room, &place, look::DIM);
            let fit = usize::from(rest.height / 2).max(1);
            let top = (search.selected + 1).saturating_sub(fit);
            for (at, hit) in hits.iter().enumerate().skip(top).take(fit) {
                let y = rest.y + 2 * u16::try_from(at - top).unwrap_or(0);
                let here = at == search.selected;
                let style = if here { look::HERE } else { look::PLAIN };
                canvas.paint(Rect { y, height: 1, ..rest }, style);
                canvas.text(rest.x, y, NUMBERS - 1, &hit.number, style);
                let x = rest.x + NUMBERS;
                canvas.text(x, y, rest.right().saturating_sub(x), &hit.title, style);
                canvas.text(x, y + 1, rest.right().saturating_sub(x), &hit.excerpt, look::DIM);
            }
        }
    }
}
