//! Keys in a dialogue, and what is done once it is accepted.
use std::collections::BTreeMap;

use shared::{
    doc::{Birth, Edit, write::Initial},
    model::{Digest, DocId, DocKind, FieldPath, ItemId, Value, evidence::Evidence},
    workflow::{Command, Refusal, command::TriageOutcome},
};

use super::{sheet, typing};
use crate::{
    app::{
        data::Place,
        dialog::{Dialog, FormField, Found, Input, Intent, Label, Looked, Problem},
        effect::Effect,
        model::{Desk, Model, Working},
        said::Said,
        verb::{self, Verb},
    },
    editor::Editor,
    input::Action,
};

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let now = model.now;
    let Some(desk) = model.desk_mut() else { return Vec::new() };
    let Some(dialog) = &mut desk.dialog else { return Vec::new() };
    let button = dialog.fields.len();
    match action {
        Action::Back => {
            let left = desk.dialog.take();
            let waits = left.as_ref().is_some_and(|d| matches!(d.intent, Intent::Fetch(_)));
            desk.drafts.extend(left.filter(Dialog::holds_text));
            if waits {
                model.said = Some(Said::FetchesOn);
            }
            return Vec::new();
        }
        Action::NextField => {
            dialog.focus = if dialog.focus >= button { 0 } else { dialog.focus + 1 };
            return look(dialog);
        }
        Action::PrevField => {
            dialog.focus = if dialog.focus == 0 { button } else { dialog.focus - 1 };
            return look(dialog);
        }
        _ => {}
    }
    let edits = [Action::Backspace, Action::Delete, Action::DeleteWord, Action::Cut];
    if edits.contains(&action)
        && let Some(field) = dialog.field()
    {
        field.lent = false;
    }
    let focus = dialog.focus;
    match dialog.fields.get_mut(focus).map(|f| &mut f.input) {
        None => match action {
            Action::Enter => return accept(model),
            Action::Up if button > 0 => dialog.focus = button - 1,
            _ => {}
        },
        Some(Input::Line(editor)) => match action {
            // The last thing Enter does in a line is to leave it: it never accepts by itself,
            // for what an input method commits may end in one.
            Action::Enter | Action::Down => dialog.focus += 1,
            Action::Up => dialog.focus = focus.saturating_sub(1),
            Action::Right if completes(&dialog.looked, editor) => {
                complete(dialog);
                return look(dialog);
            }
            other => {
                let text = model_typed(editor, other, now);
                let mut effects = look(dialog);
                effects.extend(copied(text, model));
                return effects;
            }
        },
        Some(Input::Text(editor)) => {
            return copied(model_typed(editor, action, now), model);
        }
        Some(Input::Pick { options, at }) => match action {
            Action::Right | Action::Toggle => *at = (*at + 1).min(options.len().saturating_sub(1)),
            Action::Left => *at = at.saturating_sub(1),
            Action::Enter | Action::Down => dialog.focus += 1,
            Action::Up => dialog.focus = focus.saturating_sub(1),
            _ => {}
        },
        Some(Input::Ticks { options, on, at }) => match action {
            Action::Toggle => {
                if let Some(on) = on.get_mut(*at) {
                    *on = !*on;
                }
            }
            Action::Down if *at + 1 < options.len() => *at += 1,
            Action::Up if *at > 0 => *at -= 1,
            Action::Enter | Action::Down => dialog.focus += 1,
            Action::Up => dialog.focus = focus.saturating_sub(1),
            _ => {}
        },
    }
    Vec::new()
}

/// Asks what is on the disk where the path in the field with the cursor leads.
pub(super) fn look(dialog: &Dialog) -> Vec<Effect> {
    let path = dialog.path().filter(|p| dialog.looked.as_ref().is_none_or(|l| l.path != *p));
    path.map(|path| Effect::Look { path }).into_iter().collect()
}

/// Takes note of what is there. A file that is to be attached lends the item its name.
pub(super) fn looked(dialog: &mut Dialog, looked: Looked) {
    let leads = |f: &&FormField| f.is_path() && f.value() == looked.path;
    let Some(label) = dialog.fields.iter().find(leads).map(|f| f.label) else { return };
    if label == Label::Attach
        && matches!(looked.found, Found::File(_))
        && let Some(name) = looked.path.rsplit(['/', '\\']).next()
        && let Some(field) = dialog.fields.iter_mut().find(|f| f.label == Label::Name)
        && (field.value().is_empty() || field.lent)
    {
        *field = FormField { lent: true, ..FormField::line(Label::Name, name) };
    }
    dialog.looked = Some(looked);
}

