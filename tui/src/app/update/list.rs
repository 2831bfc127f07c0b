//! Keys in a list.
use shared::model::DocKind;

use super::{can, can::begins, find, sheet};
use crate::{
    app::{
        dialog::{Choice, Dialog, FormField, Input, Intent, Label},
        effect::Effect,
        list,
        model::{Desk, Model, OpenDoc, Tab, Working},
        offer::About,
        said::Said,
        verb::{self, Verb},
    },
    input::{Action, Context},
};

/// How far a page goes.
const PAGE: usize = 10;

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let filtering = model.context() == Context::Filter;
    let busy = model.busy.is_some();
    let now = model.now;
    let Some(desk) = model.desk_mut() else { return Vec::new() };
    let rows = desk.rows().len();
    let last = rows.saturating_sub(1);
    let list = desk.list_mut();
    match action {
        Action::Up => list.selected = list.selected.saturating_sub(1),
        Action::Down => list.selected = (list.selected + 1).min(last),
        Action::PageUp => list.selected = list.selected.saturating_sub(PAGE),
        Action::PageDown => list.selected = (list.selected + PAGE).min(last),
        Action::First => list.selected = 0,
        Action::Last => list.selected = last,
        Action::Backspace if filtering => {
            list.filter.pop();
            list.selected = 0;
        }
        Action::Enter if filtering => list.filtering = false,
        Action::Back => {
            list.filtering = false;
            list.filter.clear();
            list.selected = list.selected.min(last);
        }
        Action::Filter => list.filtering = true,
        Action::Screen(n) => screen(desk, n),
        Action::Enter => return open(desk),
        Action::Steps => sheet::steps(desk),
        Action::Search => return find::begin(desk),
        Action::New if begins(desk) => begin(desk),
        Action::New if desk.tab.begins() && list::lacks_a_stay(&desk.known) => {
            model.said = Some(Said::NoStay);
        }
        Action::Sync if !busy => {
            model.busy = Some((Working::Syncing, now));
            return vec![Effect::Sync];
        }
        Action::TextOnly if can(model, action) => {
            let Some(desk) = model.desk_mut() else { return Vec::new() };
            // Shown at once; what the laptop says next has it too.
            let on = !desk.known.link.text_only;
            desk.known.link.text_only = on;
            return vec![Effect::TextOnly(on)];
        }
        Action::Export if can(model, action) => file(model, Intent::Export),
        Action::Import if can(model, action) => file(model, Intent::Import),
        _ => {}
    }
    Vec::new()
}

/// Shows a main screen.
pub(super) fn screen(desk: &mut Desk, number: u8) {
    if let Some(tab) = Tab::ALL.get(usize::from(number).wrapping_sub(1)) {
        desk.tab = *tab;
    }
}

pub(super) fn open(desk: &mut Desk) -> Vec<Effect> {
    let Some(at) = desk.place() else { return Vec::new() };
    desk.open = Some(OpenDoc::new(at));
    desk.missed = None;
    let space = desk.known.space(at.space);
    let has_text = space.is_some_and(|s| {
        s.lines.contains_key(&at.doc) || s.state.record(at.doc).is_some_and(|r| r.text.is_some())
    });
    if !has_text {
        return Vec::new();
    }
    vec![Effect::Open(at), Effect::Present { at, field: String::new() }]
}

fn file(model: &mut Model, intent: Intent) {
    if let Some(desk) = model.desk_mut() {
        sheet::show(desk, Dialog::new(intent, vec![FormField::line(Label::File, "")]));
    }
}

/// Asks for what a new record of the screen's kind cannot be without.
fn begin(desk: &mut Desk) {
    let kind = match desk.tab {
        Tab::Interviews => DocKind::Interview,
        Tab::Notices => DocKind::Notice,
        _ => DocKind::Workpaper,
    };
    let homes: Vec<_> = list::homes_of(&desk.known, kind).collect();
    let Some(space) = homes.first() else { return };
    let id = space.id;
    let mut dialog = match desk.tab {
        Tab::Consultations => {
            let at =
                crate::app::Place { space: id, doc: shared::model::DocId::from_bytes([0; 16]) };
            let about = About {
                known: &desk.known,
                space,
                record: None,
                reading: None,
                authors: None,
                at,
                now: desk.known.now,
            };
            let fields = verb::fields(Verb::Raise, &about);
            Dialog::new(Intent::Ask(at, Verb::Raise), fields)
        }
        Tab::Interviews => {
            let me = desk.known.me;
            let roles = shared::workflow::state::GROUP_ROLES;
            let mut people: Vec<_> = Vec::new();
            for m in homes.iter().flat_map(|s| s.state.holders(roles, desk.known.now)) {
                if people.iter().all(|(p, _)| *p != m.person) {
                    people.push((m.person, m.name.clone()));
                }
            }
            let on = people.iter().map(|(p, _)| *p == me).collect();
            let options =
                people.iter().map(|(p, name)| Choice::plain(p.to_string(), name)).collect();
            Dialog::new(
                Intent::Begin(id, kind),
                vec![
                    FormField::line(Label::Interviewee, ""),
                    FormField::line(Label::Post, "").or_empty(),
                    FormField::line(Label::Section, "").or_empty(),
                    FormField {
                        label: Label::Interviewers,
                        input: Input::Ticks { options, on, at: 0 },
                        optional: false,
                        lent: false,
                    },
                ],
            )
        }
        _ => Dialog::new(Intent::Begin(id, kind), vec![FormField::line(Label::Title, "")]),
    };
    if homes.len() > 1 {
        // For which unit is never guessed.
        let units = homes.iter().map(|s| Choice::plain(s.id.to_string(), s.unit())).collect();
        dialog.fields.insert(0, FormField::pick(Label::Unit, units));
    }
    sheet::show(desk, dialog);
}
