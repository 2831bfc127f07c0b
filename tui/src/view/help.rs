//! The keys, from the same table that makes the footer.
use ratatui::layout::Rect;

use super::canvas::{Canvas, look};
use crate::{
    input::{Context, bindings, key_name},
    words::{Words, t},
};

/// Draws the page from row `top` on, and returns the first row it could show.
pub(super) fn draw(top: usize, words: &Words, canvas: &mut Canvas<'_>, area: Rect) -> usize {
    let mut lines = vec![(t!(words, "help-title"), String::new())];
    for context in Context::ALL {
        lines.push((words.context(context), String::new()));
        for binding in bindings(context) {
            lines.push((words.action(binding.action, context), key_name(binding.key)));
        }
    }
    let fit = usize::from(area.height.saturating_sub(1));
    let top = top.min(lines.len().saturating_sub(fit));
    for (at, (what, key)) in lines.iter().skip(top).take(fit).enumerate() {
        let y = area.y + u16::try_from(at).unwrap_or(0);
        if key.is_empty() {
            canvas.text(area.x, y, area.width, what, look::HEAD);
        } else {
            canvas.text(area.x + 2, y, 18, key, look::PLAIN);
            canvas.text(area.x + 21, y, area.width - 21, what, look::PLAIN);
        }
    }
    let left = lines.len() - (top + fit).min(lines.len());
    if left > 0 {
        let more = t!(words, "more-below", n = left);
        canvas.text(area.x, area.bottom() - 1, area.width, &more, look::DIM);
    }
    canvas.point(Rect { height: 1, ..area });
    top
}
