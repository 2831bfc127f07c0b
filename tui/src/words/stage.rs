//! How far things have come, and what rows of lists say.
use shared::workflow::{
    Holder, TaskKind,
    consultation::{ConsultationStage, ExhibitEnd},
    deadline::AlertLevel,
    event::{DeskStage, Meaning},
    finding::{FindingStage, MilestoneKind},
    notice::{EditionStage, NoticeStage},
};

use super::{Words, t};
use crate::app::{
    Tab,
    data::Mark,
    list::{PaperStage, TalkStage},
};

impl Words {
    /// Names a main screen.
    pub fn tab(&self, tab: Tab) -> String {
        match tab {
            Tab::Today => t!(self, "tab-today"),
            Tab::Interviews => t!(self, "tab-interviews"),
            Tab::Workpapers => t!(self, "tab-workpapers"),
            Tab::Consultations => t!(self, "tab-consultations"),
            Tab::Notices => t!(self, "tab-notices"),
            Tab::Sync => t!(self, "tab-sync"),
            Tab::Board => t!(self, "tab-board"),
        }
    }

    /// Says how far a record has come, in the three words of the house.
    pub fn mark(&self, mark: Mark) -> String {
        match mark {
            Mark::Saved => t!(self, "mark-saved"),
            Mark::Received => t!(self, "mark-received"),
            Mark::Decided => t!(self, "mark-decided"),
        }
    }

    /// Says what is to be done.
    pub fn task(&self, task: TaskKind) -> String {
        match task {
            TaskKind::Returned => t!(self, "task-returned"),
            TaskKind::SignAgain => t!(self, "task-sign-again"),
            TaskKind::ConfirmInterview => t!(self, "task-confirm-interview"),
            TaskKind::RecordReview => t!(self, "task-record-review"),
            TaskKind::CloseInterview => t!(self, "task-close-interview"),
            TaskKind::SignMaker => t!(self, "task-sign-maker"),
            TaskKind::SignDeputy => t!(self, "task-sign-deputy"),
            TaskKind::SignLeader => t!(self, "task-sign-leader"),
            TaskKind::AskStandIn => t!(self, "task-ask-stand-in"),
            TaskKind::NameStandIn => t!(self, "task-name-stand-in"),
            TaskKind::ApproveFinding => t!(self, "task-approve-finding"),
            TaskKind::LateArrivals => t!(self, "task-late"),
            TaskKind::ApproveNotice => t!(self, "task-approve-notice"),
            TaskKind::IssueNotice => t!(self, "task-issue-notice"),
            TaskKind::Acknowledge => t!(self, "task-acknowledge"),
            TaskKind::SetPlan => t!(self, "task-set-plan"),
            TaskKind::ReportMeasures => t!(self, "task-report"),
            TaskKind::Check => t!(self, "task-check"),
            TaskKind::DecideDispute => t!(self, "task-dispute"),
            TaskKind::Triage => t!(self, "task-triage"),
            TaskKind::Conclude => t!(self, "task-conclude"),
            TaskKind::SignMinutes => t!(self, "task-sign-minutes"),
            TaskKind::FinishConsultation => t!(self, "task-finish"),
            TaskKind::CloseConsultation => t!(self, "task-close-consultation"),
        }
    }

    /// Says how loud a reminder is; nothing for a quiet one.
    pub fn level(&self, level: AlertLevel) -> String {
        match level {
            AlertLevel::Info => String::new(),
            AlertLevel::Yellow => t!(self, "level-yellow"),
            AlertLevel::Orange => t!(self, "level-orange"),
            AlertLevel::Red => t!(self, "level-red"),
        }
    }

    /// Says how far a talk has come.
    pub fn talk(&self, stage: TalkStage) -> String {
        match stage {
            TalkStage::Writing => t!(self, "talk-writing"),
            TalkStage::ConfirmedByOne => t!(self, "talk-one"),
            TalkStage::Confirmed => t!(self, "talk-confirmed"),
            TalkStage::Reviewed => t!(self, "talk-reviewed"),
            TalkStage::Closed => t!(self, "talk-closed"),
            TalkStage::Cancelled => t!(self, "talk-cancelled"),
        }
    }

