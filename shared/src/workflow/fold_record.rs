//! Folding what concerns records: text, signatures, the tray, interviews, workpapers,
//! findings, evidence and consultations.
use super::{
    command::TriageOutcome,
    consultation::{
        ActionState, Conclusion, ConsultationStage, ConsultationState, ExhibitEnd, ExhibitShown,
        ExhibitState, QuestionState,
    },
    event::{EntryMeta, Event},
    finding::{FindingStage, FindingState, Milestone, MilestoneKind},
    interview::{Corrected, InterviewState, Review},
    notice::{EditionStage, EditionState, NoticeStage, NoticeState},
    record::{
        Comment, Fell, Late, LateOutcome, Matter, Record, Resolution, ReturnNote, Signature,
        SignedVersion,
    },
    state::{FixedStatement, PassedDeadline, Registered, SpaceState},
    workpaper::WorkpaperState,
};
use crate::model::{DocId, DocKind, number::NumberKind};

/// Folds an event about a record; tells whether it was one of these.
pub(super) fn fold(state: &mut SpaceState, meta: &EntryMeta, doc: DocId, event: &Event) -> bool {
    common(state, meta, doc, event)
        || interview(state, meta, doc, event)
        || workpaper(state, meta, doc, event)
        || consultation(state, meta, doc, event)
}

fn record<'a>(state: &'a mut SpaceState, meta: &EntryMeta, doc: DocId) -> &'a mut Record {
    state.records.entry(doc).or_insert_with(|| Record::unopened(doc, meta.at))
}

fn common(state: &mut SpaceState, meta: &EntryMeta, doc: DocId, event: &Event) -> bool {
    let at = meta.at;
    match event {
        Event::RecordOpened { kind, by, provisional } => {
            let record = record(state, meta, doc);
            record.text = Some(*kind);
            record.by = record.by.or(Some(*by));
            record.provisional = record.provisional.take().or_else(|| provisional.clone());
            if record.matter == Matter::Unopened {
                record.matter = match kind {
                    DocKind::Interview => Matter::Interview(InterviewState::default()),
                    DocKind::Workpaper => Matter::Workpaper(WorkpaperState::default()),
                    DocKind::Notice => Matter::Notice(NoticeState::default()),
                    // A consultation's record is there before its text.
                    DocKind::Consultation => Matter::Unopened,
                };
            }
        }
        Event::ContentAside { envelope, by, reason, rests_on, birth } => {
            let record = record(state, meta, doc);
            if !record.late.iter().any(|late| late.envelope == *envelope) {
                record.late.push(Late {
                    envelope: *envelope,
                    by: *by,
                    at,
                    reason: reason.clone(),
                    rests_on: rests_on.clone(),
                    birth: *birth,
                    outcome: None,
                });
            }
        }
        Event::Signed { by, meaning, pin, stand_in, gate_override } => {
            let signature = Signature {
                person: *by,
                meaning: *meaning,
                at,
                envelope: meta.envelope,
                stand_in: stand_in.clone(),
                gate_override: gate_override.clone(),
            };
            let record = record(state, meta, doc);
            match record.versions.last_mut().filter(|v| v.fell.is_none()) {
                Some(standing) => standing.signatures.push(signature),
                None => record.versions.push(SignedVersion {
                    heads: pin.heads.clone(),
                    rendering: pin.rendering,
                    text: pin.text.clone().unwrap_or_default(),
                    signatures: vec![signature],
                    fell: None,
                }),
            }
        }
        Event::Returned { by, notes } => {
            let record = record(state, meta, doc);
            record.fall(Fell::Returned { at });
            record.returns.push(ReturnNote { by: *by, at, notes: notes.clone() });
            after_return(record);
            let freed = record.matter.interview_mut().map(|i| std::mem::take(&mut i.statements));
            for statement in freed.unwrap_or_default() {
                state.statements.remove(&statement);
            }
        }
        Event::ConflictResolved { by, field, ops, chosen, reason } => {
            let resolution = Resolution {
                ops: ops.clone(),
                chosen: chosen.clone(),
                reason: reason.clone(),
                by: *by,
                at,
            };
            record(state, meta, doc).resolutions.insert(field.clone(), resolution);
        }
        Event::LateAdopted { by, envelopes } => {
            let record = record(state, meta, doc);
            record.fall(Fell::Amended { at });
            after_return(record);
            for late in record.late.iter_mut().filter(|l| envelopes.contains(&l.envelope)) {
                late.outcome = Some(LateOutcome::Adopted { by: *by, at });
            }
        }
        Event::LateDeclined { by, envelopes, reason } => {
            let record = record(state, meta, doc);
            for late in record.late.iter_mut().filter(|l| envelopes.contains(&l.envelope)) {
                late.outcome = Some(LateOutcome::Declined { by: *by, at, reason: reason.clone() });
            }
        }
        Event::NumberGiven { kind, seq, number } => {
            counted(state, *kind, *seq);
            record(state, meta, doc).official = Some(number.clone());
        }
        Event::DeadlinePassed { deadline, due } => {
            state.passed.insert(PassedDeadline { doc, deadline: *deadline, due: *due });
        }
        Event::EvidenceRegistered { evidence, number, by } => {
            let count = state.counters.get(&NumberKind::EV).copied().unwrap_or(0);
            counted(state, NumberKind::EV, count + 1);
            state.evidence.entry(evidence.id).or_insert_with(|| Registered {
                evidence: evidence.clone(),
                number: number.clone(),
                by: *by,
                at,
                doc: Some(doc),
            });
        }
        Event::EditionPlaced { edition, for_approval, replaces, by } => {
            if let Some(old) = replaces.and_then(|id| state.records.get_mut(&id))
                && let Some(old) = old.matter.edition_mut()
            {
                old.replaced_by = Some(doc);
            }
            let stage = if *for_approval { EditionStage::ForApproval } else { EditionStage::Shown };
            let record = record(state, meta, doc);
            record.official = Some(edition.number.clone());
            record.by = Some(*by);
            record.matter = Matter::Edition(EditionState {
                edition: edition.clone(),
                by: *by,
                stage,
                replaced_by: None,
            });
        }
        Event::Commented { by, name, text } => {
            let comment = Comment { by: *by, name: name.clone(), at, text: text.clone() };
            record(state, meta, doc).comments.push(comment);
        }
        _ => return false,
    }
    true
}

