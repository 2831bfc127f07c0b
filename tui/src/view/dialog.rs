//! Dialogues and the menu of steps, before everything else.
use ratatui::layout::Rect;
use shared::workflow::{conflict, gate};

use super::{
    below,
    canvas::{Canvas, look, rows, width},
};
use crate::{
    app::{
        Desk,
        dialog::{Dialog, FormField, Input, Intent, Looked},
        verb::Verb,
    },
    words::{Words, t},
};

/// How many rows a long text takes.
const TEXT: u16 = 4;
/// How many rows the reason of a refused step takes at most.
const REASON: u16 = 2;
/// How many choices are seen at once.
const CHOICES: u16 = 5;

/// How wide a dialogue is.
fn breadth(area: Rect) -> u16 {
    if area.width <= 100 { area.width } else { 92 }
}

/// Clears a place in the middle, draws its edges and title, and returns its inside.
fn opened(canvas: &mut Canvas<'_>, area: Rect, height: u16, title: &str) -> Rect {
    let wide = breadth(area);
    let height = (height + 2).min(area.height);
    let place = Rect {
        x: area.x + (area.width - wide) / 2,
        y: area.y + (area.height - height) / 2,
        width: wide,
        height,
    };
    // Whole rows: what would look out on both sides would be cut.
    canvas.clear(Rect { x: area.x, width: area.width, ..place });
    canvas.line(place.x, place.y, place.width);
    canvas.line(place.x, place.bottom() - 1, place.width);
    let title = format!(" {title} ");
    canvas.text(place.x + 2, place.y, wide - 4, &title, look::HEAD);
    Rect { x: place.x + 1, y: place.y + 1, width: wide - 2, height: height - 2 }
}

/// Draws the menu of steps, each that is refused with its reason.
pub(super) fn menu(desk: &Desk, words: &Words, canvas: &mut Canvas<'_>, area: Rect) {
    let Some(menu) = &desk.menu else { return };
    let count = u16::try_from(menu.offers.len()).unwrap_or(u16::MAX);
    let wide = breadth(area) - 2;
    // The reason for which the chosen step is refused, whole: its row may have no room for it.
    let why = menu.offers.get(menu.selected).and_then(|o| o.refusal.as_ref()).map(|refusal| {
        let why = words.refusal(refusal, |p| desk.known.name(p));
        rows(&t!(words, "step-refused", why = why), wide, canvas.ambiguous)
    });
    let why: Vec<String> = why.into_iter().flatten().take(REASON.into()).collect();
    let place = opened(canvas, area, count + REASON + 1, &t!(words, "dialog-steps"));
    let (place, reason) = {
        let list = place.height.saturating_sub(REASON + 1).max(1);
        (Rect { height: list, ..place }, below(place, list + 1))
    };
    canvas.line(place.x, place.bottom(), place.width);
    for (at, row) in why.iter().enumerate().take(reason.height.into()) {
        let y = reason.y + u16::try_from(at).unwrap_or(0);
        canvas.text(reason.x, y, reason.width, row, look::WARN);
    }
    let fit = usize::from(place.height);
    let top = (menu.selected + 1).saturating_sub(fit);
    for (at, offer) in menu.offers.iter().enumerate().skip(top).take(fit) {
        let y = place.y + u16::try_from(at - top).unwrap_or(0);
        let here = at == menu.selected;
        let style = if here { look::HERE } else { look::PLAIN };
        let row = Rect { y, height: 1, ..place };
        canvas.paint(row, style);
        let verb = words.deed(offer.deed);
        let used = canvas.text(place.x, y, place.width, &verb, style);
        if let Some(refusal) = &offer.refusal {
            let why = words.refusal(refusal, |p| desk.known.name(p));
            let why = t!(words, "step-refused", why = why);
            let from = place.x + used.max(24) + 1;
            let style = if here { style } else { look::DIM };
            canvas.text(from, y, place.right().saturating_sub(from), &why, style);
        }
        if here {
            canvas.point(row);
        }
    }
}

fn height(field: &FormField) -> u16 {
    match &field.input {
        Input::Line(_) | Input::Pick { .. } => 2,
        Input::Text(_) => 1 + TEXT,
        Input::Ticks { options, .. } => {
            1 + u16::try_from(options.len()).unwrap_or(CHOICES).clamp(1, CHOICES)
        }
    }
}

