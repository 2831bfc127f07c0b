//! Searching everything held here, and reading what happened to a record.
use super::{list, sheet};
use crate::{
    app::{
        effect::Effect,
        model::{Desk, HistoryPage, Model, Search},
    },
    input::Action,
};

/// How far a page goes.
const PAGE: usize = 10;

/// Shows the search; what was sought last is still there.
pub(super) fn begin(desk: &mut Desk) -> Vec<Effect> {
    let effects = sheet::close(desk);
    desk.search.get_or_insert_default();
    effects
}

/// Keys in the search.
pub(super) fn search(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(desk) = model.desk_mut() else { return Vec::new() };
    let Some(search) = &mut desk.search else { return Vec::new() };
    let last = search.hits.as_ref().map_or(0, |h| h.len().saturating_sub(1));
    match action {
        Action::Up => search.selected = search.selected.saturating_sub(1),
        Action::Down => search.selected = (search.selected + 1).min(last),
        Action::PageUp => search.selected = search.selected.saturating_sub(PAGE),
        Action::PageDown => search.selected = (search.selected + PAGE).min(last),
        Action::Backspace => {
            search.text.pop();
            return sought(search);
        }
        Action::Back => desk.search = None,
        Action::Enter => return list::open(desk),
        _ => {}
    }
    Vec::new()
}

/// Text in the search.
pub(super) fn typed(model: &mut Model, text: &str) -> Vec<Effect> {
    let Some(search) = model.desk_mut().and_then(|d| d.search.as_mut()) else {
        return Vec::new();
    };
    search.text.extend(text.chars().filter(|c| !c.is_control()));
    sought(search)
}

fn sought(search: &mut Search) -> Vec<Effect> {
    search.selected = 0;
    search.hits = None;
    if search.text.trim().is_empty() {
        return Vec::new();
    }
    vec![Effect::Search { text: search.text.clone() }]
}

/// Has what happened to a record read, and shows it once it is.
pub(super) fn show_history(desk: &mut Desk, at: crate::app::Place) -> Vec<Effect> {
    desk.history = Some(HistoryPage { at, happened: None, top: 0 });
    vec![Effect::History(at)]
}

/// Keys on the page of what happened.
pub(super) fn history(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(desk) = model.desk_mut() else { return Vec::new() };
    let Some(page) = &mut desk.history else { return Vec::new() };
    match action {
        Action::Up => page.top = page.top.saturating_sub(1),
        Action::Down => page.top += 1,
        Action::PageUp => page.top = page.top.saturating_sub(PAGE),
        Action::PageDown => page.top += PAGE,
        Action::First => page.top = 0,
        Action::Last => page.top = usize::MAX,
        Action::Back => desk.history = None,
        _ => {}
    }
    Vec::new()
}
