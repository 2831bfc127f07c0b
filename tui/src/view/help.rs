//! The keys, from the same table that makes the footer.
use ratatui::layout::Rect;

use super::{
    below,
    canvas::{Canvas, look},
};
use crate::{
    input::{HelpRow, help_rows},
    words::{Words, t},
};

/// Draws the page from row `top` on, and returns the first row it could show.
pub(super) fn draw(top: usize, words: &Words, canvas: &mut Canvas<'_>, area: Rect) -> usize {
    canvas.text(area.x, area.y, area.width, &t!(words, "help-title"), look::HEAD);
    let rest = below(area, 1);
    let line = |row: HelpRow| match row {
        HelpRow::Place(context) => (words.context(context), String::new()),
        HelpRow::Key(action, context, key) => (words.action(action, context), key),
        HelpRow::Screens => (t!(words, "key-screens"), "1-7".to_owned()),
    };
    let lines: Vec<(String, String)> = help_rows().into_iter().map(line).collect();
    let fit = usize::from(rest.height.saturating_sub(1));
    let top = top.min(lines.len().saturating_sub(fit));
    for (at, (what, key)) in lines.iter().skip(top).take(fit).enumerate() {
        let y = rest.y + u16::try_from(at).unwrap_or(0);
        if key.is_empty() {
            canvas.text(area.x, y, area.width, what, look::HEAD);
        } else {
            canvas.text(area.x + 2, y, 18, key, look::PLAIN);
            canvas.text(area.x + 21, y, area.width - 21, what, look::PLAIN);
        }
    }
    let left = lines.len() - (top + fit).min(lines.len());
    if top + left > 0 {
        let more = t!(words, "history-more", above = top, below = left);
        canvas.text(area.x, area.bottom() - 1, area.width, &more, look::DIM);
    }
    canvas.point(Rect { height: 1, ..area });
    top
}