    /// Says how far a workpaper has come.
    pub fn paper(&self, stage: PaperStage) -> String {
        match stage {
            PaperStage::Draft => t!(self, "paper-draft"),
            PaperStage::Returned => t!(self, "paper-returned"),
            PaperStage::Amended => t!(self, "paper-amended"),
            PaperStage::Made(n) => t!(self, "paper-made", n = n),
            PaperStage::Reviewed => t!(self, "paper-reviewed"),
            PaperStage::Approved => t!(self, "paper-approved"),
            PaperStage::Dropped => t!(self, "paper-dropped"),
        }
    }

    /// Says how far a finding has come.
    pub fn finding(&self, stage: &FindingStage) -> String {
        match stage {
            FindingStage::Proposed => t!(self, "finding-proposed"),
            FindingStage::LeaderOk => t!(self, "finding-leader-ok"),
            FindingStage::InRectification => t!(self, "finding-in-rectification"),
            FindingStage::Rectified => t!(self, "finding-rectified"),
            FindingStage::CarriedToPlan => t!(self, "finding-carried"),
            FindingStage::Withdrawn => t!(self, "finding-withdrawn"),
        }
    }

    /// Says how far a notice has come where it is written.
    pub fn notice(&self, stage: NoticeStage) -> String {
        match stage {
            NoticeStage::Draft => t!(self, "notice-draft"),
            NoticeStage::Proposed => t!(self, "notice-proposed"),
            NoticeStage::Approved => t!(self, "notice-approved"),
            NoticeStage::Issued => t!(self, "notice-issued"),
        }
    }

    /// Says how far a notice has come on the unit's desk.
    pub fn desk(&self, stage: DeskStage) -> String {
        match stage {
            DeskStage::Issued => t!(self, "desk-issued"),
            DeskStage::Received => t!(self, "desk-received"),
            DeskStage::Disputed => t!(self, "desk-disputed"),
            DeskStage::Fixing => t!(self, "desk-fixing"),
            DeskStage::Reported => t!(self, "desk-reported"),
            DeskStage::Returned => t!(self, "desk-returned"),
            DeskStage::Done => t!(self, "desk-done"),
            DeskStage::CarriedToPlan => t!(self, "desk-carried"),
            DeskStage::Withdrawn => t!(self, "desk-withdrawn"),
        }
    }

    /// Says whether a question is over.
    pub fn question(&self, closed: bool) -> String {
        if closed { t!(self, "question-closed") } else { t!(self, "question-open") }
    }

    /// Says how far a consultation has come.
    pub fn session(&self, stage: ConsultationStage) -> String {
        match stage {
            ConsultationStage::Raised => t!(self, "session-raised"),
            ConsultationStage::Answered => t!(self, "session-answered"),
            ConsultationStage::Convened => t!(self, "session-convened"),
            ConsultationStage::Concluded => t!(self, "session-concluded"),
            ConsultationStage::Minuted => t!(self, "session-minuted"),
            ConsultationStage::Done => t!(self, "session-done"),
        }
    }

    /// Says how an exhibit ended.
    pub fn exhibit_end(&self, end: ExhibitEnd) -> String {
        match end {
            ExhibitEnd::Expired => t!(self, "exhibit-expired"),
            ExhibitEnd::Revoked => t!(self, "exhibit-revoked"),
        }
    }

    /// Says what an edition is before the office for.
    pub fn edition(&self, stage: EditionStage) -> String {
        match stage {
            EditionStage::Shown => t!(self, "edition-shown"),
            EditionStage::ForApproval => t!(self, "edition-for-approval"),
            EditionStage::Approved => t!(self, "edition-approved"),
            EditionStage::SentBack => t!(self, "edition-sent-back"),
        }
    }

