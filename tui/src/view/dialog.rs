//! Dialogues and the menu of steps, before everything else.
use ratatui::{layout::Rect, style::Style};
use shared::workflow::{
    conflict,
    gate::{self, GateItem},
    notice::DeskState,
};

use super::{
    below,
    canvas::{Canvas, look, rows, width},
};
use crate::{
    app::{
        Desk,
        data::{Place, SpaceView},
        dialog::{Choice, Dialog, FormField, Input, Intent, Label, Looked},
        offer::About,
        verb::{self, Verb},
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
        let why = words.refusal(refusal, |p| words.person(&desk.known, p));
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
            let why = words.refusal(refusal, |p| words.person(&desk.known, p));
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
fn gate(about: &About<'_>, words: &Words) -> Vec<String> {
    let (Some(reading), Some(record)) = (about.reading, about.record) else {
        return Vec::new();
    };
    let settled = conflict::settle(reading, &record.resolutions);
    let red = gate::gate(&settled, &about.space.state.gate_facts()).red;
    let head = (!red.is_empty()).then(|| t!(words, "panel-gate-red", n = red.len()));
    let item = |item: &GateItem| {
        let text = words.gate_item(item);
        match item {
            // No reason stands in for a judgement.
            GateItem::Conflicted { .. } => t!(words, "gate-conflicted-first", item = text),
            _ => text,
        }
    };
    head.into_iter().chain(red.iter().map(|i| format!("- {}", item(i)))).collect()
}

/// Says what a step will bring about, and what has to be known before it.
fn notes(desk: &Desk, words: &Words) -> Vec<(String, Style)> {
    let Some(dialog) = &desk.dialog else { return Vec::new() };
    let Intent::Ask(at, verb) = dialog.intent else { return Vec::new() };
    let Some(about) = desk.about(at) else { return Vec::new() };
    match verb {
        Verb::Sign(_) => {
            let missing = gate(&about, words).into_iter().map(|text| (text, look::BAD));
            [(words.confirmation(verb), look::PLAIN)].into_iter().chain(missing).collect()
        }
        Verb::AdoptLate if about.record.is_some_and(|r| r.standing().is_some()) => {
            vec![(t!(words, "adopting-makes-stale"), look::WARN)]
        }
        Verb::ExtendDeadline => {
            let desk = about.record.and_then(|r| r.matter.desk());
            let from = |d: &DeskState| {
                t!(words, "extend-from", due = d.due.to_string(), exit = d.exit_on.to_string())
            };
            desk.map(|d| (from(d), look::PLAIN)).into_iter().collect()
        }
        _ if dialog.fields.is_empty() => vec![(words.confirmation(verb), look::PLAIN)],
        _ => Vec::new(),
    }
}

/// Heads a dialogue, with the unit or the field that it is about.
fn title(desk: &Desk, dialog: &Dialog, words: &Words) -> String {
    let title = words.dialog_title(dialog);
    match dialog.intent {
        Intent::Ask(at, Verb::Resolve) => {
            let about = desk.about(at);
            let conflict = about.as_ref().and_then(verb::first_conflict);
            conflict.map_or(title, |c| t!(words, "dialog-resolve", field = words.field(&c.field)))
        }
        Intent::Begin(space, _) | Intent::Ask(Place { space, .. }, Verb::Raise)
            if dialog.fields.iter().all(|f| f.label != Label::Unit) =>
        {
            match desk.known.space(space).map(SpaceView::unit) {
                Some(unit) if !unit.is_empty() => {
                    t!(words, "dialog-titled", title = title, of = unit)
                }
                _ => title,
            }
        }
        _ => title,
    }
}

/// Draws the dialogue around the field with the cursor.
pub(super) fn draw(desk: &mut Desk, words: &Words, canvas: &mut Canvas<'_>, area: Rect) {
    let said = notes(desk, words);
    let Some(title) = desk.dialog.as_ref().map(|d| title(desk, d, words)) else { return };
    let known = &desk.known;
    let name = |p| words.person(known, p);
    let Some(dialog) = &mut desk.dialog else { return };
    let problem = dialog.problem.as_ref().map(|p| words.problem(p, name));
    let wide = breadth(area) - 2;
    let mut lines: Vec<(String, Style)> = Vec::new();
    match problem {
        Some(text) => lines.push((text, look::BAD)),
        None if matches!(dialog.intent, Intent::Fetch(_)) => {
            lines.extend(known.link.fetching.as_ref().map(|f| (words.fetching(f), look::HEAD)));
            if known.link.text_only {
                lines.push((t!(words, "fetch-text-only"), look::WARN));
            } else if !known.link.online {
                lines.push((t!(words, "fetch-offline"), look::WARN));
            }
            lines.push((t!(words, "fetch-how"), look::DIM));
        }
        None if dialog.kept => lines.push((t!(words, "dialog-kept"), look::DIM)),
        None => {}
    }
    // What is missing is said still, now that it is in the way.
    lines.extend(said);
    let broken = |(text, style): &(String, Style)| {
        let parts = rows(text, wide, canvas.ambiguous);
        parts.into_iter().map(|part| (part, *style)).collect::<Vec<_>>()
    };
    let mut notes: Vec<(String, Style)> = lines.iter().flat_map(broken).collect();
    let heights: Vec<u16> = dialog.fields.iter().map(height).collect();
    let all: u16 = heights.iter().sum();
    // The field with the cursor keeps its room, and so does the button.
    let room = usize::from(area.height.saturating_sub(3 + all.min(1 + TEXT)));
    if notes.len() > room {
        let left = notes.len() + 1 - room;
        notes.truncate(room.saturating_sub(1));
        notes.push((t!(words, "more-below", n = left), look::DIM));
    }
    let noted = u16::try_from(notes.len()).unwrap_or(1);
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
    let labels = labels(dialog, words);
    // A set of evidence is chosen from under the label of every set.
    let evidence = matches!(&dialog.intent, Intent::AddMember(_, path)
        if path.0.ends_with("evidence") || path.0.ends_with("refs"));
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
        let of = if evidence { Label::Evidence } else { field.label };
        one(field, &labels[at], (here, looked.as_ref(), of), words, canvas, place);
        rest = below(rest, heights[at]);
    }
    0
}

/// Says what each field asks for; of groups that repeat, the how-manieth it is.
fn labels(dialog: &Dialog, words: &Words) -> Vec<String> {
    let fields = &dialog.fields;
    let alike = |of: &[FormField], label| of.iter().filter(|f| f.label == label).count();
    let first = fields.iter().find(|f| alike(fields, f.label) > 1).map(|f| f.label);
    let name = |(at, field): (usize, &FormField)| {
        if alike(fields, field.label) == 1 {
            return words.label(field.label);
        }
        let n = alike(&fields[..=at], field.label);
        let label = words.numbered(field.label, n);
        if n > 1 && Some(field.label) == first {
            words.bracketed(label, t!(words, "label-may-stay-empty"))
        } else {
            label
        }
    };
    fields.iter().enumerate().map(name).collect()
}

fn one(
    field: &mut FormField,
    label: &str,
    (here, looked, of): (bool, Option<&Looked>, Label),
    words: &Words,
    canvas: &mut Canvas<'_>,
    area: Rect,
) {
    let style = if here { look::HEAD } else { look::DIM };
    let used = canvas.text(area.x, area.y, area.width, label, style);
    if let Some(looked) = looked.filter(|l| field.is_path() && field.value() == l.path) {
        let found = words.found(&looked.found, field.label);
        let x = area.x + used + 2;
        canvas.text(x, area.y, area.right().saturating_sub(x), &found, look::WARN);
    }
    let inner = Rect { x: area.x + 2, width: area.width - 2, ..below(area, 1) };
    let nothing = &words.no_options(of);
    match &mut field.input {
        Input::Line(editor) => {
            canvas.editor(Rect { height: 1, ..inner }, editor, here);
        }
        Input::Text(editor) => {
            canvas.bar(area.x, inner.y, inner.height);
            canvas.editor(inner, editor, here);
        }
        Input::Pick { options, at } => match options.get(*at) {
            Some(option) => pick(option, (*at, options.len()), here, words, canvas, inner),
            None => none(nothing, here, canvas, inner),
        },
        Input::Ticks { options, on, at } => {
            if options.is_empty() {
                none(nothing, here, canvas, inner);
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

fn none(why: &str, here: bool, canvas: &mut Canvas<'_>, area: Rect) {
    canvas.text(area.x, area.y, area.width, why, look::WARN);
    if here {
        canvas.point(Rect { height: 1, ..area });
    }
}

/// Draws the choice, between its neighbours' signs.
fn pick(
    option: &Choice,
    (at, of): (usize, usize),
    here: bool,
    words: &Words,
    canvas: &mut Canvas<'_>,
    area: Rect,
) {
    let before = if at > 0 { "< " } else { "  " };
    let after = if at + 1 < of { " >" } else { "" };
    let place = format!("  {}/{of}", at + 1);
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
