//! Folding what concerns notices, on both sides, and the findings behind them.
use std::collections::BTreeMap;

use super::{
    command::DisputeOutcome,
    event::{DeskStage, EntryMeta, Event},
    finding::{FindingStage, Milestone, MilestoneKind},
    notice::{
        AcknowledgedBy, CheckMade, DeskState, DisputeMade, EditionStage, MeasureReport,
        MeasureState, MovedDue, NoticeStage, PaperReply,
    },
    record::{Matter, Record},
    state::SpaceState,
};
use crate::model::{DocId, number::NumberKind};

/// Folds an event about a notice.
pub(super) fn fold(state: &mut SpaceState, meta: &EntryMeta, doc: DocId, event: &Event) {
    if let Event::NoticePlaced(notice) = event {
        let mut record = Record::unopened(doc, meta.at);
        record.official = Some(notice.number.clone());
        record.by = Some(notice.issued_by);
        record.matter = Matter::Desk(DeskState {
            stage: DeskStage::Issued,
            issued_at: meta.at,
            due: notice.due,
            moved: Vec::new(),
            exit_on: notice.exit_on,
            acknowledged: None,
            disputes: Vec::new(),
            amended_request: None,
            plan_at: None,
            measures: Vec::new(),
            replies: Vec::new(),
            check_requested: None,
            checks: Vec::new(),
            ended_at: None,
            notice: notice.clone(),
        });
        state.records.insert(doc, record);
        return;
    }
    if let Event::PlanSet { measures, .. } = event {
        let count = state.counters.entry(NumberKind::MS).or_default();
        *count = count.saturating_add(u32::try_from(measures.len()).unwrap_or(u32::MAX));
    }
    let Some(record) = state.records.get_mut(&doc) else { return };
    let standing = record.standing().map(|v| v.rendering);
    match &mut record.matter {
        Matter::Edition(edition) => {
            if matches!(event, Event::NoticeApproved { .. }) {
                edition.stage = EditionStage::Approved;
            }
        }
        Matter::Notice(notice) => match event {
            Event::NoticeProposed { edition, workpapers, severity, .. } => {
                notice.stage = NoticeStage::Proposed;
                notice.edition = Some(*edition);
                notice.workpapers.clone_from(workpapers);
                notice.severity = *severity;
            }
            // An approval of a text that was taken back meanwhile approves nothing.
            Event::NoticeApproved { by, role, rendering }
                if notice.stage == NoticeStage::Proposed && standing == Some(*rendering) =>
            {
                notice.stage = NoticeStage::Approved;
                notice.approved = Some((*by, *role, meta.at));
            }
            Event::NoticeIssued { by, desk, notice: there, due } => {
                notice.stage = NoticeStage::Issued;
                notice.issued = Some((*by, meta.at));
                notice.desk = Some((*desk, *there));
                notice.due = Some(*due);
                notice.on_desk = Some(DeskStage::Issued);
                let papers = notice.workpapers.clone();
                findings(state, meta, doc, &papers, None);
            }
            Event::NoticeMoved { stage, due } => {
                notice.on_desk = Some(*stage);
                notice.due = Some(*due);
                let papers = notice.workpapers.clone();
                findings(state, meta, doc, &papers, Some(*stage));
            }
            _ => {}
        },
        Matter::Desk(desk) => on_desk(desk, meta, event),
        _ => {}
    }
}

/// Carries what became of a notice into the findings behind it.
fn findings(
    state: &mut SpaceState,
    meta: &EntryMeta,
    notice: DocId,
    papers: &[DocId],
    moved: Option<DeskStage>,
) {
    let what = moved.map_or(MilestoneKind::NoticeIssued, MilestoneKind::Notice);
    let on_desk: BTreeMap<DocId, DeskStage> = state
        .matters(Matter::notice)
        .filter_map(|(record, n)| n.on_desk.map(|stage| (record.doc, stage)))
        .collect();
    for record in state.records.values_mut() {
        let Some(f) = record.matter.finding_mut() else { continue };
        if !f.finding.workpapers.iter().any(|paper| papers.contains(paper)) {
            continue;
        }
        if !f.notices.contains(&notice) {
            f.notices.push(notice);
        }
        f.chain.push(Milestone { at: meta.at, what, doc: notice });
        if f.stage != FindingStage::Withdrawn {
            f.stage = stage_of(f.notices.iter().filter_map(|n| on_desk.get(n)));
        }
    }
}