    /// Says as what somebody signed.
    pub fn meaning(&self, meaning: Meaning) -> String {
        use shared::workflow::Step;
        match meaning {
            Meaning::Interviewer => t!(self, "meaning-interviewer"),
            Meaning::Step(Step::Maker) => t!(self, "meaning-maker"),
            Meaning::Step(Step::Deputy) => t!(self, "meaning-deputy"),
            Meaning::Step(Step::Leader) => t!(self, "meaning-leader"),
            Meaning::Proposal => t!(self, "meaning-proposal"),
            Meaning::Minutes => t!(self, "meaning-minutes"),
        }
    }

    /// Says who has to act next.
    pub fn holder(&self, holder: Holder) -> String {
        match holder {
            Holder::Interviewers => t!(self, "holder-interviewers"),
            Holder::Makers => t!(self, "holder-makers"),
            Holder::Deputy => t!(self, "holder-deputy"),
            Holder::Leader => t!(self, "holder-leader"),
            Holder::Group => t!(self, "holder-group"),
            Holder::Office => t!(self, "holder-office"),
            Holder::Delegate => t!(self, "holder-delegate"),
            Holder::UnitHead => t!(self, "holder-unit-head"),
            Holder::Unit => t!(self, "holder-unit"),
            Holder::Participants => t!(self, "holder-participants"),
            Holder::Nobody => t!(self, "holder-nobody"),
        }
    }

    /// Says what a milestone of a finding is.
    pub fn milestone(&self, kind: MilestoneKind) -> String {
        match kind {
            MilestoneKind::Opened => t!(self, "milestone-opened"),
            MilestoneKind::Approved => t!(self, "milestone-approved"),
            MilestoneKind::NoticeIssued => t!(self, "milestone-issued"),
            MilestoneKind::Notice(stage) => {
                t!(self, "milestone-notice", stage = self.desk(stage))
            }
            MilestoneKind::Withdrawn => t!(self, "milestone-withdrawn"),
        }
    }

    /// Says a stage by its stored name, as refusals give it; an unknown one as it is.
    pub fn stage_name(&self, name: &str) -> String {
        match name {
            "draft" | "unopened" => t!(self, "paper-draft"),
            "drafted" => t!(self, "talk-writing"),
            "confirmed" => t!(self, "talk-confirmed"),
            "undisputed" => t!(self, "stage-undisputed"),
            "dropped" => t!(self, "paper-dropped"),
            "leader_approved" => t!(self, "paper-approved"),
            "closed" => t!(self, "talk-closed"),
            "cancelled" => t!(self, "talk-cancelled"),
            "proposed" => t!(self, "notice-proposed"),
            "approved" => t!(self, "notice-approved"),
            "issued" => t!(self, "notice-issued"),
            "leader_ok" => t!(self, "finding-leader-ok"),
            "in_rectification" => t!(self, "finding-in-rectification"),
            "rectified" => t!(self, "finding-rectified"),
            "carried_to_plan" => t!(self, "desk-carried"),
            "withdrawn" => t!(self, "desk-withdrawn"),
            "received" => t!(self, "desk-received"),
            "disputed" => t!(self, "desk-disputed"),
            "fixing" => t!(self, "desk-fixing"),
            "reported" => t!(self, "desk-reported"),
            "returned" => t!(self, "desk-returned"),
            "done" => t!(self, "desk-done"),
            "raised" => t!(self, "session-raised"),
            "answered" => t!(self, "session-answered"),
            "convened" => t!(self, "session-convened"),
            "concluded" => t!(self, "session-concluded"),
            "minuted" => t!(self, "session-minuted"),
            "revoked" => t!(self, "exhibit-revoked"),
            "expired" => t!(self, "exhibit-expired"),
            "signed" => t!(self, "panel-signatures"),
            "stand_in_asked" => t!(self, "stand-in-asked"),
            "action_done" => t!(self, "panel-done"),
            "not_for_approval" => t!(self, "edition-shown"),
            other => other.to_owned(),
        }
    }
}