/// Tells whether Right goes on with a path: the cursor is at its end, and there is more.
fn completes(looked: &Option<Looked>, editor: &Editor) -> bool {
    let at_end = editor.caret() == editor.text().chars().count();
    at_end
        && looked.as_ref().is_some_and(|l| match &l.found {
            Found::Names { completed, .. } => l.path == editor.text() && *completed != l.path,
            _ => false,
        })
}

fn complete(dialog: &mut Dialog) {
    let Some(Looked { found: Found::Names { completed, .. }, .. }) = dialog.looked.clone() else {
        return;
    };
    if let Some(field) = dialog.field() {
        field.input = FormField::line(field.label, &completed).input;
    }
}

fn model_typed(
    editor: &mut crate::editor::Editor,
    action: Action,
    now: shared::model::Timestamp,
) -> Option<String> {
    typing::act(editor, action, now).copied
}

fn copied(text: Option<String>, model: &mut Model) -> Vec<Effect> {
    let Some(text) = text else { return Vec::new() };
    model.said = Some(Said::Copied);
    vec![Effect::Copy(text)]
}

/// Does what the dialogue is for, or says in it why not.
fn accept(model: &mut Model) -> Vec<Effect> {
    let Some(dialog) = model.desk_mut().and_then(|d| d.dialog.take()) else { return Vec::new() };
    match carry_out(model, &dialog) {
        Ok(effects) => {
            let on_disk = |e: &Effect| {
                matches!(
                    e,
                    Effect::Attach { .. }
                        | Effect::Print { .. }
                        | Effect::SaveFile { .. }
                        | Effect::Export { .. }
                        | Effect::Import { .. }
                )
            };
            if effects.iter().any(on_disk)
                && let Some(desk) = model.desk_mut()
            {
                desk.sent = Some(dialog);
            }
            effects
        }
        Err(problem) => {
            let at = match &problem {
                Problem::Missing(label) | Problem::Malformed(label) => {
                    dialog.fields.iter().position(|f| f.label == *label && empty_or(f, &problem))
                }
                // What is missing may be answered by a reason: there the cursor goes.
                Problem::Refused(Refusal::GateRed { .. }) => {
                    dialog.fields.iter().position(|f| f.label == Label::GateReason)
                }
                Problem::Refused(_) | Problem::Failed(_) => None,
            };
            let focus = at.unwrap_or(dialog.focus);
            if let Some(desk) = model.desk_mut() {
                desk.dialog = Some(Dialog { problem: Some(problem), focus, ..dialog });
            }
            Vec::new()
        }
    }
}

/// Of fields that repeat, the one the problem is about.
fn empty_or(field: &FormField, problem: &Problem) -> bool {
    matches!(problem, Problem::Malformed(_)) != field.value().is_empty()
}

fn carry_out(model: &mut Model, dialog: &Dialog) -> Result<Vec<Effect>, Problem> {
    let fields = &dialog.fields;
    for field in fields.iter().filter(|f| !f.optional) {
        if field.value().is_empty() {
            return Err(Problem::Missing(field.label));
        }
    }
    let text = |label| {
        fields
            .iter()
            .find(|f: &&FormField| f.label == label)
            .map(FormField::value)
            .unwrap_or_default()
    };
    // Where there is more than one stay, the unit was chosen.
    let unit = text(Label::Unit).parse().ok();
    match &dialog.intent {
        Intent::Ask(at, verb) => {
            let at = Place { space: unit.unwrap_or(at.space), ..*at };
            ask(model, at, *verb, fields)
        }
        Intent::Begin(space, kind) => {
            let birth = birth(*kind, fields);
            let space = unit.unwrap_or(*space);
            Ok(vec![Effect::Begin { space, kind: *kind, birth }])
        }
        Intent::AddItem(at, list) => {
            let id = ItemId::mint(model.now, &mut model.rng);
            let mut content = content(fields);
            if *list == "positions"
                && let Some(desk) = model.desk()
            {
                let me = Value::Text(desk.known.me.to_string());
                content.insert("person".into(), Initial::Value(me));
            }
            let edit = Edit::AddItem { list: FieldPath::top(list), id, fields: content };
            Ok(edits(model, *at, edit))
        }
        Intent::RemoveItem(at, path) => {
            let edit = Edit::RemoveItem { item: path.clone(), reason: text(Label::Reason) };
            Ok(edits(model, *at, edit))
        }
        Intent::Set(at, path) => {
            let value = Value::Text(text(Label::Value));
            Ok(edits(model, *at, Edit::SetField { field: path.clone(), value }))
        }
        Intent::AddMember(at, path) => {
            let member = sheet::canonical(&text(Label::Member));
            Ok(edits(model, *at, Edit::AddMember { field: path.clone(), member }))
        }
        Intent::RemoveMember(at, path) => {
            let member = sheet::canonical(&text(Label::Member));
            let reason = text(Label::Reason);
            Ok(edits(model, *at, Edit::RemoveMember { field: path.clone(), member, reason }))
        }
        Intent::Export => {
            model.busy = Some((Working::Exporting, model.now));
            Ok(vec![Effect::Export { file: text(Label::File) }])
        }
        Intent::Import => {
            model.busy = Some((Working::Importing, model.now));
            Ok(vec![Effect::Import { file: text(Label::File) }])
        }
        Intent::Print(at) => {
            model.busy = Some((Working::Writing, model.now));
            Ok(vec![Effect::Print { at: *at, file: text(Label::SaveAs) }])
        }
        Intent::SaveFile(at) => {
            let evidence = text(Label::WithFile).parse();
            let evidence = evidence.map_err(|_| Problem::Malformed(Label::WithFile))?;
            let open = text(Label::ThenOpen) == "true";
            model.busy = Some((Working::Writing, model.now));
            let file = text(Label::SaveAs);
            Ok(vec![Effect::SaveFile { space: at.space, evidence, file, open }])
        }
        Intent::Fetch(evidence) => Ok(vec![Effect::StopFetch(*evidence)]),
        Intent::Leave => Ok(vec![Effect::Quit]),
    }
}