fn counted(state: &mut SpaceState, kind: NumberKind, seq: u32) {
    let counter = state.counters.entry(kind).or_default();
    *counter = seq.max(*counter);
}

/// Brings the record's own stage in line with signatures that no longer stand.
fn after_return(record: &mut Record) {
    match &mut record.matter {
        Matter::Notice(notice) if notice.stage != NoticeStage::Issued => {
            notice.stage = NoticeStage::Draft;
            notice.approved = None;
        }
        Matter::Edition(edition) if edition.stage == EditionStage::ForApproval => {
            edition.stage = EditionStage::SentBack;
        }
        Matter::Consultation(c) if c.stage == ConsultationStage::Minuted => {
            c.stage = ConsultationStage::Concluded;
        }
        _ => {}
    }
}

fn interview(state: &mut SpaceState, meta: &EntryMeta, doc: DocId, event: &Event) -> bool {
    let at = meta.at;
    if let Event::StatementsFixed { statements, interviewers } = event {
        for (item, tag) in statements {
            state.statements.insert(*item, FixedStatement { interview: doc, tag: *tag });
        }
        if let Some(i) = record(state, meta, doc).matter.interview_mut() {
            i.statements = statements.iter().map(|(item, _)| *item).collect();
            i.interviewers.clone_from(interviewers);
        }
        return true;
    }
    let Some(i) = state.records.get_mut(&doc).and_then(|r| r.matter.interview_mut()) else {
        return false;
    };
    match event {
        Event::ReviewRecorded { by, outcome, corrections, on_paper, rendering } => {
            i.review = Some(Review {
                outcome: *outcome,
                by: *by,
                at,
                on_paper: on_paper.clone(),
                rendering: *rendering,
            });
            i.corrections.extend(corrections.iter().map(|c| Corrected {
                correction: c.clone(),
                by: *by,
                at,
            }));
        }
        Event::InterviewClosed { by } => i.closed = Some((*by, at)),
        Event::InterviewCancelled { by, reason } => i.cancelled = Some((*by, at, reason.clone())),
        _ => return false,
    }
    true
}

fn workpaper(state: &mut SpaceState, meta: &EntryMeta, doc: DocId, event: &Event) -> bool {
    let at = meta.at;
    let milestone = |what| Milestone { at, what, doc };
    match event {
        Event::WorkpaperAdmitted { severity, title, edition } => {
            if let Some(w) = record(state, meta, doc).matter.workpaper_mut() {
                w.admitted = w.admitted.or(Some(at));
                w.severity = *severity;
                w.title.clone_from(title);
                w.edition = edition.or(w.edition);
            }
        }
        Event::Dropped { by, reason } => {
            if let Some(w) = record(state, meta, doc).matter.workpaper_mut() {
                w.dropped = Some((*by, at, reason.clone()));
            }
        }
        Event::FindingOpened { finding } => {
            for paper in &finding.workpapers {
                if let Some(w) = state.records.get_mut(paper).and_then(|r| r.matter.workpaper_mut())
                {
                    w.finding = Some(doc);
                }
            }
            record(state, meta, doc).matter = Matter::Finding(FindingState {
                finding: finding.clone(),
                stage: FindingStage::Proposed,
                notices: Vec::new(),
                chain: vec![milestone(MilestoneKind::Opened)],
                withdrawn: None,
            });
        }
        Event::FindingApproved { .. } => {
            if let Some(f) = record(state, meta, doc).matter.finding_mut() {
                f.stage = FindingStage::LeaderOk;
                f.chain.push(milestone(MilestoneKind::Approved));
            }
        }
        Event::FindingWithdrawn { by, reason } => {
            if let Some(f) = record(state, meta, doc).matter.finding_mut() {
                f.stage = FindingStage::Withdrawn;
                f.withdrawn = Some((*by, at, reason.clone()));
                f.chain.push(milestone(MilestoneKind::Withdrawn));
            }
        }
        _ => return false,
    }
    true
}

