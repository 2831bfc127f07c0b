//! What each main screen lists, computed from what the laptop knows.
use std::collections::BTreeSet;

use jiff::civil::Date;
use shared::{
    model::{DocId, DocKind, PersonId, Timestamp},
    workflow::{
        AsideReason, Refusal, SpaceKind, TaskKind,
        command::Step,
        consultation::{ConsultationStage, ExhibitEnd},
        deadline::AlertLevel,
        event::{DeskStage, Meaning},
        finding::FindingStage,
        notice::{EditionStage, NoticeStage},
        record::{Fell, Matter, Record},
        state::LEADING_ROLES,
        waiting_for,
    },
};

use super::{
    data::{Answer, Mark, Place, Progress, Snapshot, SpaceView},
    model::Tab,
    verb::Verb,
};

/// How far a talk has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TalkStage {
    /// Being written.
    Writing,
    /// One interviewer has confirmed.
    ConfirmedByOne,
    /// Both have; the review is to be recorded.
    Confirmed,
    /// The review is recorded.
    Reviewed,
    /// Closed.
    Closed,
    /// Called off.
    Cancelled,
}

/// How far a workpaper has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaperStage {
    /// Being written.
    Draft,
    /// Sent back.
    Returned,
    /// Changed after it was signed; to be signed anew.
    Amended,
    /// So many makers have signed.
    Made(usize),
    /// The deputy has signed.
    Reviewed,
    /// The leader has.
    Approved,
    /// Given up.
    Dropped,
}

/// What a row is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Something that waits for me.
    Task {
        /// What.
        kind: TaskKind,
        /// By when.
        due: Option<Timestamp>,
        /// How loudly to remind.
        level: Option<AlertLevel>,
    },
    /// Judgement fields with concurrent values.
    Conflict(usize),
    /// A request of mine that was refused, or would be.
    Refused(Verb, Refusal),
    /// A talk, with the number of its statements.
    Talk(TalkStage, usize),
    /// A workpaper: its conflicts and late arrivals.
    Paper(PaperStage, usize, usize),
    /// A finding.
    Finding(FindingStage),
    /// A notice where it is written.
    Notice(NoticeStage, Option<DeskStage>, Option<Date>),
    /// A notice on the unit's desk: due now, and first.
    Desk(DeskStage, Date, Date),
    /// A question put to the office; whether it is over.
    Question(bool),
    /// A consultation.
    Consultation(ConsultationStage),
    /// A paper shown to a consultation, until when, and how that ended.
    Exhibit(Timestamp, Option<ExhibitEnd>),
    /// How far a record's envelopes have come.
    Sync(Progress),
    /// Content set aside that nobody has answered.
    Aside(AsideReason),
    /// An edition before the office, with the number of remarks.
    Edition(DocKind, EditionStage, usize),
    /// A group's request for a stand-in, and whether one was named.
    StandIn(Step, bool),
    /// A text of which only its line is known yet.
    Text(DocKind),
}

/// What sort of record a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// A document.
    Document(DocKind),
    /// A finding.
    Finding,
    /// A question put to the office.
    Question,
    /// A paper shown to a consultation.
    Exhibit,
    /// An edition before the office.
    Edition,
    /// A group's request for a stand-in.
    StandIn,
}

fn sort(matter: &Matter) -> Option<Sort> {
    Some(match matter {
        Matter::Interview(_) => Sort::Document(DocKind::Interview),
        Matter::Workpaper(_) => Sort::Document(DocKind::Workpaper),
        Matter::Notice(_) | Matter::Desk(_) => Sort::Document(DocKind::Notice),
        Matter::Consultation(_) => Sort::Document(DocKind::Consultation),
        Matter::Finding(_) => Sort::Finding,
        Matter::Question(_) => Sort::Question,
        Matter::Exhibit(_) => Sort::Exhibit,
        Matter::Edition(_) => Sort::Edition,
        Matter::StandIn(_) => Sort::StandIn,
        Matter::Unopened => return None,
    })
}