/// Says what the evidence gate misses in the paper that is being signed.
fn gate(desk: &Desk, words: &Words) -> Vec<String> {
    let Some(Intent::Ask(at, Verb::Sign(_))) = desk.dialog.as_ref().map(|d| &d.intent) else {
        return Vec::new();
    };
    let Some(about) = desk.about(*at) else { return Vec::new() };
    let (Some(reading), Some(record)) = (about.reading, about.record) else {
        return Vec::new();
    };
    let settled = conflict::settle(reading, &record.resolutions);
    let red = gate::gate(&settled, &about.space.state.gate_facts()).red;
    let head = (!red.is_empty()).then(|| t!(words, "panel-gate-red", n = red.len()));
    head.into_iter().chain(red.iter().map(|item| format!("- {}", words.gate_item(item)))).collect()
}

/// Draws the dialogue around the field with the cursor.
pub(super) fn draw(desk: &mut Desk, words: &Words, canvas: &mut Canvas<'_>, area: Rect) {
    let missing = gate(desk, words);
    let known = &desk.known;
    let name = |p| known.name(p);
    let Some(dialog) = &mut desk.dialog else { return };
    let asks_a_step = matches!(dialog.intent, Intent::Ask(..));
    let problem = dialog.problem.as_ref().map(|p| words.problem(p, name));
    let wide = breadth(area) - 2;
    let notes: Vec<(String, _)> = match problem {
        Some(text) => {
            rows(&text, wide, canvas.ambiguous).into_iter().map(|row| (row, look::BAD)).collect()
        }
        None if matches!(dialog.intent, Intent::Fetch(_)) => {
            let mut lines: Vec<(String, _)> = Vec::new();
            lines.extend(known.link.fetching.as_ref().map(|f| (words.fetching(f), look::HEAD)));
            if known.link.text_only {
                lines.push((t!(words, "fetch-text-only"), look::WARN));
            } else if !known.link.online {
                lines.push((t!(words, "fetch-offline"), look::WARN));
            }
            lines.push((t!(words, "fetch-how"), look::DIM));
            let wrapped = lines.into_iter().flat_map(|(text, style)| {
                rows(&text, wide, canvas.ambiguous).into_iter().map(move |row| (row, style))
            });
            wrapped.collect()
        }
        None if asks_a_step && dialog.fields.is_empty() => {
            vec![(t!(words, "dialog-confirm"), look::PLAIN)]
        }
        None => missing.into_iter().map(|text| (text, look::BAD)).collect(),
    };
    let heights: Vec<u16> = dialog.fields.iter().map(height).collect();
    let all: u16 = heights.iter().sum();
    let noted = u16::try_from(notes.len()).unwrap_or(1);
    let title = words.dialog_title(dialog);
    let place = opened(canvas, area, all + noted + 1, &title);
    let mut rest = place;
    for (text, style) in notes {
        canvas.text(rest.x, rest.y, rest.width, &text, style);
        rest = below(rest, 1);
    }
    let button = Rect { y: place.bottom() - 1, height: 1, ..place };
    rest.height = rest.height.saturating_sub(1);
    let left = fields(dialog, &heights, words, canvas, rest);
    let here = dialog.focus >= dialog.fields.len();
    let stops = matches!(dialog.intent, Intent::Fetch(_));
    let button_text = if stops { t!(words, "button-stop") } else { t!(words, "button-ok") };
    let text = format!("[ {button_text} ]");
    let style = if here { look::HERE } else { look::PLAIN };
    canvas.text(button.x, button.y, button.width, &text, style);
    if here {
        canvas.point(Rect { width: width(&text), ..button });
    }
    if left > 0 {
        let x = button.x + width(&text) + 3;
        let more = t!(words, "more-below", n = left);
        canvas.text(x, button.y, button.right().saturating_sub(x), &more, look::DIM);
    }
}

