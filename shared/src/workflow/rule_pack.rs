//! The rule pack: the numbers of the work, each with where it comes from.
//!
//! Time limits, how many people something takes, what counts as enough evidence: these differ
//! by place and year, and none of them is a constant in code (domain §2.2). A pack is a TOML
//! file that the office edits and signs; it then travels in events, so every device computes
//! the same answer. [`SHIPPED_PACK`] is the pack for training and a start for a local one.
use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{fault::Fault, rule_file::read_file};
use crate::model::{
    evidence::{EvidenceClass, EvidenceKind},
    round::choices,
    workpaper::Severity,
};

mod read;

/// The shipped rule pack, as text: `rp-2026.1`.
pub const SHIPPED_PACK: &str = include_str!("../../rules/rule-pack-2026.1.toml");
/// The name under which [`SHIPPED_PACK`] is a file.
pub const SHIPPED_PACK_NAME: &str = "rule-pack-2026.1.toml";
/// The shipped calendar of 2026, invented for training.
pub const SHIPPED_CALENDAR: &str = include_str!("../../rules/calendar-2026.toml");
/// The name under which [`SHIPPED_CALENDAR`] is a file.
pub const SHIPPED_CALENDAR_NAME: &str = "calendar-2026.toml";

/// The ids of the deadlines the product itself asks for (domain §2.2 and §1 M13).
///
/// A pack without one of them is refused; it may hold any number of others.
pub mod rule_id {
    /// Notice issued -> put right and reported.
    pub const IMMEDIATE_FIX: &str = "immediate_fix";
    /// Dispatched -> acknowledged by the unit's head or the receiving body.
    pub const RECEIPT_ACK: &str = "receipt_ack";
    /// Notice received -> measures named.
    pub const PLAN_SET: &str = "plan_set";
    /// Fact sheet issued -> answered.
    pub const FACT_CONFIRM: &str = "fact_confirm";
    /// Urgent fact sheet issued -> answered, the same day.
    pub const FACT_CONFIRM_URGENT: &str = "fact_confirm_urgent";
    /// Consultation raised -> triaged.
    pub const CONSULTATION_TRIAGE: &str = "consultation_triage";
    /// Consultation raised -> convened.
    pub const CONSULTATION_CONVENE: &str = "consultation_convene";
    /// Consultation concluded -> minutes signed.
    pub const CONSULTATION_MINUTES: &str = "consultation_minutes";
    /// Feedback -> plan submitted.
    pub const PLAN_DUE: &str = "plan_due";
    /// Feedback -> rectification report.
    pub const PROGRESS_DUE: &str = "progress_due";
    /// Clue formed -> dispatched.
    pub const CLUE_DISPATCH: &str = "clue_dispatch";
    /// Clue transferred -> handling reported.
    pub const CLUE_REPLY: &str = "clue_reply";
    /// Closure asked for -> decided.
    pub const CLOSURE_REVIEW: &str = "closure_review";
    /// Closed -> revisited.
    pub const REVISIT_DUE: &str = "revisit_due";
    /// Closed, high severity -> revisited.
    pub const REVISIT_DUE_HIGH: &str = "revisit_due_high";

    /// All of them.
    pub const ALL: &[&str] = &[
        IMMEDIATE_FIX,
        RECEIPT_ACK,
        PLAN_SET,
        FACT_CONFIRM,
        FACT_CONFIRM_URGENT,
        CONSULTATION_TRIAGE,
        CONSULTATION_CONVENE,
        CONSULTATION_MINUTES,
        PLAN_DUE,
        PROGRESS_DUE,
        CLUE_DISPATCH,
        CLUE_REPLY,
        CLOSURE_REVIEW,
        REVISIT_DUE,
        REVISIT_DUE_HIGH,
    ];
}

choices!(
    /// What a deadline counts.
    Unit {
        /// Days worked by the calendar.
        WorkingDay = "working_day", "工作日";
        /// Calendar days.
        Day = "day", "日";
        /// Months: the same day, or the last of a shorter month.
        Month = "month", "个月";
        /// Hours, round the clock.
        Hour = "hour", "小时";
        /// Nothing: due at the end of the engagement's last day.
        AtExit = "at_exit", "撤离前";
    }
);

choices!(
    /// The event a deadline counts from.
    Anchor {
        /// A notice was issued to the unit.
        NoticeIssued = "notice_issued", "通知下达";
        /// The unit's head signed for the notice.
        NoticeReceived = "notice_received", "通知签收";
        /// Something was dispatched to a unit or a body.
        Dispatched = "dispatched", "发出";
        /// A fact-confirmation sheet was issued.
        SheetIssued = "sheet_issued", "事实确认单下达";
        /// A consultation was raised.
        ConsultationRaised = "consultation_raised", "会商提出";
        /// A consultation came to its conclusion.
        ConsultationConcluded = "consultation_concluded", "会商作出结论";
        /// Feedback was delivered to the unit.
        FeedbackDelivered = "feedback_delivered", "反馈";
        /// A clue was formed.
        ClueFormed = "clue_formed", "线索形成";
        /// A transfer was dispatched.
        TransferDispatched = "transfer_dispatched", "移交";
        /// A unit asked for closure.
        ClosureRequested = "closure_requested", "申请销号";
        /// A finding was closed.
        Closed = "closed", "销号";
        /// False closure was flagged and put to the unit.
        FalseClosureFlagged = "false_closure_flagged", "认定疑似虚假整改";
        /// A petition under a real name was received.
        PetitionReceived = "petition_received", "收到实名信访";
        /// A self-check campaign was opened.
        CampaignOpened = "campaign_opened", "自查启动";
        /// A report was approved.
        ReportApproved = "report_approved", "报告审定";
        /// The group left the unit.
        Exit = "exit", "撤离";
        /// The round ended.
        RoundEnded = "round_ended", "本轮结束";
    }
);

