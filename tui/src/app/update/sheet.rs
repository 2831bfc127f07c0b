//! Keys in a record: its form, a field that is being written, the menu of steps.
use shared::{
    doc::{Edit, schema::MemberType},
    model::{FieldPath, Touch, TouchKind, Touched, Value},
    workflow::{Actor, AsideReason, decide_content, state::GROUP_ROLES},
};

use super::typing::{self, From};
use crate::{
    app::{
        data::{self, Place},
        dialog::{Choice, Dialog, FormField, Intent, Label, Shown},
        effect::Effect,
        model::{Desk, FieldEdit, Model, OpenDoc, StepsMenu, Working},
        offer::{self, Deed},
        said::Said,
        sheet::{FieldRow, FieldValue},
        verb::{self, Verb},
    },
    editor::{Editor, Motion, Reach},
    input::Action,
};

/// How far a page goes.
const PAGE: usize = 10;

/// Shows a dialogue; the one left earlier with text in it, if there is one.
pub(super) fn show(desk: &mut Desk, dialog: Dialog) {
    let kept = desk.drafts.iter().position(|d| d.intent == dialog.intent);
    desk.dialog = Some(match kept {
        Some(at) => dialog.refilled(desk.drafts.remove(at)),
        None => dialog,
    });
}

/// Shows what may be done with the record.
pub(super) fn steps(desk: &mut Desk) {
    let Some(at) = desk.place() else { return };
    let Some(about) = desk.about(at) else { return };
    let offers = offer::offers(&about);
    if !offers.is_empty() {
        desk.menu = Some(StepsMenu { at, offers, selected: 0 });
    }
}

/// Keys in the menu of steps.
pub(super) fn menu(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(desk) = model.desk_mut() else { return Vec::new() };
    let Some(menu) = &mut desk.menu else { return Vec::new() };
    let last = menu.offers.len().saturating_sub(1);
    match action {
        Action::Up => menu.selected = menu.selected.saturating_sub(1),
        Action::Down => menu.selected = (menu.selected + 1).min(last),
        Action::PageUp | Action::First => menu.selected = 0,
        Action::PageDown | Action::Last => menu.selected = last,
        Action::Back => desk.menu = None,
        Action::Enter => {
            let (at, chosen) = (menu.at, menu.offers.get(menu.selected).cloned());
            let Some(chosen) = chosen else { return Vec::new() };
            desk.menu = None;
            if let Some(refusal) = chosen.refusal {
                model.said = Some(Said::Refused(refusal));
            } else {
                return take(desk, at, chosen.deed);
            }
        }
        _ => {}
    }
    Vec::new()
}

/// Begins what was chosen in the menu.
fn take(desk: &mut Desk, at: Place, deed: Deed) -> Vec<Effect> {
    match deed {
        Deed::Step(verb) => ask(desk, at, verb),
        Deed::Print => {
            let record = desk.known.space(at.space).and_then(|s| s.state.record(at.doc));
            let number = record.and_then(|r| r.number()).unwrap_or("xunji").to_owned();
            let field = FormField::line(Label::SaveAs, &format!("{number}.docx"));
            show(desk, Dialog::new(Intent::Print(at), vec![field]));
        }
        Deed::SaveFile => {
            let fields = vec![
                FormField::pick(Label::WithFile, files(desk, at)),
                FormField::line(Label::SaveAs, ""),
                FormField::pick(
                    Label::ThenOpen,
                    [false, true].map(|y| Choice::coded(y.to_string(), Shown::YesNo(y))).into(),
                ),
            ];
            show(desk, Dialog::new(Intent::SaveFile(at), fields));
        }
        Deed::History => return super::find::show_history(desk, at),
    }
    Vec::new()
}

/// The items of evidence whose files are known in the record's space.
fn files(desk: &Desk, at: Place) -> Vec<Choice> {
    let space = desk.known.space(at.space);
    let all = space.into_iter().flat_map(|s| s.state.evidence.values());
    all.filter(|r| r.evidence.file.is_some())
        .map(|r| {
            let size = data::size(r.evidence.size);
            let name = format!("{} {} {size}", r.number, r.evidence.name);
            Choice::plain(r.evidence.id.to_string(), name)
        })
        .collect()
}

fn ask(desk: &mut Desk, at: Place, verb: Verb) {
    let Some(about) = desk.about(at) else { return };
    let fields = verb::fields(verb, &about);
    show(desk, Dialog::new(Intent::Ask(at, verb), fields));
}

