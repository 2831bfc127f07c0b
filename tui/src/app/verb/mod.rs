//! The legal steps as a person chooses them: what each asks for, and the command it makes.
mod build;
mod fields;
mod probe;

pub use build::build;
pub use fields::{fields, first_conflict};
pub use probe::probe;

use shared::workflow::{Command, Step};

/// What was signed on paper and is entered with its scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OnPaper {
    /// The interviewee's review of the note.
    Review,
    /// The unit head's acknowledgement.
    Acknowledgement,
    /// The unit's reply: its plan, what was done, the wish for the check.
    Reply,
}

/// A legal step, without what is filled in for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the command of the same name")]
pub enum Verb {
    ConfirmInterview,
    RecordReview,
    CloseInterview,
    CancelInterview,
    Paper(OnPaper),
    Sign(Step),
    Return,
    Resolve,
    AdoptLate,
    DeclineLate,
    Drop,
    ApproveFinding,
    WithdrawFinding,
    RegisterEvidence,
    Raise,
    Triage,
    Invite,
    GrantExhibit,
    RevokeExhibit,
    OpenExhibit,
    Conclude,
    Dissent,
    SignMinutes,
    ActionDone,
    CloseConsultation,
    ProposeNotice,
    ApproveNotice,
    IssueNotice,
    Acknowledge,
    Dispute,
    DecideDispute,
    SetPlan,
    ReportMeasure,
    RequestCheck,
    Check,
    ExtendDeadline,
    Comment,
    AskStandIn,
    NameStandIn,
    /// What only the server asks.
    Server,
}

impl Verb {
    /// Returns the step a command takes.
    pub const fn of(command: &Command) -> Self {
        match command {
            Command::ConfirmInterview { .. } => Self::ConfirmInterview,
            Command::RecordReview { on_paper: Some(_), .. } => Self::Paper(OnPaper::Review),
            Command::RecordReview { .. } => Self::RecordReview,
            Command::CloseInterview => Self::CloseInterview,
            Command::CancelInterview { .. } => Self::CancelInterview,
            Command::Sign { step, .. } => Self::Sign(*step),
            Command::Return { .. } => Self::Return,
            Command::ResolveConflict { .. } => Self::Resolve,
            Command::AdoptLate { .. } => Self::AdoptLate,
            Command::DeclineLate { .. } => Self::DeclineLate,
            Command::Drop { .. } => Self::Drop,
            Command::ApproveFinding => Self::ApproveFinding,
            Command::WithdrawFinding { .. } => Self::WithdrawFinding,
            Command::RegisterEvidence { .. } => Self::RegisterEvidence,
            Command::Raise { .. } => Self::Raise,
            Command::Triage { .. } => Self::Triage,
            Command::Invite { .. } => Self::Invite,
            Command::GrantExhibit { .. } => Self::GrantExhibit,
            Command::RevokeExhibit { .. } => Self::RevokeExhibit,
            Command::OpenExhibit => Self::OpenExhibit,
            Command::Conclude { .. } => Self::Conclude,
            Command::Dissent { .. } => Self::Dissent,
            Command::SignMinutes { .. } => Self::SignMinutes,
            Command::ActionDone { .. } => Self::ActionDone,
            Command::CloseConsultation => Self::CloseConsultation,
            Command::ProposeNotice { .. } => Self::ProposeNotice,
            Command::ApproveNotice => Self::ApproveNotice,
            Command::IssueNotice { .. } => Self::IssueNotice,
            Command::Acknowledge { on_paper: Some(_), .. } => Self::Paper(OnPaper::Acknowledgement),
            Command::Acknowledge { .. } => Self::Acknowledge,
            Command::Dispute { .. } => Self::Dispute,
            Command::DecideDispute { .. } => Self::DecideDispute,
            Command::SetPlan { .. } => Self::SetPlan,
            Command::ReportMeasure { .. } => Self::ReportMeasure,
            Command::ReplyOnPaper { .. } => Self::Paper(OnPaper::Reply),
            Command::RequestCheck => Self::RequestCheck,
            Command::Check { .. } => Self::Check,
            Command::ExtendDeadline { .. } => Self::ExtendDeadline,
            Command::CommentEdition { .. } => Self::Comment,
            Command::AskStandIn { .. } => Self::AskStandIn,
            Command::NameStandIn { .. } => Self::NameStandIn,
            Command::ExpireExhibit
            | Command::CarryToPlan
            | Command::RecordOverdue { .. }
            | Command::LapseMembership { .. } => Self::Server,
        }
    }
}
