//! What may be done with a record: every step of its kind, each granted or with the reason
//! for which the rules refuse it now.
use std::collections::BTreeMap;

use shared::{
    journal::labels::content,
    model::{Digest, PersonId, Reading, Timestamp},
    workflow::{
        Actor, Asked, Command, Content, Pin, Refusal, Request, Step, TaskKind, conflict, decide,
        record::{Matter, Record},
        stand_in, waiting_for,
    },
};

use super::{
    data::{Place, Snapshot, SpaceView},
    verb::{self, OnPaper, Verb},
};
use crate::paper::form_of;

/// Everything known about one record.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// All that is known.
    pub known: &'a Snapshot,
    /// Its space.
    pub space: &'a SpaceView,
    /// The record; none while the rules know nothing of it.
    pub record: Option<&'a Record>,
    /// What the document says, if it is a document and open.
    pub reading: Option<&'a Reading>,
    /// Who is behind each actor of it, as far as the journal says.
    pub authors: Option<&'a BTreeMap<String, PersonId>>,
    /// The record's place.
    pub at: Place,
    /// Now.
    pub now: Timestamp,
}

impl About<'_> {
    /// Returns the document as a signature pins it, with its rendered text.
    pub fn content(&self) -> Option<(Content, String)> {
        let (content, rendering) = content(&self.space.state, self.at.doc, self.reading?);
        Some((content, rendering.text))
    }

    /// Returns what a signature of mine would name: the standing version, or else what the
    /// document says now.
    pub fn pin(&self) -> Option<Pin> {
        if let Some(standing) = self.record.and_then(Record::standing) {
            let (heads, rendering) = (standing.heads.clone(), standing.rendering);
            return Some(Pin { heads, rendering, text: None });
        }
        let (content, text) = self.content()?;
        let mut heads = content.reading.heads.clone();
        heads.sort_unstable();
        Some(Pin { heads, rendering: content.rendering, text: Some(text) })
    }

    /// Asks the rules here what the server would answer.
    ///
    /// # Errors
    /// The refusal.
    pub fn try_out(&self, command: &Command) -> Result<(), Refusal> {
        let request = Request { basis: Vec::new(), command: command.clone() };
        let asked = Asked {
            doc: self.at.doc,
            envelope: Digest([0; 32]),
            request: &request,
            claimed_at: self.now,
        };
        let content = command.needs_content().then(|| self.content()).flatten().map(|(c, _)| c);
        let me = Actor::person(self.known.me);
        decide(&self.space.state, &me, &asked, content.as_ref(), self.now).map(|_| ())
    }
}

/// Something that can be done with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// A legal step; the server decides.
    Step(Verb),
    /// Its form is laid out on paper.
    Print,
    /// A file of evidence is written out in plain.
    SaveFile,
    /// What happened to it is shown.
    History,
}

/// A deed, and why the rules refuse it; none when they grant it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// What.
    pub deed: Deed,
    /// Why not.
    pub refusal: Option<Refusal>,
}

/// Returns what may be done with a record: the steps that wait for this person, the others that
/// are granted, what takes no decision, then steps that are refused now.
///
/// What waits comes first, for whoever takes another step by mistake may be barred from this one:
/// nobody takes two sign-off steps of one record.
pub fn offers(about: &About<'_>) -> Vec<Offer> {
    if about.record.is_none() {
        return Vec::new();
    }
    let step = |verb| Offer { deed: Deed::Step(verb), refusal: verb::probe(verb, about).err() };
    let steps = candidates(about).into_iter().map(step);
    let (mut granted, refused): (Vec<Offer>, Vec<Offer>) = steps.partition(|o| o.refusal.is_none());
    let due = due(about);
    granted.sort_by_key(|o| !matches!(o.deed, Deed::Step(verb) if due.contains(&verb)));
    let plain = deeds(about).into_iter().map(|deed| Offer { deed, refusal: None });
    granted.into_iter().chain(plain).chain(refused).collect()
}

/// The steps that wait for this person in this record.
fn due(about: &About<'_>) -> Vec<Verb> {
    let tasks = waiting_for(&about.space.state, about.known.me, about.now);
    tasks.iter().filter(|t| t.doc == about.at.doc).flat_map(|t| answers(t.kind)).copied().collect()
}

