//! What people do on their laptops.
use shared::{
    doc::{Birth, Edit, Initial},
    journal::{envelope, laptop::Input},
    model::{Body, ChangeHash, DocId, DocKind, FieldPath, ItemId, SpaceId, Value},
    workflow::{
        Command, Step,
        command::{FieldNote, ReviewOutcome},
        conflict,
        refusal::AsideReason,
    },
};

use super::{book::Ctx, canary, cast::Cast, changes, station::Station};

/// The most documents of a seed.
const DOCS: usize = 7;
const SEVERITIES: [&str; 3] = ["low", "medium", "high"];
const PHRASES: [&str; 6] =
    ["经查，", "某科长称", "账目不符。", "已整改；", "甲局采购未经比价", "（见佐证三）"];

/// Lets a person do something.
pub(super) fn work(ctx: &mut Ctx, cast: &Cast, station: &mut Station) {
    let Some(space) = place(ctx, cast, station) else { return };
    let docs: Vec<DocId> =
        station.core().space(space).map(|s| s.documents().collect()).unwrap_or_default();
    let all: usize = station.core().spaces().map(|(_, s)| s.documents().count()).sum();
    let doc = ctx.chance.pick(&docs);
    let draw = ctx.chance.below(1000);
    match doc {
        None => birth(ctx, cast, station, space),
        Some(_) if draw < 60 && all < DOCS => birth(ctx, cast, station, space),
        Some(doc) if draw < 62 && ctx.chance.per_mille(250) => {
            a_long_day(ctx, station, space, doc);
        }
        Some(doc) if draw < 600 => write(ctx, station, space, doc),
        Some(doc) if draw < 850 => ask(ctx, station, space, doc),
        Some(_) => clear_the_desk(ctx, station, space, &docs),
    }
}

/// Writes so much in one document that the server keeps a save of it.
fn a_long_day(ctx: &mut Ctx, station: &mut Station, space: SpaceId, doc: DocId) {
    ctx.note(format_args!("L{} has a long day", station.name));
    for _ in 0..110 {
        write(ctx, station, space, doc);
        station.feed(ctx, Input::Seal);
    }
}

/// Answers what waits in one of some records: conflicts, then late arrivals.
fn clear_the_desk(ctx: &mut Ctx, station: &mut Station, space: SpaceId, docs: &[DocId]) {
    let conflicted: Vec<DocId> = docs
        .iter()
        .copied()
        .filter(|d| station.main_reading(space, *d).is_some_and(|r| !r.conflicts.is_empty()))
        .collect();
    if let Some(doc) = ctx.chance.pick(&conflicted)
        && ctx.chance.per_mille(600)
    {
        return settle(ctx, station, space, doc);
    }
    let Some(held) = station.core().space(space) else { return };
    let late: Vec<DocId> = docs
        .iter()
        .copied()
        .filter(|d| held.state().record(*d).is_some_and(|r| r.late_waiting().next().is_some()))
        .collect();
    if let Some(doc) = ctx.chance.pick(&late) {
        tray(ctx, station, space, doc);
    }
}

/// Settles a conflict of the document, as far as this laptop knows it.
fn settle(ctx: &mut Ctx, station: &mut Station, space: SpaceId, doc: DocId) {
    let open = station.main_reading(space, doc).map(|r| r.conflicts).unwrap_or_default();
    if let Some(c) = ctx.chance.pick(&open)
        && let Some(value) = ctx.chance.pick(&c.values)
    {
        let command = Command::ResolveConflict {
            field: c.field.clone(),
            ops: conflict::ops_of(&c),
            chosen: value.value,
            reason: "以书证为准".into(),
        };
        station.ask(ctx, space, doc, command);
    }
}

/// Picks a space in which this person writes, as far as this laptop knows.
fn place(ctx: &mut Ctx, cast: &Cast, station: &Station) -> Option<SpaceId> {
    let now = station.clock(ctx);
    let open: Vec<SpaceId> = cast
        .spaces
        .iter()
        .filter(|id| {
            station.core().space(**id).is_some_and(|s| {
                // A clock that is slow must not hide one's own membership.
                let at = now.max(s.state().at);
                !s.withdrawn() && s.state().may_read(station.person, at)
            })
        })
        .copied()
        .collect();
    ctx.chance.pick(&open)
}

/// Returns the mark that text of a document bears.
fn mark(ctx: &Ctx, space: SpaceId, doc: DocId) -> String {
    let n = ctx.marked.iter().position(|s| *s == space).unwrap_or_default();
    canary::mark(n, doc)
}