/// Keys in the form.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let now = model.now;
    let busy = model.busy.is_some();
    let Some(desk) = model.desk_mut() else { return Vec::new() };
    if let Action::Screen(number) = action {
        super::list::screen(desk, number);
        return close(desk);
    }
    let Some(open) = &mut desk.open else { return Vec::new() };
    let moves = open.panel || open.reading.is_none();
    let last = open.rows().len().saturating_sub(1);
    let at = if moves { &mut open.scroll } else { &mut open.focus };
    let last = if moves { usize::MAX } else { last };
    match action {
        Action::Up => *at = at.saturating_sub(1),
        Action::Down => *at = at.saturating_add(1).min(last),
        Action::PageUp => *at = at.saturating_sub(PAGE),
        Action::PageDown => *at = at.saturating_add(PAGE).min(last),
        Action::First => *at = 0,
        Action::Last if !moves => *at = last,
        Action::Panel if open.reading.is_some() => open.panel = !open.panel,
        Action::Back => return close(desk),
        Action::Search => return super::find::begin(desk),
        Action::Steps => steps(desk),
        Action::Enter if !moves => return enter(model),
        Action::AddItem if !moves => add(model),
        Action::RemoveItem if !moves => remove(model),
        Action::Sync if !busy => {
            model.busy = Some((Working::Syncing, now));
            return vec![Effect::Sync];
        }
        _ => {}
    }
    Vec::new()
}

pub(super) fn close(desk: &mut Desk) -> Vec<Effect> {
    desk.missed = None;
    desk.away = None;
    desk.open.take().map(|_| Effect::Close).into_iter().collect()
}

/// Asks the rules whether an edit would come into the document.
pub(super) fn writable(
    desk: &Desk,
    open: &OpenDoc,
    row: &FieldRow,
    kind: TouchKind,
) -> Result<(), AsideReason> {
    let Some(about) = desk.about(open.at) else { return Err(AsideReason::UnknownRecord) };
    if about.record.is_none() {
        // Begun here, and the rules have not seen it: nothing can be in its way.
        return Ok(());
    }
    let touched = Touched { birth: None, touches: vec![Touch { field: row.path.clone(), kind }] };
    let me = Actor::person(desk.known.me);
    decide_content(&about.space.state, &me, open.at.doc, &touched).map(|_| ())
}

fn focused(model: &mut Model, kind: TouchKind) -> Option<(FieldRow, &mut Desk)> {
    let desk = model.desk()?;
    let open = desk.open.as_ref()?;
    let row = open.row()?;
    match writable(desk, open, &row, kind) {
        Ok(()) => Some((row, model.desk_mut()?)),
        Err(reason) => {
            model.said = Some(Said::Aside(reason));
            None
        }
    }
}

/// Opens what the cursor is on: an item's fields, a text, a choice.
fn enter(model: &mut Model) -> Vec<Effect> {
    let Some(desk) = model.desk_mut() else { return Vec::new() };
    let Some(open) = &mut desk.open else { return Vec::new() };
    let Some(row) = open.row() else { return Vec::new() };
    if let FieldValue::Item { id, .. } = row.value {
        open.item = if open.item == Some(id) { None } else { Some(id) };
        return Vec::new();
    }
    if matches!(row.value, FieldValue::List(_)) {
        add(model);
        return Vec::new();
    }
    if row.conflict.is_some() {
        let at = open.at;
        if let Some(about) = desk.about(at) {
            match verb::probe(Verb::Resolve, &about) {
                Ok(()) => ask(desk, at, Verb::Resolve),
                Err(refusal) => model.said = Some(Said::Refused(refusal)),
            }
        }
        return Vec::new();
    }
    let kind = match row.value {
        FieldValue::Text(_) => TouchKind::Splice,
        _ => TouchKind::Set,
    };
    let Some((row, desk)) = focused(model, kind) else { return Vec::new() };
    let Some(open) = &mut desk.open else { return Vec::new() };
    let at = open.at;
    let path = row.path.clone();
    let edit = |text: String, long: bool, amount: bool| {
        let mut editor = Editor::new(&text);
        editor.go(Motion::End, Reach::Move);
        Some(FieldEdit { path: path.clone(), editor, long, amount, before: text })
    };
    match row.value {
        FieldValue::Text(text) => open.edit = edit(text, true, false),
        FieldValue::Line(text) => open.edit = edit(text, false, false),
        FieldValue::Amount(fen) => {
            open.edit = edit(fen.map(data::yuan).unwrap_or_default(), false, true);
        }
        FieldValue::Bool(yes) => {
            let edits = vec![Edit::SetField { field: path, value: Value::Bool(!yes) }];
            return wrote(open, edits);
        }
        FieldValue::Choice { value, options } => {
            let options: Vec<Choice> = options.iter().map(|o| choice(o)).collect();
            let mut field = FormField::pick(Label::Value, options);
            if let (Some(value), crate::app::dialog::Input::Pick { options, at }) =
                (value, &mut field.input)
            {
                *at = options.iter().position(|o| o.value == value).unwrap_or_default();
            }
            show(desk, Dialog::new(Intent::Set(at, path), vec![field]));
        }
        FieldValue::Person(_) => {
            let field = FormField::pick(Label::Value, people(desk, at));
            show(desk, Dialog::new(Intent::Set(at, path), vec![field]));
        }
        FieldValue::Members { .. } => add(model),
        FieldValue::List(_) | FieldValue::Item { .. } => {}
    }
    if let Some(desk) = model.desk()
        && let Some(open) = desk.open.as_ref()
        && let Some(edit) = &open.edit
    {
        return vec![Effect::Present { at: open.at, field: edit.path.0.clone() }];
    }
    Vec::new()
}