/// A row of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The record it opens.
    pub at: Place,
    /// Its number.
    pub number: String,
    /// Its line.
    pub title: String,
    /// What sort of record it is, as far as that is known.
    pub sort: Option<Sort>,
    /// What it is, and how far it has come.
    pub what: What,
    /// How far what is written here has come; none for a text that is not on the disk yet.
    pub mark: Option<Mark>,
    /// Whether a request about it waits.
    pub asked: bool,
}

/// Returns the rows of a main screen, narrowed to those that hold `filter`.
pub fn rows(known: &Snapshot, tab: Tab, filter: &str) -> Vec<Row> {
    let mut rows = match tab {
        Tab::Today => today(known),
        Tab::Sync => sync(known),
        _ => of_kind(known, tab),
    };
    let filter = filter.trim().to_lowercase();
    if !filter.is_empty() {
        rows.retain(|row| {
            row.title.to_lowercase().contains(&filter)
                || row.number.to_lowercase().contains(&filter)
        });
    }
    rows
}

fn row(space: &SpaceView, record: &Record, what: What) -> Row {
    Row {
        at: Place { space: space.id, doc: record.doc },
        number: record.number().unwrap_or_default().to_owned(),
        title: title(space, record),
        sort: sort(&record.matter),
        what,
        mark: space.mark(record.doc),
        asked: space.asked(record.doc),
    }
}

/// Returns the line by which people speak of a record.
pub fn title(space: &SpaceView, record: &Record) -> String {
    if let Some(line) = space.lines.get(&record.doc) {
        return line.title.clone();
    }
    match &record.matter {
        Matter::Finding(f) => f.finding.title.clone(),
        Matter::Question(q) => q.title.clone(),
        Matter::Consultation(c) => c.title.clone(),
        Matter::Exhibit(e) => e.edition.as_ref().map(|e| heading(&e.rendering)).unwrap_or_default(),
        Matter::Edition(e) => match &e.edition.reading {
            Some(reading) => reading.title().to_owned(),
            None => heading(&e.edition.rendering),
        },
        Matter::Desk(d) => heading(&d.notice.edition.rendering),
        Matter::Workpaper(w) => w.title.clone(),
        Matter::StandIn(s) => s.wanted.stay.clone(),
        _ => String::new(),
    }
}

/// Returns the line of a rendering that names its matter.
fn heading(rendering: &str) -> String {
    let named = rendering
        .lines()
        .find_map(|l| ["事项：", "名称：", "议题："].iter().find_map(|head| l.strip_prefix(head)));
    named.or_else(|| rendering.lines().next()).unwrap_or_default().to_owned()
}

fn today(known: &Snapshot) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut tasks = Vec::new();
    for space in &known.spaces {
        for request in &space.requests {
            let refusal = match &request.answer {
                Answer::Refused(r) | Answer::Doubtful(r) => r.clone(),
                Answer::Awaited => continue,
            };
            let Some(record) = space.state.record(request.doc) else { continue };
            let what = What::Refused(Verb::of(&request.command), refusal);
            rows.push(row(space, record, what));
        }
        let leads = space.state.active(known.me, known.now).is_some_and(|m| m.holds(LEADING_ROLES));
        for record in space.state.records.values() {
            let conflicts = open_conflicts(space, record);
            if conflicts > 0 && (leads || record.by == Some(known.me)) {
                rows.push(row(space, record, What::Conflict(conflicts)));
            }
        }
        tasks.extend(waiting_for(&space.state, known.me, known.now).into_iter().filter_map(|t| {
            let record = space.state.record(t.doc)?;
            let due = t.due.as_ref().map(|d| d.at);
            Some((
                t.level,
                due,
                row(space, record, What::Task { kind: t.kind, due, level: t.level }),
            ))
        }));
    }
    tasks.sort_by_key(|(level, due, _)| {
        (std::cmp::Reverse(*level), due.unwrap_or(Timestamp(i64::MAX)))
    });
    rows.extend(tasks.into_iter().map(|(_, _, row)| row));
    rows
}