fn birth(ctx: &mut Ctx, cast: &Cast, station: &mut Station, space: SpaceId) {
    let now = station.clock(ctx);
    let doc = DocId::mint(now, ctx.chance.rng());
    let protected = cast.spaces.get(2) == Some(&space);
    let mark = mark(ctx, space, doc);
    if protected || ctx.chance.per_mille(350) {
        let birth = Birth::new()
            .text("interviewee_name", "某科长")
            .text("note", &mark)
            .members("interviewers", &cast.persons);
        station.give_birth(ctx, space, doc, DocKind::Interview, &birth);
    } else {
        let birth = Birth::new().text("title", "采购未经比价").text("condition", &mark);
        station.give_birth(ctx, space, doc, DocKind::Workpaper, &birth);
    }
}

/// Writes into a document.
pub(super) fn write(ctx: &mut Ctx, station: &mut Station, space: SpaceId, doc: DocId) {
    let Some(edits) = edits(ctx, station, space, doc) else { return };
    station.edit(ctx, space, doc, &edits);
}

pub(super) fn edits(
    ctx: &mut Ctx,
    station: &mut Station,
    space: SpaceId,
    doc: DocId,
) -> Option<Vec<Edit>> {
    let now = station.clock(ctx);
    let reading = station.working(space, doc)?.reading();
    let phrase = ctx.chance.pick(&PHRASES)?.to_owned() + &mark(ctx, space, doc);
    let item = ItemId::mint(now, ctx.chance.rng());
    let draw = ctx.chance.below(10);
    let edit = match &reading.body {
        Body::Workpaper(_) if draw < 4 => {
            let severity = ctx.chance.pick(&SEVERITIES)?;
            let field = FieldPath::top("severity");
            Edit::SetField { field, value: Value::Text(severity.into()) }
        }
        Body::Workpaper(paper) if draw < 5 && paper.facts.len() < 4 => {
            Edit::AddItem { list: FieldPath::top("facts"), id: item, fields: said(&phrase) }
        }
        Body::Workpaper(paper) => splice(ctx, "condition", &paper.condition, &phrase),
        Body::Interview(talk) if draw < 3 && talk.statements.len() < 4 => {
            Edit::AddItem { list: FieldPath::top("statements"), id: item, fields: said(&phrase) }
        }
        Body::Interview(talk) => splice(ctx, "note", &talk.note, &phrase),
        _ => return None,
    };
    Some(vec![edit])
}

fn said(phrase: &str) -> std::collections::BTreeMap<String, Initial> {
    [("text".to_owned(), Initial::Value(Value::Text(phrase.to_owned())))].into()
}

fn splice(ctx: &mut Ctx, field: &str, text: &str, phrase: &str) -> Edit {
    let len = text.chars().count();
    let at = ctx.chance.below(len + 1);
    let delete = if len > 60 { (len - at).min(20) } else { 0 };
    Edit::SpliceText { field: FieldPath::top(field), at, delete, insert: phrase.into() }
}

/// Asks for a legal step that makes sense, as far as this laptop knows.
fn ask(ctx: &mut Ctx, station: &mut Station, space: SpaceId, doc: DocId) {
    let conflicts = station.working(space, doc).map(|w| w.reading().conflicts).unwrap_or_default();
    if !conflicts.is_empty() {
        ctx.hit("conflict");
    }
    let draw = ctx.chance.below(100);
    let Some(record) = station.core().space(space).and_then(|s| s.state().record(doc)) else {
        return;
    };
    let interview = record.matter.interview().is_some();
    let signed = record.standing().is_some();
    if draw < 30 && signed {
        let notes = vec![FieldNote { field: None, text: "请补充书证".into() }];
        return station.ask(ctx, space, doc, Command::Return { notes });
    }
    let command = if interview {
        match draw % 5 {
            0 => Command::RecordReview {
                outcome: ReviewOutcome::Declined,
                corrections: Vec::new(),
                on_paper: None,
            },
            1 if draw > 94 => Command::CloseInterview,
            _ => {
                let Some(pin) = station.pin(space, doc) else { return };
                Command::ConfirmInterview { pin }
            }
        }
    } else {
        let Some(pin) = station.pin(space, doc) else { return };
        let step = match draw % 6 {
            0 => Step::Deputy,
            1 => Step::Leader,
            _ => Step::Maker,
        };
        Command::Sign { step, pin, gate_override: Some("演练".into()) }
    };
    station.ask(ctx, space, doc, command);
}

/// Answers what lies in the tray.
fn tray(ctx: &mut Ctx, station: &mut Station, space: SpaceId, doc: DocId) {
    let Some(record) = station.core().space(space).and_then(|s| s.state().record(doc)) else {
        return;
    };
    let late: Vec<_> = record
        .late_waiting()
        .filter(|l| matches!(l.reason, AsideReason::Late | AsideReason::FollowsAside))
        .map(|l| l.envelope)
        .collect();
    if late.is_empty() {
        return write(ctx, station, space, doc);
    }
    if ctx.chance.per_mille(800) {
        let all = ctx.chance.per_mille(600);
        let n = if all { late.len() } else { 1 + ctx.chance.below(late.len()) };
        let mut envelopes = late[..n].to_vec();
        if ctx.chance.per_mille(300) {
            envelopes.reverse();
        }
        station.ask(ctx, space, doc, Command::AdoptLate { envelopes });
    } else {
        let (envelopes, reason) = (late, "与本案无关".to_owned());
        station.ask(ctx, space, doc, Command::DeclineLate { envelopes, reason });
    }
}