fn edits(model: &mut Model, at: Place, edit: Edit) -> Vec<Effect> {
    match model.desk_mut().and_then(|d| d.open.as_mut()).filter(|o| o.at == at) {
        Some(open) => sheet::wrote(open, vec![edit]),
        None => Vec::new(),
    }
}

fn ask(
    model: &mut Model,
    at: Place,
    verb: Verb,
    fields: &[FormField],
) -> Result<Vec<Effect>, Problem> {
    let mut rng = model.rng.clone();
    let at = match verb {
        Verb::Raise => Place { doc: DocId::mint(model.now, &mut rng), ..at },
        _ => at,
    };
    let desk: &Desk = model.desk().ok_or(Problem::Missing(Label::Reason))?;
    let about = desk.about(at).ok_or(Problem::Missing(Label::Reason))?;
    let command = verb::build(verb, &about, fields, &mut rng)?;
    let file = fields.iter().find(|f| f.label == Label::Attach).map(FormField::value);
    if let (Command::RegisterEvidence { evidence }, Some(file)) =
        (&command, file.filter(|f| !f.is_empty()))
    {
        // The rules ask for the file or for where the original is; the file comes with it.
        let with_file = Evidence { content: Some(Digest([0; 32])), ..evidence.clone() };
        let tried = Command::RegisterEvidence { evidence: with_file };
        about.try_out(&tried).map_err(Problem::Refused)?;
        let evidence = Box::new(evidence.clone());
        model.rng = rng;
        model.busy = Some((Working::Attaching, model.now));
        return Ok(vec![Effect::Attach { at, evidence, file }]);
    }
    about.try_out(&command).map_err(Problem::Refused)?;
    // A session has a text in which to confer; whoever calls it begins that.
    let text = match (&command, about.record.and_then(|r| r.matter.consultation())) {
        (Command::Triage { outcome: TriageOutcome::Convened }, Some(asked)) => {
            let birth = Birth::new().text("title", &asked.title).text("question", &asked.question);
            Some(Effect::BeginText { at, kind: DocKind::Consultation, birth })
        }
        _ => None,
    };
    model.rng = rng;
    Ok(text.into_iter().chain([Effect::Ask { at, command: Box::new(command) }]).collect())
}

/// The first content of a new item, by the names its fields are stored under.
fn content(fields: &[FormField]) -> BTreeMap<String, Initial> {
    let key = |label| {
        Some(match label {
            Label::Tag => "tag",
            Label::Text => "text",
            Label::Instrument => "instrument",
            Label::Article => "article",
            Label::Version => "version",
            Label::Who => "who",
            Label::What => "what",
            Label::Due => "due",
            _ => return None,
        })
    };
    fields
        .iter()
        .filter_map(|f| Some((key(f.label)?.to_owned(), f.value())))
        .filter(|(_, text)| !text.is_empty())
        .map(|(key, text)| (key, Initial::Value(Value::Text(text))))
        .collect()
}

fn birth(kind: DocKind, fields: &[FormField]) -> Birth {
    let mut birth = Birth::new();
    for field in fields {
        let (text, ids) = (field.value(), field.ticked());
        birth = match field.label {
            Label::Interviewee => birth.text("interviewee_name", &text),
            Label::Post => birth.text("interviewee_post", &text),
            Label::Section => birth.text("interviewee_section", &text),
            Label::Interviewers => birth.members("interviewers", &ids),
            Label::Title if kind != DocKind::Interview => birth.text("title", &text),
            _ => birth,
        };
    }
    birth
}