/// Returns how many conflicts of a document nobody has settled, as far as its line tells.
fn open_conflicts(space: &SpaceView, record: &Record) -> usize {
    let conflicts = space.lines.get(&record.doc).map_or(0, |l| l.conflicts);
    conflicts.saturating_sub(record.resolutions.len())
}

fn of_kind(known: &Snapshot, tab: Tab) -> Vec<Row> {
    let mut rows = Vec::new();
    // A notice that is on a desk here is one row: what is done about it is done there.
    let on_desk: BTreeSet<DocId> = known
        .spaces
        .iter()
        .flat_map(|s| s.state.matters(|m| m.desk()))
        .map(|(_, desk)| desk.notice.edition.source)
        .collect();
    for space in &known.spaces {
        for record in space.state.records.values() {
            if record.matter.notice().is_some() && on_desk.contains(&record.doc) {
                continue;
            }
            if let Some(what) = shown_on(space, record, tab) {
                rows.push(row(space, record, what));
            }
        }
        // Texts begun here of which the rules know nothing yet.
        for (doc, line) in &space.lines {
            if space.state.record(*doc).is_none() && tab == Tab::of_kind(line.kind) {
                rows.push(Row {
                    at: Place { space: space.id, doc: *doc },
                    number: String::new(),
                    title: line.title.clone(),
                    sort: Some(Sort::Document(line.kind)),
                    what: What::Text(line.kind),
                    mark: space.mark(*doc),
                    asked: space.asked(*doc),
                });
            }
        }
    }
    rows
}

fn shown_on(space: &SpaceView, record: &Record, tab: Tab) -> Option<What> {
    let line = space.lines.get(&record.doc);
    match (&record.matter, tab) {
        (Matter::Interview(_), Tab::Interviews) => {
            Some(What::Talk(talk_stage(record), line.map_or(0, |l| l.items)))
        }
        (Matter::Workpaper(_), Tab::Workpapers) => Some(What::Paper(
            paper_stage(record),
            open_conflicts(space, record),
            record.late_waiting().count(),
        )),
        (Matter::Finding(f), Tab::Workpapers) => Some(What::Finding(f.stage.clone())),
        (Matter::Notice(n), Tab::Notices) => Some(What::Notice(n.stage, n.on_desk, n.due)),
        (Matter::Desk(d), Tab::Notices) => Some(What::Desk(d.stage, d.due, d.original_due())),
        (Matter::Question(q), Tab::Consultations) => Some(What::Question(q.closed.is_some())),
        (Matter::Consultation(c), Tab::Consultations) => Some(What::Consultation(c.stage)),
        (Matter::Exhibit(e), Tab::Consultations) => {
            Some(What::Exhibit(e.until, e.ended.map(|(_, how)| how)))
        }
        (Matter::Edition(e), Tab::Board) if e.replaced_by.is_none() => {
            Some(What::Edition(e.edition.kind, e.stage, record.comments.len()))
        }
        (Matter::StandIn(s), Tab::Board) => Some(What::StandIn(s.wanted.step, s.named.is_some())),
        _ => None,
    }
}

/// Returns how far a talk has come.
pub fn talk_stage(record: &Record) -> TalkStage {
    let Some(talk) = record.matter.interview() else { return TalkStage::Writing };
    let Some(standing) = record.standing() else {
        return if talk.cancelled.is_some() { TalkStage::Cancelled } else { TalkStage::Writing };
    };
    let reviewed = talk.review.as_ref().is_some_and(|r| r.rendering == standing.rendering);
    match standing.signers(Meaning::Interviewer).count() {
        _ if talk.cancelled.is_some() => TalkStage::Cancelled,
        _ if talk.closed.is_some() => TalkStage::Closed,
        0 | 1 => TalkStage::ConfirmedByOne,
        _ if reviewed => TalkStage::Reviewed,
        _ => TalkStage::Confirmed,
    }
}

