//! What stands around every screen: who, where, the line that says what happened, the keys.
use ratatui::layout::Rect;

use super::canvas::{Canvas, look, width};
use crate::{
    app::{Model, Tab, data, dialog::Intent, update::can},
    input::{Action, Key, bindings, key_name, resolve},
    words::{Words, t},
};

/// Draws the frame, and returns the place inside it.
pub(super) fn draw(model: &Model, words: &Words, canvas: &mut Canvas<'_>) -> Rect {
    let area = canvas.area();
    head(model, words, canvas, area);
    let mut top = 1;
    if let Some(desk) = model.desk() {
        tabs(desk.tab, words, canvas, area);
        top = 2;
    }
    canvas.line(area.x, area.y + top, area.width);
    said(model, words, canvas, Rect { y: area.bottom() - 2, height: 1, ..area });
    Rect { y: area.y + top + 1, height: area.height - top - 3, ..area }
}

fn head(model: &Model, words: &Words, canvas: &mut Canvas<'_>, area: Rect) {
    let mut x = area.x;
    let mut right = area.right();
    let Some(desk) = model.desk() else {
        canvas.text(x, area.y, area.width, &t!(words, "app-name"), look::HEAD);
        return;
    };
    let known = &desk.known;
    if known.training {
        let banner = format!(" {} ", t!(words, "training"));
        let room = width(&banner);
        x += canvas.text(x, area.y, room, &banner, look::TRAINING) + 1;
        right -= room;
        canvas.text(right, area.y, room, &banner, look::TRAINING);
        right -= 1;
    }
    let link = if known.link.online {
        (t!(words, "online"), look::GOOD)
    } else {
        (t!(words, "offline"), look::WARN)
    };
    let room = width(&link.0);
    right -= room;
    canvas.text(right, area.y, room, &link.0, link.1);
    right = right.saturating_sub(1);
    let who = format!("{}  {}  {}", t!(words, "app-name"), known.name, known.round);
    canvas.text(x, area.y, right.saturating_sub(x), &who, look::HEAD);
}

fn tabs(current: Tab, words: &Words, canvas: &mut Canvas<'_>, area: Rect) {
    let mut x = area.x;
    for (at, tab) in Tab::ALL.into_iter().enumerate() {
        let text = format!(" {} {} ", at + 1, words.tab(tab));
        let style = if tab == current { look::HERE } else { look::PLAIN };
        x += canvas.text(x, area.y + 1, area.right().saturating_sub(x), &text, style);
    }
}

fn said(model: &Model, words: &Words, canvas: &mut Canvas<'_>, area: Rect) {
    if let Some((working, since)) = model.busy {
        let seconds = model.now.since(since) / 1_000;
        if seconds >= 1 {
            let what = words.working(working);
            let text = t!(words, "working-seconds", what = what, n = seconds);
            canvas.text(area.x, area.y, area.width, &text, look::WARN);
            return;
        }
    }
    if let Some(said) = &model.said {
        let name = |p| model.desk().map(|d| words.person(&d.known, p)).unwrap_or_default();
        let style = if said.is_bad() { look::BAD } else { look::GOOD };
        canvas.text(area.x, area.y, area.width, &words.said(said, name), style);
        return;
    }
    let Some(desk) = model.desk() else { return };
    let not_saved = desk.known.link.not_saved;
    if not_saved > 0 {
        let text = t!(words, "sync-not-saved", n = not_saved);
        canvas.text(area.x, area.y, area.width, &text, look::BAD);
    } else if !desk.known.link.online {
        let text = match desk.known.link.last_contact {
            Some(at) => t!(words, "last-contact", at = data::stamp(&desk.known, at)),
            None => t!(words, "never-contact"),
        };
        canvas.text(area.x, area.y, area.width, &text, look::DIM);
    }
}

/// Returns the keys the footer names: those that do something now.
pub(super) fn hints(model: &Model) -> Vec<(String, Key)> {
    let mut out: Vec<(String, Action, Key)> = Vec::new();
    for binding in bindings(model.context()).filter(|b| b.footer) {
        // Keys that go two ways are one hint.
        let pair = match binding.action {
            Action::Left | Action::Right => Some("Left/Right"),
            Action::PageUp | Action::PageDown => Some("PgUp/PgDn"),
            _ => None,
        };
        let name = pair.map_or_else(|| key_name(binding.key), str::to_owned);
        let known = out.iter().any(|(n, a, _)| *a == binding.action || *n == name);
        if !known && can(model, binding.action) {
            out.push((name, binding.action, binding.key));
        }
    }
    out.into_iter().map(|(name, _, key)| (name, key)).collect()
}

/// Draws the keys that do something now.
pub(super) fn footer(model: &Model, words: &Words, canvas: &mut Canvas<'_>) {
    let all = canvas.area();
    let area = Rect { y: all.bottom() - 1, height: 1, ..all };
    let context = model.context();
    // On the button of a dialogue Enter accepts; in its fields it goes on to the next.
    let dialog = model.desk().and_then(|d| d.dialog.as_ref());
    let button = dialog.is_some_and(|d| d.focus >= d.fields.len());
    let panel = model.desk().and_then(|d| d.open.as_ref()).is_some_and(|o| o.panel);
    let waits = dialog.is_some_and(|d| matches!(d.intent, Intent::Fetch(_)));
    let text = |(name, key): &(String, Key)| match resolve(context, *key) {
        Some(Action::Enter) if waits => format!("{name} {}", t!(words, "button-stop")),
        Some(Action::Back) if waits => format!("{name} {}", t!(words, "key-background")),
        Some(Action::Panel) if panel => format!("{name} {}", t!(words, "key-panel-form")),
        Some(Action::Panel) => format!("{name} {}", t!(words, "key-panel-state")),
        Some(Action::Enter) if button => format!("{name} {}", t!(words, "key-accept")),
        Some(action) => format!("{name} {}", words.action(action, context)),
        None => name.clone(),
    };
    let hints = hints(model);
    let Some(help) = hints.last().map(text) else { return };
    let room = area.width.saturating_sub(width(&help) + 2);
    let mut x = area.x;
    for hint in &hints[..hints.len() - 1] {
        let hint = text(hint);
        if x + width(&hint) + 2 > area.x + room {
            canvas.text(x, area.y, 1, canvas.glyphs.more, look::DIM);
            break;
        }
        x += canvas.text(x, area.y, room, &hint, look::DIM) + 2;
    }
    canvas.text(area.right() - width(&help), area.y, width(&help), &help, look::DIM);
}