/// Makes an edit that nothing can stand against: an item is added.
pub(super) fn last_words(
    station: &mut Station,
    space: SpaceId,
    doc: DocId,
    id: ItemId,
) -> Option<Vec<Edit>> {
    let list = match station.working(space, doc)?.kind() {
        DocKind::Workpaper => "facts",
        DocKind::Interview => "statements",
        _ => return None,
    };
    Some(vec![Edit::AddItem { list: FieldPath::top(list), id, fields: said("补记") }])
}

/// Picks a record that takes text, as far as this laptop knows.
fn open_record(ctx: &mut Ctx, cast: &Cast, station: &Station) -> Option<(SpaceId, DocId)> {
    let space = place(ctx, cast, station)?;
    let docs: Vec<DocId> = station.core().space(space)?.documents().collect();
    Some((space, ctx.chance.pick(&docs)?))
}

/// A broken build signs changes under an actor that is not its own: one that nobody has, or
/// another's, so that the author's next change finds its place taken; or it brings the changes
/// of another that it holds before their author does.
pub(super) fn craft(ctx: &mut Ctx, cast: &Cast, station: &mut Station) {
    let Some((space, doc)) = open_record(ctx, cast, station) else { return };
    // In an envelope of its own: what shares it would be refused with it.
    station.feed(ctx, Input::Seal);
    let device = station.core().device();
    let (copied, shared) = (undecided_of_another(ctx, station), anothers_actor(ctx, station));
    let crafted: Vec<ChangeHash> = match (ctx.chance.below(4), copied, shared) {
        (0 | 1, Some((space, doc, changes)), _) => {
            ctx.hit("another's changes brought");
            let brought = changes::read(&changes).iter().map(|c| c.hash).collect();
            station.feed(ctx, Input::Edit { space, doc, changes });
            brought
        }
        (1 | 2, _, Some((space, doc, actor))) => {
            ctx.hit("another's actor used");
            crafted_as(ctx, station, space, doc, actor)
        }
        _ => {
            let mut actor = [0; 16];
            actor.copy_from_slice(&ctx.chance.secret()[..16]);
            crafted_as(ctx, station, space, doc, actor)
        }
    };
    ctx.crafted.extend(crafted.into_iter().map(|change| (device, change)));
    station.feed(ctx, Input::Seal);
}

fn crafted_as(
    ctx: &mut Ctx,
    station: &mut Station,
    space: SpaceId,
    doc: DocId,
    actor: [u8; 16],
) -> Vec<ChangeHash> {
    let Some(edits) = edits(ctx, station, space, doc) else { return Vec::new() };
    station.edit_as(ctx, space, doc, actor, &edits).into_iter().collect()
}

/// Picks a document and an actor under which another device wrote it, as far as this one knows.
fn anothers_actor(ctx: &mut Ctx, station: &Station) -> Option<(SpaceId, DocId, [u8; 16])> {
    let device = station.core().device();
    let mut actors = Vec::new();
    for (id, held) in station.core().spaces().filter(|(_, s)| !s.withdrawn()) {
        for doc in held.documents() {
            let others = held
                .about(doc)
                .filter(|(_, k)| k.is_content() && k.header.device != device)
                .filter_map(|(_, k)| envelope::actor_of(&k.header, held.state()));
            actors.extend(others.map(|actor| (*id, doc, actor)));
        }
    }
    ctx.chance.pick(&actors)
}

/// Picks content of another device that a courier brought and the server has not decided.
fn undecided_of_another(ctx: &mut Ctx, station: &Station) -> Option<(SpaceId, DocId, Vec<u8>)> {
    let device = station.core().device();
    let open: Vec<_> = station
        .core()
        .spaces()
        .filter(|(_, s)| !s.withdrawn())
        .flat_map(|(id, s)| s.undecided().map(|(hash, kept)| (*id, *hash, kept)))
        .filter(|(_, _, k)| k.is_content() && k.header.device != device)
        .map(|(space, hash, kept)| (space, kept.header.doc, hash))
        .collect();
    let (space, doc, hash) = ctx.chance.pick(&open)?;
    Some((space, doc, station.disk.envelope(&hash)?.payload().to_vec()))
}

/// Somebody's change kills every sandbox.
pub(super) fn poison(ctx: &mut Ctx, cast: &Cast, station: &mut Station) {
    let Some((space, doc)) = open_record(ctx, cast, station) else { return };
    let Some(edits) = edits(ctx, station, space, doc) else { return };
    if let Some(change) = station.edit(ctx, space, doc, &edits) {
        ctx.poison.insert(change);
    }
}