choices!(
    /// How well a limit is founded (the status column of domain §2.2).
    RuleStatus {
        /// Read in the source named.
        Sourced = "sourced", "有据";
        /// The source was seen in part.
        Partial = "partial", "部分有据";
        /// Commonly said; to be confirmed against the text.
        Confirm = "confirm", "待核实";
        /// Set by the place that uses the pack.
        Config = "config", "本地设定";
        /// The product's own proposal.
        Proposal = "proposal", "建议值";
    }
);

choices!(
    /// Why a clock may stand still (domain §5.6).
    PauseCause {
        /// The unit disputes the matter.
        Dispute = "dispute", "异议";
        /// Nobody could have acted.
        ForceMajeure = "force_majeure", "不可抗力";
        /// The receiving body sent it back.
        ReceiverBounced = "receiver_bounced", "接收单位退回";
    }
);

choices!(
    /// Who is told when something is overdue.
    Escalation {
        /// The person whose task it is.
        Owner = "owner", "责任人";
        /// The leader of the group.
        Leader = "leader", "组长";
        /// The leading group.
        LeadingGroup = "leading_group", "领导小组";
    }
);

/// When to warn of a deadline, written `-50%`, `-3wd` or `0`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Warn {
    /// When this percentage of the time is left: `-50%`.
    Share(u8),
    /// This many working days before the day it is due: `-3wd`.
    WorkingDays(u16),
    /// When it falls due: `0`.
    AtDue,
}

/// A text that says no moment to warn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a moment to warn: {0:?}; write -50%, -3wd or 0")]
pub struct NotAWarning(pub String);

impl FromStr for Warn {
    type Err = NotAWarning;
    fn from_str(text: &str) -> Result<Self, NotAWarning> {
        let bad = || NotAWarning(text.to_owned());
        if text == "0" {
            return Ok(Self::AtDue);
        }
        let count = text.strip_prefix('-').ok_or_else(bad)?;
        // `parse` alone would take a sign: "-+3wd".
        if !count.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(bad());
        }
        if let Some(share) = count.strip_suffix('%') {
            let share = share.parse().ok().filter(|share| (1..=99).contains(share));
            share.map(Self::Share).ok_or_else(bad)
        } else {
            let days = count.strip_suffix("wd").and_then(|days| days.parse().ok());
            days.filter(|days| (1..=250).contains(days)).map(Self::WorkingDays).ok_or_else(bad)
        }
    }
}

impl fmt::Display for Warn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Share(share) => write!(f, "-{share}%"),
            Self::WorkingDays(days) => write!(f, "-{days}wd"),
            Self::AtDue => f.write_str("0"),
        }
    }
}

impl From<Warn> for String {
    fn from(warn: Warn) -> Self {
        warn.to_string()
    }
}

impl TryFrom<String> for Warn {
    type Error = NotAWarning;
    fn try_from(text: String) -> Result<Self, NotAWarning> {
        text.parse()
    }
}

/// A fixed distance from UTC, written `+08:00`; no daylight saving, no zone database.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UtcOffset {
    minutes: i16,
}

/// A text that is no offset from UTC.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an offset from UTC: {0:?}; write +08:00")]
pub struct NotAnOffset(pub String);

impl UtcOffset {
    /// UTC itself.
    pub const UTC: Self = Self { minutes: 0 };

    /// Returns the offset in minutes, east positive.
    pub const fn minutes(self) -> i16 {
        self.minutes
    }
}

impl FromStr for UtcOffset {
    type Err = NotAnOffset;
    fn from_str(text: &str) -> Result<Self, NotAnOffset> {
        let read = || -> Option<Self> {
            let sign = match text.as_bytes().first()? {
                b'+' => 1,
                b'-' => -1,
                _ => return None,
            };
            let (hours, minutes) = text.get(1..)?.split_once(':')?;
            let two = |part: &str| -> Option<i16> {
                (part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit()))
                    .then(|| part.parse().ok())
                    .flatten()
            };
            let (hours, minutes) = (two(hours)?, two(minutes)?);
            let total = hours * 60 + minutes;
            // The widest offset in use is +14:00.
            (minutes < 60 && total <= 14 * 60).then_some(Self { minutes: sign * total })
        };
        read().ok_or_else(|| NotAnOffset(text.to_owned()))
    }
}

impl fmt::Display for UtcOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.minutes < 0 { '-' } else { '+' };
        let minutes = self.minutes.unsigned_abs();
        write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

