//! What the laptop says.
use shared::model::{Body, Reading};

use crate::app::{
    data::{Fetching, Place},
    dialog::{Dialog, Intent, Problem},
    effect::Effect,
    message::News,
    model::{Away, Desk, Missed, Model, OpenDoc, Phase, Unlock},
    said::Said,
};

/// A minute, in milliseconds.
const MINUTE: i64 = 60_000;

pub(super) fn heard(model: &mut Model, news: News) -> Vec<Effect> {
    match news {
        News::Snapshot(known) => match &mut model.phase {
            Phase::Open(desk) => {
                link_changed(desk, known.link.online);
                let on = desk.rows().get(desk.list().selected).map(|r| r.at);
                desk.known = *known;
                keep_selection(desk, on);
                settle(desk);
            }
            Phase::Locked(_) => {
                model.busy = None;
                model.phase = Phase::Open(Box::new(Desk::new(*known)));
            }
        },
        News::Reading { at, reading, authors, edits } => {
            let Some(desk) = model.desk_mut() else { return Vec::new() };
            let online = desk.known.link.online;
            if let Some(open) = desk.open.as_mut().filter(|o| o.at == at) {
                open.authors = authors;
                take_over(open, *reading, edits);
            }
            settle(desk);
            if online {
                back(desk);
            }
        }
        News::Files(left) => {
            if let Some(desk) = model.desk_mut() {
                desk.known.link.files = left;
            }
        }
        News::Fetching(now) => fetching(model, now),
        News::Begun(at) => {
            if let Some(desk) = model.desk_mut() {
                desk.open = Some(OpenDoc::new(at));
                desk.search = None;
                // Whoever leaves it again is on its row.
                keep_selection(desk, Some(at));
                model.said = Some(Said::Begun);
                return vec![Effect::Open(at)];
            }
        }
        News::Looked(looked) => {
            if let Some(dialog) = model.desk_mut().and_then(|d| d.dialog.as_mut()) {
                super::dialog::looked(dialog, looked);
            }
        }
        News::Hits { text, hits } => {
            let search = model.desk_mut().and_then(|d| d.search.as_mut());
            if let Some(search) = search.filter(|s| s.text == text) {
                search.hits = Some(hits);
            }
        }
        News::History { at, happened } => {
            let page = model.desk_mut().and_then(|d| d.history.as_mut());
            if let Some(page) = page.filter(|p| p.at == at) {
                // What happened last is what people look for.
                page.happened = Some(happened);
                page.top = usize::MAX;
            }
        }
        News::Said(said) => {
            if said != Said::ChangedByOthers
                && let Some(desk) = model.desk_mut()
            {
                desk.sent = None;
                // What was waited for is here, or nobody waits for it any more.
                if matches!(said, Said::Written(_) | Said::FetchStopped(_)) {
                    desk.dialog.take_if(|d| matches!(d.intent, Intent::Fetch(_)));
                }
            }
            model.busy = None;
            model.said = Some(said);
        }
        News::Failed(failure) => {
            model.busy = None;
            if let Some(desk) = model.desk_mut()
                && let Some(sent) = desk.sent.take()
            {
                // What was filled in is shown again, with what went wrong.
                let problem = Some(Problem::Failed(failure));
                let again = Dialog { problem, ..sent };
                match desk.dialog {
                    None => desk.dialog = Some(again),
                    Some(_) => desk.drafts.push(again),
                }
            } else {
                model.said = Some(Said::Failed(failure));
            }
        }
        News::Finished => model.busy = None,
        News::Locked => {
            model.busy = None;
            model.phase = Phase::Locked(Unlock::default());
        }
    }
    Vec::new()
}

/// Shows how far the file is. The dialogue that asked for it gives way to one that waits.
fn fetching(model: &mut Model, now: Option<Fetching>) {
    let Some(desk) = model.desk_mut() else { return };
    let asked = desk.sent.as_ref().is_some_and(|d| matches!(d.intent, Intent::SaveFile(_)));
    if let Some(now) = now.as_ref().filter(|_| asked) {
        desk.sent = None;
        let waits = Dialog::new(Intent::Fetch(now.evidence), Vec::new());
        desk.dialog.get_or_insert(waits);
        desk.known.link.fetching = Some(now.clone());
        model.busy = None;
        return;
    }
    if now.is_none() {
        desk.dialog.take_if(|d| matches!(d.intent, Intent::Fetch(_)));
    }
    desk.known.link.fetching = now;
}

/// Keeps the cursor on the record it is on when rows came or went.
fn keep_selection(desk: &mut Desk, on: Option<Place>) {
    let rows = desk.rows();
    let list = desk.list_mut();
    if on.is_none() || rows.get(list.selected).map(|r| r.at) != on {
        let again = rows.iter().position(|r| Some(r.at) == on);
        list.selected = again.unwrap_or(list.selected).min(rows.len().saturating_sub(1));
    }
}

/// Takes note of how conflicts of the open record were settled.
fn settle(desk: &mut Desk) {
    let Some(open) = &mut desk.open else { return };
    let space = desk.known.spaces.iter().find(|s| s.id == open.at.space);
    let record = space.and_then(|s| s.state.record(open.at.doc));
    open.resolutions = record.map(|r| r.resolutions.clone()).unwrap_or_default();
}

/// Shows what the document says now. A field that is being written follows once everything
/// written here is in the reading; until then it is ahead.
fn take_over(open: &mut OpenDoc, reading: Reading, edits: u64) {
    let focus = open.row().map(|r| r.path);
    open.reading = Some(reading);
    let rows = open.rows();
    if let Some(at) = focus.and_then(|path| rows.iter().position(|r| r.path == path)) {
        open.focus = at;
    }
    open.focus = open.focus.min(rows.len().saturating_sub(1));
    if edits < open.edits_made {
        return;
    }
    if let Some(edit) = open.edit.as_mut().filter(|e| e.long)
        && let Some(row) = rows.iter().find(|r| r.path == edit.path)
        && let crate::app::sheet::FieldValue::Text(text) = &row.value
        && edit.editor.text() != *text
    {
        edit.editor.resync(text);
    }
}

fn positions(desk: &Desk) -> Option<usize> {
    match &desk.open.as_ref()?.reading.as_ref()?.body {
        Body::Consultation(c) => Some(c.positions.len()),
        _ => None,
    }
}

/// Remembers when the link went, if a consultation is on the screen.
fn link_changed(desk: &mut Desk, online: bool) {
    let was = desk.known.link.online;
    if was && !online {
        let since = desk.known.now;
        desk.away = positions(desk).map(|positions| Away { since, positions });
        desk.missed = None;
    }
}

/// Tells what was missed, with the first reading after the link came back.
fn back(desk: &mut Desk) {
    let (Some(away), Some(positions)) = (desk.away, positions(desk)) else { return };
    desk.away = None;
    let minutes = desk.known.now.since(away.since).max(0) / MINUTE;
    desk.missed = Some(Missed { minutes, positions: positions.saturating_sub(away.positions) });
}
