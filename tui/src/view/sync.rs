//! How far everything has come: saved, received, decided.
use ratatui::layout::Rect;

use super::{
    below,
    canvas::{Canvas, look},
    list,
};
use crate::{
    app::{Desk, data},
    words::{Words, t},
};

pub(super) fn draw(desk: &Desk, words: &Words, canvas: &mut Canvas<'_>, area: Rect) {
    let known = &desk.known;
    let (unsent, undecided) = known.under_way();
    let contact = match known.link.last_contact {
        Some(at) => t!(words, "last-contact", at = data::stamp(known, at)),
        None => t!(words, "never-contact"),
    };
    let summary = t!(words, "sync-summary", unsent = unsent, undecided = undecided);
    let mut lines = vec![(format!("{summary}    {contact}"), look::HEAD)];
    if known.link.not_saved > 0 {
        let text = t!(words, "sync-not-saved", n = known.link.not_saved);
        lines.push((text, look::BAD));
    }
    if let Some(trouble) = &known.link.trouble {
        lines.push((words.trouble(trouble), look::WARN));
    }
    if let Some(not) = known.link.not_taken {
        let (n, at) = (not.envelopes, data::stamp(known, not.at));
        let text = match not.full {
            true => t!(words, "not-taken-full", n = n, at = at),
            false => t!(words, "not-taken-quota", n = n, at = at),
        };
        lines.push((text, look::WARN));
    }
    if known.link.text_only {
        lines.push((t!(words, "sync-text-only"), look::WARN));
    }
    let files = known.link.files;
    if files.up.files + files.down.files > 0 {
        let (up_size, down_size) = (data::size(files.up.bytes), data::size(files.down.bytes));
        let (up, down) = (files.up.files, files.down.files);
        let text =
            t!(words, "sync-files", up = up, up_size = up_size, down = down, down_size = down_size);
        lines.push((text, look::PLAIN));
    }
    if let Some(now) = &known.link.fetching {
        lines.push((words.fetching(now), look::PLAIN));
    }
    if files.on_demand.files > 0 {
        let size = data::size(files.on_demand.bytes);
        let text = t!(words, "sync-files-long", n = files.on_demand.files, size = size);
        lines.push((text, look::DIM));
    }
    if !known.link.online {
        lines.push((t!(words, "sync-courier"), look::PLAIN));
    }
    lines.push((t!(words, "sync-words"), look::DIM));
    let mut rest = area;
    for (text, style) in lines {
        let place = Rect { height: rest.height.min(2), ..rest };
        rest = below(rest, canvas.wrapped(place, &text, style));
    }
    list::table(desk, &desk.rows(), words, canvas, rest);
}