impl From<UtcOffset> for String {
    fn from(offset: UtcOffset) -> Self {
        offset.to_string()
    }
}

impl TryFrom<String> for UtcOffset {
    type Error = NotAnOffset;
    fn try_from(text: String) -> Result<Self, NotAnOffset> {
        text.parse()
    }
}

/// One deadline: so much time after an event.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DeadlineRule {
    /// Its id; those of [`rule_id`] are asked for by the product.
    pub id: String,
    /// The event it counts from.
    pub anchor: Anchor,
    /// How many units; 0 means the same day, and is the only count of [`Unit::AtExit`].
    pub n: u32,
    /// What is counted.
    pub unit: Unit,
    /// When to warn before it.
    pub warn: Vec<Warn>,
    /// What makes its clock stand still.
    pub pausable_by: Vec<PauseCause>,
    /// Where the limit comes from.
    pub source: String,
    /// How well it is founded.
    pub status: RuleStatus,
}

/// Tells someone so many working days after a deadline was missed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EscalationStep {
    /// Working days after the day it was due.
    pub after: u16,
    /// Who is told.
    pub to: Escalation,
}

/// Where the alert levels lie (domain §5.6).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AlertRule {
    /// Yellow from so many working days before.
    pub yellow_within: u16,
    /// Red when overdue by more than so many working days.
    pub red_after: u16,
    /// Red from so many extensions.
    pub red_extensions: u16,
}

/// A degree of severity: its names, and what closing such a matter takes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SeverityRule {
    /// The degree.
    pub level: Severity,
    /// Its Chinese name.
    pub zh: String,
    /// Its English name.
    pub en: String,
    /// Items of class `act` needed to close; at least 1 (domain §5.4 I3).
    pub closing_acts: u16,
    /// Items of class `effect` needed to close (domain C06).
    pub closing_effects: u16,
}

/// A kind of problem (共性问题 are counted by it).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Theme {
    /// Its code.
    pub code: String,
    /// The theme above it, if any.
    pub parent: Option<String>,
    /// Its Chinese name.
    pub zh: String,
    /// Its English name.
    pub en: String,
}

/// Which classes a kind of evidence may be given: minutes can show intent, never effect.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EvidenceKindRule {
    /// The kind.
    pub kind: EvidenceKind,
    /// The classes it may carry.
    pub classes: Vec<EvidenceClass>,
}

/// What counts as enough (domain §3.2), and how many people something takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Minimums {
    /// Independent items of evidence that suffice...
    pub independent_items: u16,
    /// ...or conclusive documents.
    pub conclusive_items: u16,
    /// Interviewers of a talk (二对一).
    pub interviewers: u16,
    /// People who make and sign a workpaper.
    pub makers: u16,
    /// People who check on site that a notice was carried out.
    pub checkers: u16,
    /// Members of a group beside its leader and deputies.
    pub members: u16,
}

/// The rules of a place for a round.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RulePack {
    /// Its id, kept beside everything computed with it: `rp-2026.1`.
    pub id: String,
    /// Counts up with every change under the same id.
    pub version: u32,
    /// What people call it.
    pub title: String,
    /// The zone in which a day ends.
    pub utc_offset: UtcOffset,
    /// Invented or proposed values, for training; a real round refuses it.
    pub training: bool,
    /// The deadlines.
    pub deadlines: Vec<DeadlineRule>,
    /// Whom to tell when something is overdue, soonest first.
    pub escalation: Vec<EscalationStep>,
    /// Where the alert levels lie.
    pub alert: AlertRule,
    /// All degrees of severity.
    pub severities: Vec<SeverityRule>,
    /// Kinds of problems.
    pub themes: Vec<Theme>,
    /// Kinds of evidence and the classes they may carry.
    pub evidence_kinds: Vec<EvidenceKindRule>,
    /// How much is enough.
    pub minimums: Minimums,
}

impl RulePack {
    /// Reads a rule-pack file.
    ///
    /// # Errors
    /// Every fault of the file, each with its line.
    pub fn parse(source: &str) -> Result<Self, Vec<Fault>> {
        read_file(source, read::read_pack)
    }

    /// Returns the deadline with this id.
    pub fn deadline(&self, id: &str) -> Option<&DeadlineRule> {
        self.deadlines.iter().find(|rule| rule.id == id)
    }

    /// Returns what the pack says of a degree of severity.
    pub fn severity(&self, level: Severity) -> Option<&SeverityRule> {
        self.severities.iter().find(|rule| rule.level == level)
    }

    /// Returns the theme with this code.
    pub fn theme(&self, code: &str) -> Option<&Theme> {
        self.themes.iter().find(|theme| theme.code == code)
    }

    /// Tells whether evidence of this kind may be given this class.
    ///
    /// A kind the pack does not list may only support facts.
    pub fn allows_class(&self, kind: EvidenceKind, class: EvidenceClass) -> bool {
        class == EvidenceClass::Base
            || self.evidence_kinds.iter().any(|r| r.kind == kind && r.classes.contains(&class))
    }
}

#[cfg(test)]
mod tests;
