//! What may be done now: the footer names only keys that do something.
use shared::model::TouchKind;

use super::sheet;
use crate::{
    app::{
        dialog::Input,
        list,
        model::{Desk, Model, OpenDoc, Phase, Tab},
        sheet::{FieldRow, FieldValue},
    },
    input::{Action, Context},
};

/// Tells whether an action does something where the model is.
pub fn can(model: &Model, action: Action) -> bool {
    if action == Action::Help {
        return true;
    }
    match model.context() {
        Context::Help => matches!(action, Action::Back | Action::PageDown),
        Context::Unlock => match &model.phase {
            Phase::Locked(lock) => {
                let enter = action == Action::Enter && !lock.typed.is_empty();
                model.busy.is_none() && (enter || action == Action::Quit)
            }
            Phase::Open(_) => false,
        },
        Context::Filter => action == Action::Back,
        Context::History => match action {
            Action::Back => true,
            Action::PageUp => {
                model.desk().is_some_and(|d| d.history.as_ref().is_some_and(|h| h.top > 0))
            }
            _ => false,
        },
        Context::Search => match action {
            Action::Back => true,
            Action::Enter => model.desk().is_some_and(|d| d.place().is_some()),
            _ => false,
        },
        Context::Menu => matches!(action, Action::Enter | Action::Back),
        context => model.desk().is_some_and(|desk| match context {
            Context::List => in_list(model, desk, action),
            Context::Sheet => {
                desk.open.as_ref().is_some_and(|open| in_sheet(model, desk, open, action))
            }
            Context::Text | Context::Line => {
                let edit = desk.open.as_ref().and_then(|o| o.edit.as_ref());
                match action {
                    Action::Undo => edit.is_some_and(|e| e.editor.can_undo()),
                    Action::Enter | Action::Back => true,
                    _ => false,
                }
            }
            _ => in_dialog(desk, action),
        }),
    }
}

fn in_list(model: &Model, desk: &Desk, action: Action) -> bool {
    let rows = desk.rows();
    match action {
        Action::Enter => !rows.is_empty(),
        Action::Steps => desk.place().is_some_and(|at| has_steps(desk, at)),
        Action::New => begins(desk),
        Action::Filter => !rows.is_empty() || !desk.list().filter.is_empty(),
        Action::Search => true,
        Action::Sync => model.busy.is_none(),
        Action::TextOnly => desk.tab == Tab::Sync,
        Action::Quit => desk.tab == Tab::Today,
        Action::Export | Action::Import => desk.tab == Tab::Sync && model.busy.is_none(),
        _ => false,
    }
}

/// Tells whether a record of the screen's kind may be begun here.
pub(super) fn begins(desk: &Desk) -> bool {
    use shared::model::DocKind;
    let home = |kind| list::home_of(&desk.known, kind).is_some();
    match desk.tab {
        Tab::Interviews => home(DocKind::Interview),
        // A question is put in the space where the group writes its papers.
        Tab::Workpapers | Tab::Consultations => home(DocKind::Workpaper),
        Tab::Notices => home(DocKind::Notice),
        Tab::Today | Tab::Sync | Tab::Board => false,
    }
}

fn has_steps(desk: &Desk, at: crate::app::Place) -> bool {
    desk.about(at).is_some_and(|a| a.record.is_some())
}

fn in_sheet(model: &Model, desk: &Desk, open: &OpenDoc, action: Action) -> bool {
    let form = open.reading.is_some();
    let row = open.row();
    match action {
        Action::Back => true,
        Action::Steps => has_steps(desk, open.at),
        Action::Search => true,
        Action::Sync => model.busy.is_none(),
        Action::Panel => form,
        Action::PageDown => (open.panel || !form) && open.beyond,
        Action::Enter => !open.panel && row.is_some(),
        Action::AddItem => !open.panel && row.is_some_and(|r| adds(desk, open, &r)),
        Action::RemoveItem => {
            !open.panel
                && row.is_some_and(|r| match &r.value {
                    FieldValue::Item { .. } => true,
                    FieldValue::Members { members, .. } => !members.is_empty(),
                    _ => false,
                })
        }
        _ => false,
    }
}

/// Tells whether something may be added to the list or the set that a row belongs to.
pub fn adds(desk: &Desk, open: &OpenDoc, row: &FieldRow) -> bool {
    let takes = row.list.is_some() || is_set(&row.value);
    takes && sheet::writable(desk, open, row, TouchKind::Add).is_ok()
}

fn is_set(value: &FieldValue) -> bool {
    matches!(value, FieldValue::Members { .. })
}

fn in_dialog(desk: &Desk, action: Action) -> bool {
    let Some(dialog) = &desk.dialog else { return false };
    let input = dialog.fields.get(dialog.focus).map(|f| &f.input);
    match action {
        Action::Enter | Action::Back => true,
        Action::NextField => !dialog.fields.is_empty(),
        Action::Toggle => {
            matches!(input, Some(Input::Ticks { options, .. }) if !options.is_empty())
        }
        Action::Right => {
            matches!(input, Some(Input::Pick { options, at }) if at + 1 < options.len())
        }
        Action::Left => matches!(input, Some(Input::Pick { at, .. }) if *at > 0),
        Action::Undo => match input {
            Some(Input::Line(e) | Input::Text(e)) => e.can_undo(),
            _ => false,
        },
        _ => false,
    }
}