/// Returns where a finding is by its notices: it is put right once all of them are over, and
/// what is in the plan stays to be done.
fn stage_of<'a>(notices: impl Iterator<Item = &'a DeskStage>) -> FindingStage {
    let mut stage = FindingStage::LeaderOk;
    for notice in notices {
        stage = match notice {
            DeskStage::Withdrawn => stage,
            DeskStage::Done if stage == FindingStage::LeaderOk => FindingStage::Rectified,
            DeskStage::Done => stage,
            DeskStage::CarriedToPlan => FindingStage::CarriedToPlan,
            _ => return FindingStage::InRectification,
        };
    }
    stage
}

fn on_desk(desk: &mut DeskState, meta: &EntryMeta, event: &Event) {
    let at = meta.at;
    match event {
        Event::Acknowledged { by, rendering, on_paper } => {
            desk.stage = DeskStage::Received;
            desk.acknowledged = Some(AcknowledgedBy {
                by: *by,
                at,
                on_paper: on_paper.clone(),
                rendering: *rendering,
            });
        }
        Event::Disputed { by, reason } => {
            let before = std::mem::replace(&mut desk.stage, DeskStage::Disputed);
            desk.disputes.push(DisputeMade {
                by: *by,
                at,
                reason: reason.clone(),
                before,
                decided: None,
            });
        }
        Event::DisputeDecided { by, outcome, reason, due } => {
            if *due != desk.due {
                let was = std::mem::replace(&mut desk.due, *due);
                desk.moved.push(MovedDue {
                    was,
                    due: *due,
                    at,
                    by: *by,
                    reason: String::new(),
                    extension: false,
                });
            }
            if let Some(dispute) = desk.disputes.last_mut() {
                dispute.decided = Some((*by, at, outcome.clone(), reason.clone()));
                desk.stage = dispute.before;
            }
            match outcome {
                DisputeOutcome::Upheld => {}
                DisputeOutcome::Amended { request } => {
                    desk.amended_request = Some(request.clone());
                }
                DisputeOutcome::Withdrawn => {
                    desk.stage = DeskStage::Withdrawn;
                    desk.ended_at = Some(at);
                }
            }
        }
        Event::PlanSet { measures, .. } => {
            desk.stage = DeskStage::Fixing;
            desk.plan_at = Some(at);
            desk.measures = measures
                .iter()
                .map(|(measure, number)| MeasureState {
                    measure: measure.clone(),
                    number: number.clone(),
                    reports: Vec::new(),
                })
                .collect();
        }
        Event::MeasureReported { by, measure, evidence, note } => {
            for m in desk.measures.iter_mut().filter(|m| m.measure.id == *measure) {
                m.reports.push(MeasureReport {
                    by: *by,
                    at,
                    evidence: evidence.clone(),
                    note: note.clone(),
                });
            }
        }
        Event::ReplyRecorded { by, on_paper } => {
            desk.replies.push(PaperReply { by: *by, at, on_paper: on_paper.clone() });
        }
        Event::CheckRequested { .. } => {
            desk.stage = DeskStage::Reported;
            desk.check_requested = Some(at);
        }
        Event::Checked { checkers, sample, evidence, notes, done, .. } => {
            desk.checks.push(CheckMade {
                at,
                checkers: checkers.clone(),
                sample: *sample,
                evidence: evidence.clone(),
                notes: notes.clone(),
                done: *done,
            });
            desk.stage = if *done { DeskStage::Done } else { DeskStage::Returned };
            desk.ended_at = done.then_some(at);
        }
        Event::DeadlineExtended { by, was, due, reason } => {
            desk.due = *due;
            desk.moved.push(MovedDue {
                was: *was,
                due: *due,
                at,
                by: *by,
                reason: reason.clone(),
                extension: true,
            });
        }
        Event::CarriedToPlan => {
            desk.stage = DeskStage::CarriedToPlan;
            desk.ended_at = Some(at);
        }
        _ => {}
    }
}