fn consultation(state: &mut SpaceState, meta: &EntryMeta, doc: DocId, event: &Event) -> bool {
    let at = meta.at;
    match event {
        Event::QuestionRaised { by, title, question, urgency, space, consultation } => {
            let record = record(state, meta, doc);
            record.by = Some(*by);
            record.matter = Matter::Question(QuestionState {
                by: *by,
                title: title.clone(),
                question: question.clone(),
                urgency: *urgency,
                space: *space,
                consultation: *consultation,
                exhibits: Vec::new(),
                closed: None,
            });
        }
        Event::ConsultationOpened {
            by,
            group,
            title,
            question,
            urgency,
            source_space,
            source,
            number,
        } => {
            let record = record(state, meta, doc);
            record.by = Some(*by);
            record.official = Some(number.clone());
            record.matter = Matter::Consultation(ConsultationState {
                raised_by: *by,
                group: group.clone(),
                title: title.clone(),
                question: question.clone(),
                urgency: *urgency,
                source_space: *source_space,
                source: *source,
                stage: ConsultationStage::Raised,
                raised_at: at,
                triage: None,
                conclusion: None,
                dissents: Vec::new(),
                actions: Vec::new(),
                closed_at: None,
            });
        }
        Event::ExhibitGranted { source, exhibit, until, masked, unmasked_reason, .. } => {
            if let Some(q) = record(state, meta, doc).matter.question_mut() {
                q.exhibits.push(ExhibitShown {
                    source: *source,
                    exhibit: *exhibit,
                    until: *until,
                    masked: *masked,
                    unmasked_reason: unmasked_reason.clone(),
                    revoked: None,
                });
            }
        }
        Event::ExhibitPlaced { edition, until, by } => {
            let record = record(state, meta, doc);
            record.by = Some(*by);
            record.official = Some(edition.number.clone());
            record.matter = Matter::Exhibit(ExhibitState {
                number: edition.number.clone(),
                edition: Some(edition.clone()),
                by: *by,
                until: *until,
                opened: Vec::new(),
                ended: None,
            });
        }
        Event::ExhibitOpened { by } => {
            let exhibit = state.records.get_mut(&doc).and_then(|r| r.matter.exhibit_mut());
            if let Some(exhibit) = exhibit {
                exhibit.opened.push((*by, at));
            }
        }
        Event::ExhibitExpired => end_exhibit(state, meta, doc, ExhibitEnd::Expired),
        Event::ExhibitRevoked { exhibit, .. } => {
            if let Some(q) = state.records.get_mut(&doc).and_then(|r| r.matter.question_mut()) {
                for shown in q.exhibits.iter_mut().filter(|e| e.exhibit == *exhibit) {
                    shown.revoked = Some(at);
                }
            }
            end_exhibit(state, meta, doc, ExhibitEnd::Revoked);
        }
        _ => return talk(state, meta, doc, event),
    }
    true
}

/// Empties an exhibit: what can no longer be read is not kept in the state either.
fn end_exhibit(state: &mut SpaceState, meta: &EntryMeta, doc: DocId, end: ExhibitEnd) {
    if let Some(e) = state.records.get_mut(&doc).and_then(|r| r.matter.exhibit_mut())
        && e.ended.is_none()
    {
        e.ended = Some((meta.at, end));
        e.edition = None;
    }
}

fn talk(state: &mut SpaceState, meta: &EntryMeta, doc: DocId, event: &Event) -> bool {
    let at = meta.at;
    let Some(record) = state.records.get_mut(&doc) else { return false };
    if let (Event::ConsultationClosed { outcome, .. }, Some(q)) =
        (event, record.matter.question_mut())
    {
        q.closed = Some((at, outcome.clone()));
        return true;
    }
    let Some(c) = record.matter.consultation_mut() else { return false };
    match event {
        Event::Triaged { by, outcome } => {
            c.stage = match outcome {
                TriageOutcome::Convened => ConsultationStage::Convened,
                _ => ConsultationStage::Answered,
            };
            c.triage = Some((*by, at, outcome.clone()));
        }
        Event::Concluded { by, characterisation, sufficiency, disposition, actions } => {
            c.stage = ConsultationStage::Concluded;
            c.conclusion = Some(Conclusion {
                by: *by,
                at,
                characterisation: characterisation.clone(),
                sufficiency: sufficiency.clone(),
                disposition: disposition.clone(),
            });
            c.actions = actions
                .iter()
                .map(|(id, action)| ActionState { id: *id, action: action.clone(), done: None })
                .collect();
        }
        Event::Minuted => c.stage = ConsultationStage::Minuted,
        Event::Dissented { by, text } => c.dissents.push((*by, at, text.clone())),
        Event::ActionReported { by, action, note } => {
            for open in c.actions.iter_mut().filter(|a| a.id == *action) {
                open.done = Some((*by, at, note.clone()));
            }
        }
        Event::ConsultationClosed { .. } => {
            c.stage = ConsultationStage::Done;
            c.closed_at = Some(at);
        }
        _ => return false,
    }
    true
}