fn choice(name: &str) -> Choice {
    use shared::model::{interview::StatementTag, workpaper::Severity};
    match (StatementTag::from_name(name), Severity::from_name(name)) {
        (Some(tag), _) => Choice::coded(name, Shown::Tag(tag)),
        (_, Some(severity)) => Choice::coded(name, Shown::Severity(severity)),
        _ => Choice::plain(name, name),
    }
}

fn people(desk: &Desk, at: Place) -> Vec<Choice> {
    let space = desk.known.space(at.space);
    let all = space.into_iter().flat_map(|s| s.state.members.values());
    all.map(|m| Choice::plain(m.person.to_string(), &m.name)).collect()
}

/// Adds an item to the list, or a member to the set, that the cursor is in.
fn add(model: &mut Model) {
    let Some((row, desk)) = focused(model, TouchKind::Add) else { return };
    let Some(at) = desk.open.as_ref().map(|o| o.at) else { return };
    let dialog = match (&row.value, row.list) {
        (FieldValue::Members { ty, .. }, _) => {
            let field = match ty {
                MemberType::Label => FormField::line(Label::Member, ""),
                MemberType::Id => FormField::pick(Label::Member, candidates(desk, at, row.key)),
            };
            Dialog::new(Intent::AddMember(at, row.path), vec![field])
        }
        (_, Some(list)) => Dialog::new(Intent::AddItem(at, list), item_fields(list)),
        _ => return,
    };
    show(desk, dialog);
}

/// The fields asked for when an item is added; the others are filled in afterwards.
fn item_fields(list: &str) -> Vec<FormField> {
    use shared::model::interview::StatementTag;
    match list {
        "statements" => vec![
            FormField::pick(
                Label::Tag,
                StatementTag::ALL.map(|t| Choice::coded(t.name(), Shown::Tag(t))).into(),
            ),
            FormField::text(Label::Text, ""),
        ],
        "criteria" => vec![
            FormField::line(Label::Instrument, ""),
            FormField::line(Label::Article, "").or_empty(),
            FormField::line(Label::Version, "").or_empty(),
        ],
        "actions" => vec![
            FormField::line(Label::What, ""),
            FormField::line(Label::Who, ""),
            FormField::line(Label::Due, "").or_empty(),
        ],
        _ => vec![FormField::text(Label::Text, "")],
    }
}

/// What a set of ids may hold.
fn candidates(desk: &Desk, at: Place, key: &str) -> Vec<Choice> {
    let Some(space) = desk.known.space(at.space) else { return Vec::new() };
    match key {
        "interviewers" => space
            .state
            .holders(GROUP_ROLES, desk.known.now)
            .map(|m| Choice::plain(m.person.to_string(), &m.name))
            .collect(),
        "workpapers" => space
            .state
            .matters(|m| m.workpaper())
            .map(|(r, _)| {
                let number = r.number().unwrap_or_default();
                let title = crate::app::list::title(space, r);
                Choice::plain(r.doc.to_string(), format!("{number} {title}"))
            })
            .collect(),
        _ => {
            let all = space.state.evidence.values();
            all.map(|r| {
                Choice::plain(
                    r.evidence.id.to_string(),
                    format!("{} {}", r.number, r.evidence.name),
                )
            })
            .collect()
        }
    }
}

/// Takes out the item or a member, with a reason.
fn remove(model: &mut Model) {
    let Some((row, desk)) = focused(model, TouchKind::Remove) else { return };
    let Some(at) = desk.open.as_ref().map(|o| o.at) else { return };
    let dialog = match row.value {
        FieldValue::Item { .. } => {
            let reason = vec![FormField::text(Label::Reason, "")];
            Dialog::new(Intent::RemoveItem(at, row.path), reason)
        }
        FieldValue::Members { members, ty } if !members.is_empty() => {
            let known =
                if ty == MemberType::Id { candidates(desk, at, row.key) } else { Vec::new() };
            let options = members
                .into_iter()
                .map(|m| {
                    let id = canonical(&m);
                    known.iter().find(|c| c.value == id).cloned().unwrap_or(Choice::plain(id, m))
                })
                .collect();
            let fields =
                vec![FormField::pick(Label::Member, options), FormField::text(Label::Reason, "")];
            Dialog::new(Intent::RemoveMember(at, row.path), fields)
        }
        _ => return,
    };
    show(desk, dialog);
}