/// The steps by which a task is done.
const fn answers(task: TaskKind) -> &'static [Verb] {
    match task {
        TaskKind::SignAgain | TaskKind::SignMaker => &[Verb::Sign(Step::Maker)],
        TaskKind::SignDeputy => &[Verb::Sign(Step::Deputy)],
        TaskKind::SignLeader => &[Verb::Sign(Step::Leader)],
        TaskKind::ConfirmInterview => &[Verb::ConfirmInterview],
        TaskKind::RecordReview => &[Verb::RecordReview, Verb::Paper(OnPaper::Review)],
        TaskKind::CloseInterview => &[Verb::CloseInterview],
        TaskKind::AskStandIn => &[Verb::AskStandIn],
        TaskKind::NameStandIn => &[Verb::NameStandIn],
        TaskKind::ApproveFinding => &[Verb::ApproveFinding],
        TaskKind::LateArrivals => &[Verb::AdoptLate, Verb::DeclineLate],
        TaskKind::ApproveNotice => &[Verb::ApproveNotice],
        TaskKind::IssueNotice => &[Verb::IssueNotice],
        TaskKind::Acknowledge => &[Verb::Acknowledge],
        TaskKind::SetPlan => &[Verb::SetPlan],
        TaskKind::ReportMeasures => &[Verb::ReportMeasure],
        TaskKind::Check => &[Verb::Check],
        TaskKind::DecideDispute => &[Verb::DecideDispute],
        TaskKind::Triage => &[Verb::Triage],
        TaskKind::Conclude => &[Verb::Conclude],
        TaskKind::SignMinutes => &[Verb::SignMinutes],
        TaskKind::FinishConsultation | TaskKind::CloseConsultation => &[Verb::CloseConsultation],
        TaskKind::Returned => &[],
    }
}

/// What can be done without a decision.
fn deeds(about: &About<'_>) -> Vec<Deed> {
    let mut out = Vec::new();
    let text = about.reading.map(|_| String::new());
    if form_of(&about.space.state, about.at.doc, text.as_deref()).is_some() {
        out.push(Deed::Print);
    }
    if about.space.state.evidence.values().any(|r| r.evidence.file.is_some()) {
        out.push(Deed::SaveFile);
    }
    out.push(Deed::History);
    out
}

fn candidates(about: &About<'_>) -> Vec<Verb> {
    let Some(record) = about.record else { return Vec::new() };
    let mut out: Vec<Verb> = match &record.matter {
        Matter::Interview(_) => vec![
            Verb::ConfirmInterview,
            Verb::RecordReview,
            Verb::Paper(OnPaper::Review),
            Verb::CloseInterview,
            Verb::Return,
            Verb::RegisterEvidence,
            Verb::CancelInterview,
        ],
        Matter::Workpaper(_) => vec![
            Verb::Sign(Step::Maker),
            Verb::Sign(Step::Deputy),
            Verb::Sign(Step::Leader),
            Verb::Return,
            Verb::RegisterEvidence,
            Verb::GrantExhibit,
            Verb::Drop,
        ],
        Matter::Finding(_) => vec![Verb::ApproveFinding, Verb::WithdrawFinding],
        Matter::Notice(_) => vec![Verb::ProposeNotice, Verb::IssueNotice, Verb::Return],
        Matter::Edition(e) if e.edition.kind == shared::model::DocKind::Notice => {
            vec![Verb::ApproveNotice, Verb::Return, Verb::Comment]
        }
        Matter::Edition(_) => vec![Verb::Comment],
        Matter::Desk(_) => vec![
            Verb::Acknowledge,
            Verb::Paper(OnPaper::Acknowledgement),
            Verb::SetPlan,
            Verb::ReportMeasure,
            Verb::RequestCheck,
            Verb::Paper(OnPaper::Reply),
            Verb::Check,
            Verb::Dispute,
            Verb::DecideDispute,
            Verb::ExtendDeadline,
            Verb::RegisterEvidence,
        ],
        Matter::Question(_) => vec![Verb::RevokeExhibit],
        Matter::Consultation(_) => vec![
            Verb::Triage,
            Verb::Invite,
            Verb::Conclude,
            Verb::Dissent,
            Verb::SignMinutes,
            Verb::ActionDone,
            Verb::CloseConsultation,
        ],
        Matter::StandIn(_) => vec![Verb::NameStandIn],
        Matter::Exhibit(_) | Matter::Unopened => Vec::new(),
    };
    // Where somebody may take the step, nobody would look for this.
    if stand_in::vacant(&about.space.state, record, about.now).is_some() {
        out.insert(0, Verb::AskStandIn);
    }
    if about.reading.is_some_and(|r| !conflict::unsettled(r, &record.resolutions).is_empty()) {
        out.insert(0, Verb::Resolve);
    }
    if record.late_waiting().next().is_some() {
        out.insert(0, Verb::DeclineLate);
        out.insert(0, Verb::AdoptLate);
    }
    out
}