/// Draws the fields around the one with the cursor, and returns how many are further down.
fn fields(
    dialog: &mut Dialog,
    heights: &[u16],
    words: &Words,
    canvas: &mut Canvas<'_>,
    area: Rect,
) -> usize {
    let looked = dialog.looked.clone();
    let focus = dialog.focus.min(heights.len().saturating_sub(1));
    let mut top = focus;
    let mut used = heights.get(focus).copied().unwrap_or_default();
    while top > 0 && used + heights[top - 1] <= area.height {
        top -= 1;
        used += heights[top];
    }
    let mut rest = area;
    let on_button = dialog.focus >= heights.len();
    for (at, field) in dialog.fields.iter_mut().enumerate().skip(top) {
        if rest.height < heights[at].min(2) {
            return heights.len() - at;
        }
        let here = at == focus && !on_button;
        let place = Rect { height: heights[at].min(rest.height), ..rest };
        one(field, (here, looked.as_ref()), words, canvas, place);
        rest = below(rest, heights[at]);
    }
    0
}

fn one(
    field: &mut FormField,
    (here, looked): (bool, Option<&Looked>),
    words: &Words,
    canvas: &mut Canvas<'_>,
    area: Rect,
) {
    let style = if here { look::HEAD } else { look::DIM };
    let used = canvas.text(area.x, area.y, area.width, &words.label(field.label), style);
    if let Some(looked) = looked.filter(|l| field.is_path() && field.value() == l.path) {
        let found = words.found(&looked.found, field.label);
        let x = area.x + used + 2;
        canvas.text(x, area.y, area.right().saturating_sub(x), &found, look::WARN);
    }
    let inner = Rect { x: area.x + 2, width: area.width - 2, ..below(area, 1) };
    match &mut field.input {
        Input::Line(editor) => {
            canvas.editor(Rect { height: 1, ..inner }, editor, here);
        }
        Input::Text(editor) => {
            canvas.bar(area.x, inner.y, inner.height);
            canvas.editor(inner, editor, here);
        }
        Input::Pick { options, at } => pick(options, *at, here, words, canvas, inner),
        Input::Ticks { options, on, at } => {
            if options.is_empty() {
                none(here, words, canvas, inner);
            }
            let fit = usize::from(inner.height);
            let top = (*at + 1).saturating_sub(fit);
            if options.len() > fit {
                let place = t!(words, "position", at = (*at + 1), of = options.len());
                let room = width(&place);
                canvas.text(area.right().saturating_sub(room), area.y, room, &place, look::DIM);
            }
            for (n, (option, on)) in options.iter().zip(on).enumerate().skip(top).take(fit) {
                let y = inner.y + u16::try_from(n - top).unwrap_or(0);
                let row = Rect { y, height: 1, ..inner };
                let mark = if *on { "[x]" } else { "[ ]" };
                let text = format!("{mark} {}", words.shown(&option.shown));
                let cursor = here && n == *at;
                let style = if cursor { look::HERE } else { look::PLAIN };
                canvas.text(row.x, row.y, row.width, &text, style);
                if cursor {
                    canvas.point(row);
                }
            }
        }
    }
}

fn none(here: bool, words: &Words, canvas: &mut Canvas<'_>, area: Rect) {
    canvas.text(area.x, area.y, area.width, &t!(words, "options-none"), look::WARN);
    if here {
        canvas.point(Rect { height: 1, ..area });
    }
}

/// Draws the choice, between its neighbours' signs.
fn pick(
    options: &[crate::app::dialog::Choice],
    at: usize,
    here: bool,
    words: &Words,
    canvas: &mut Canvas<'_>,
    area: Rect,
) {
    let Some(option) = options.get(at) else {
        none(here, words, canvas, area);
        return;
    };
    let before = if at > 0 { "< " } else { "  " };
    let after = if at + 1 < options.len() { " >" } else { "" };
    let place = format!("  {}/{}", at + 1, options.len());
    let room = area.width.saturating_sub(4 + width(&place));
    let style = if here { look::HERE } else { look::PLAIN };
    let mut x = area.x;
    x += canvas.text(x, area.y, 2, before, look::DIM);
    x += canvas.text(x, area.y, room, &words.shown(&option.shown), style);
    x += canvas.text(x, area.y, 2, after, look::DIM);
    canvas.text(x, area.y, width(&place), &place, look::DIM);
    if here {
        canvas.point(Rect { height: 1, ..area });
    }
}