/// Returns how far a workpaper has come.
pub fn paper_stage(record: &Record) -> PaperStage {
    if record.matter.workpaper().is_some_and(|w| w.dropped.is_some()) {
        return PaperStage::Dropped;
    }
    let Some(standing) = record.standing() else {
        return match record.versions.last().and_then(|v| v.fell) {
            Some(Fell::Returned { .. }) => PaperStage::Returned,
            Some(Fell::Amended { .. }) => PaperStage::Amended,
            None => PaperStage::Draft,
        };
    };
    let count = |step| standing.signers(Meaning::Step(step)).count();
    if count(Step::Leader) > 0 {
        PaperStage::Approved
    } else if count(Step::Deputy) > 0 {
        PaperStage::Reviewed
    } else {
        PaperStage::Made(count(Step::Maker))
    }
}

fn sync(known: &Snapshot) -> Vec<Row> {
    let mut rows = Vec::new();
    for space in &known.spaces {
        for request in &space.requests {
            let Answer::Refused(refusal) = &request.answer else { continue };
            if let Some(record) = space.state.record(request.doc) {
                let what = What::Refused(Verb::of(&request.command), refusal.clone());
                rows.push(row(space, record, what));
            }
        }
        for record in space.state.records.values() {
            for late in record.late_waiting().filter(|l| l.by == known.me) {
                rows.push(row(space, record, What::Aside(late.reason.clone())));
            }
        }
        for (doc, progress) in &space.progress {
            let what = What::Sync(*progress);
            match space.state.record(*doc) {
                Some(record) => rows.push(row(space, record, what)),
                None => rows.push(Row {
                    at: Place { space: space.id, doc: *doc },
                    number: String::new(),
                    title: space.lines.get(doc).map(|l| l.title.clone()).unwrap_or_default(),
                    sort: space.lines.get(doc).map(|l| Sort::Document(l.kind)),
                    what,
                    mark: Some(progress.mark()),
                    asked: space.asked(*doc),
                }),
            }
        }
    }
    // What is furthest from the server comes first.
    rows.sort_by_key(|row| match &row.what {
        What::Sync(p) => (1, p.mark()),
        _ => (0, Mark::Saved),
    });
    rows
}

/// Returns the space in which a record of this kind is begun: the first whose rules let `me`.
pub fn home_of(known: &Snapshot, kind: DocKind) -> Option<&SpaceView> {
    homes_of(known, kind).next()
}

/// Returns every space in which a record of this kind may be begun by `me`: one for each unit.
pub fn homes_of(known: &Snapshot, kind: DocKind) -> impl Iterator<Item = &SpaceView> {
    let spaces = known.spaces.iter();
    spaces.filter(move |s| s.state.holds_texts_of(kind) && writes(s, known.me, known.now))
}

/// Tells whether this is the laptop of a group that has no stay yet.
pub fn lacks_a_stay(known: &Snapshot) -> bool {
    let kinds = || known.spaces.iter().filter_map(|s| s.state.kind());
    let elsewhere =
        |k| matches!(k, SpaceKind::Engagement | SpaceKind::Office | SpaceKind::UnitDesk);
    kinds().any(|k| k == SpaceKind::Group) && !kinds().any(elsewhere)
}

/// Tells whether a person writes texts in a space.
pub fn writes(space: &SpaceView, me: PersonId, now: Timestamp) -> bool {
    // An id nobody has: the right to write records that are yet to be born.
    space.state.may_write(me, shared::model::DocId::from_bytes([0xff; 16]), now)
}

/// Tells whether a person works in the office.
pub fn in_office(known: &Snapshot) -> bool {
    known.spaces.iter().any(|s| s.state.kind() == Some(SpaceKind::Office))
}
