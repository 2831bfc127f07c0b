//! What happened to a record: who, when, what, the newest at the end.
use ratatui::{layout::Rect, style::Style};

use super::{
    below,
    canvas::{Canvas, look, rows, width},
};
use crate::{
    app::{
        Desk, Happening, Outcome,
        data::{self, SpaceView},
        list,
    },
    words::{Words, t},
};

pub(super) fn draw(desk: &mut Desk, words: &Words, canvas: &mut Canvas<'_>, area: Rect) {
    let Some(page) = &desk.history else { return };
    let Some(space) = desk.known.space(page.at.space) else { return };
    let record = space.state.record(page.at.doc);
    let number = record.and_then(|r| r.number()).unwrap_or_default();
    let title = record.map(|r| list::title(space, r)).unwrap_or_default();
    let head = t!(words, "history-of", what = format!("{number} {title}").trim().to_owned());
    canvas.text(area.x, area.y, area.width, &head, look::HEAD);
    canvas.point(Rect { height: 1, ..area });
    let rest = below(area, 1);
    let Some(happened) = &page.happened else {
        canvas.text(rest.x, rest.y, rest.width, &t!(words, "loading"), look::DIM);
        return;
    };
    let mut lines: Vec<(String, Style)> = Vec::new();
    for one in happened {
        let (text, style) = line(desk, space, one, words);
        let when = data::dated(space, one.at);
        let margin = width(&when) + 2;
        let room = rest.width.saturating_sub(margin).max(2);
        for (at, row) in rows(&text, room, canvas.ambiguous).into_iter().enumerate() {
            let before = if at == 0 { when.clone() } else { String::new() };
            let pad = " ".repeat(usize::from(margin.saturating_sub(width(&before))));
            lines.push((format!("{before}{pad}{row}"), style));
        }
    }
    if lines.is_empty() {
        canvas.text(rest.x, rest.y, rest.width, &t!(words, "history-empty"), look::PLAIN);
        return;
    }
    let fit = usize::from(rest.height.saturating_sub(1)).max(1);
    let top = page.top.min(lines.len().saturating_sub(fit));
    for (at, (text, style)) in lines.iter().skip(top).take(fit).enumerate() {
        let y = rest.y + u16::try_from(at).unwrap_or(0);
        canvas.text(rest.x, y, rest.width, text, *style);
    }
    let (above, left) = (top, lines.len().saturating_sub(top + fit));
    if above + left > 0 {
        let more = t!(words, "history-more", above = above, below = left);
        canvas.text(rest.x, rest.bottom() - 1, rest.width, &more, look::DIM);
    }
    if let Some(page) = &mut desk.history {
        page.top = top;
    }
}

fn line(desk: &Desk, space: &SpaceView, one: &Happening, words: &Words) -> (String, Style) {
    let name = |p| space.name(p).map_or_else(|| words.person(&desk.known, p), str::to_owned);
    let who = one.by.map_or_else(|| t!(words, "history-server"), name);
    let (what, style) = match &one.outcome {
        Outcome::Waits(mark) => (t!(words, "history-waits", mark = words.mark(*mark)), look::WARN),
        Outcome::Written => (t!(words, "history-written"), look::DIM),
        Outcome::Events(events) => {
            let all: Vec<String> = events.iter().map(|e| words.event(e, name)).collect();
            (words.join(all), look::PLAIN)
        }
        Outcome::Refused(refusal) => {
            let why = words.refusal(refusal, name);
            (t!(words, "said-refused", why = why), look::BAD)
        }
        Outcome::Malformed => (t!(words, "history-malformed"), look::BAD),
    };
    (format!("{who}  {what}"), style)
}