/// Writes an id as documents store it; a label stays as it is.
pub(super) fn canonical(member: &str) -> String {
    let id = member.parse::<shared::model::DocId>();
    id.map_or_else(|_| member.to_owned(), |id| id.to_string())
}

/// Keys inside a field.
pub(super) fn edit(model: &mut Model, action: Action, said: Option<Said>) -> Vec<Effect> {
    let now = model.now;
    let long = model.context() == crate::input::Context::Text;
    if action == Action::Back || (action == Action::Enter && !long) {
        if action == Action::Back && said == Some(Said::NotAnAmount) && holds_no_amount(model) {
            return discard(model);
        }
        return write_through(model);
    }
    let Some(open) = model.desk_mut().and_then(|d| d.open.as_mut()) else { return Vec::new() };
    let Some(edit) = &mut open.edit else { return Vec::new() };
    let typed = typing::act(&mut edit.editor, action, now);
    let mut effects = spliced(open, typed.splices);
    if let Some(text) = typed.copied {
        effects.push(Effect::Copy(text));
        model.said = Some(Said::Copied);
    }
    effects
}

/// Text inside a field.
pub(super) fn typed(model: &mut Model, text: &str, from: From) -> Vec<Effect> {
    let now = model.now;
    let Some(open) = model.desk_mut().and_then(|d| d.open.as_mut()) else { return Vec::new() };
    let Some(edit) = &mut open.edit else { return Vec::new() };
    let splices = typing::insert(&mut edit.editor, text, edit.long, from, now);
    spliced(open, splices)
}

fn spliced(open: &mut OpenDoc, splices: Vec<crate::editor::Splice>) -> Vec<Effect> {
    let Some(edit) = open.edit.as_ref().filter(|e| e.long) else { return Vec::new() };
    let field = edit.path.clone();
    let edits: Vec<Edit> = splices
        .into_iter()
        .map(|s| Edit::SpliceText {
            field: field.clone(),
            at: s.at,
            delete: s.delete,
            insert: s.insert,
        })
        .collect();
    if edits.is_empty() { Vec::new() } else { wrote(open, edits) }
}

/// Makes the effect of edits in the open document.
pub(super) fn wrote(open: &mut OpenDoc, edits: Vec<Edit>) -> Vec<Effect> {
    open.edits_made += edits.len() as u64;
    vec![Effect::Edit { at: open.at, edits, edits_made: open.edits_made }]
}

/// Tells whether a field of money holds something else.
pub(super) fn holds_no_amount(model: &Model) -> bool {
    let edit = model.desk().and_then(|d| d.open.as_ref()).and_then(|o| o.edit.as_ref());
    edit.filter(|e| e.amount).is_some_and(|e| {
        let text = e.editor.text();
        text != e.before && !text.trim().is_empty() && data::fen(&text).is_none()
    })
}

/// Leaves the field that is being written as it was.
pub(super) fn discard(model: &mut Model) -> Vec<Effect> {
    let Some(open) = model.desk_mut().and_then(|d| d.open.as_mut()) else { return Vec::new() };
    open.edit = None;
    vec![Effect::Present { at: open.at, field: String::new() }]
}

/// Leaves the field that is being written; a line is written now.
pub(super) fn write_through(model: &mut Model) -> Vec<Effect> {
    let Some(open) = model.desk_mut().and_then(|d| d.open.as_mut()) else { return Vec::new() };
    let Some(edit) = open.edit.take() else { return Vec::new() };
    let at = open.at;
    let mut effects = Vec::new();
    let text = edit.editor.text();
    if !edit.long && text != edit.before {
        let value = match (edit.amount, text.trim()) {
            (_, "") => Some(Value::Empty),
            (true, amount) => data::fen(amount).map(Value::Int),
            (false, line) => Some(Value::Text(line.to_owned())),
        };
        let Some(value) = value else {
            // Not an amount: it stays in the field until it is one, or is given up.
            open.edit = Some(edit);
            model.said = Some(Said::NotAnAmount);
            return Vec::new();
        };
        let field: FieldPath = edit.path;
        effects = wrote(open, vec![Edit::SetField { field, value }]);
    }
    effects.push(Effect::Present { at, field: String::new() });
    effects
}
