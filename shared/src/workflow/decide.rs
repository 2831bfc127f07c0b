//! The one function that answers commands.
use super::{
    case::Case,
    command::{Actor, Asked, Command, Content},
    conflict, convene, desk,
    event::Decision,
    evidence, exhibit, finding, interview, late, notice, office,
    refusal::Refusal,
    stand_in,
    state::SpaceState,
    timers, workpaper,
};
use crate::model::Timestamp;

/// Answers a command: what follows from it, or why it is refused.
///
/// Pure: the laptop calls it to show at once what would be refused, and the server calls it
/// for the answer that counts. `content` is the document's reading where
/// [`Command::needs_content`] says so; its rendering is that of the reading with settled
/// conflicts settled ([`conflict::settle`]).
///
/// # Errors
/// The [`Refusal`]; every one of them leaves the state as it is.
pub fn decide(
    state: &SpaceState,
    actor: &Actor,
    asked: &Asked<'_>,
    content: Option<&Content>,
    now: Timestamp,
) -> Result<Decision, Refusal> {
    let case = &Case { state, actor, asked, content, now };
    if matches!(actor, Actor::Person { .. }) {
        case.member()?;
    }
    if state.is_frozen(asked.doc) {
        return Err(Refusal::ReadOnly);
    }
    match &asked.request.command {
        Command::ConfirmInterview { pin } => interview::confirm(case, pin),
        Command::RecordReview { outcome, corrections, on_paper } => {
            interview::review(case, *outcome, corrections, on_paper.as_ref())
        }
        Command::CloseInterview => interview::close(case),
        Command::CancelInterview { reason } => interview::cancel(case, reason),

        Command::Sign { step, pin, gate_override } => {
            workpaper::sign(case, *step, pin, gate_override.as_deref())
        }
        Command::Return { notes } => late::send_back(case, notes),
        Command::ResolveConflict { field, ops, chosen, reason } => {
            conflict::resolve(case, field, ops, chosen, reason)
        }
        Command::AdoptLate { envelopes } => late::adopt(case, envelopes),
        Command::DeclineLate { envelopes, reason } => late::decline(case, envelopes, reason),
        Command::Drop { reason } => workpaper::drop_paper(case, reason),

        Command::ApproveFinding => finding::approve(case),
        Command::WithdrawFinding { reason } => finding::withdraw(case, reason),
        Command::RegisterEvidence { evidence } => evidence::register(case, evidence),

        Command::Raise { title, question, urgency } => {
            convene::raise(case, title, question, *urgency)
        }
        Command::Triage { outcome } => convene::triage(case, outcome),
        Command::Invite { guests } => convene::invite(case, guests),
        Command::GrantExhibit { .. } => exhibit::grant(case),
        Command::RevokeExhibit { exhibit, reason } => exhibit::revoke(case, *exhibit, reason),
        Command::OpenExhibit => exhibit::open(case),
        Command::Conclude { characterisation, sufficiency, disposition, actions } => {
            convene::conclude(case, characterisation, sufficiency, disposition, actions)
        }
        Command::Dissent { text } => convene::dissent(case, text),
        Command::SignMinutes { pin } => convene::sign_minutes(case, pin),
        Command::ActionDone { action, note } => convene::action_done(case, *action, note),
        Command::CloseConsultation => convene::close(case),

        Command::ProposeNotice { pin } => notice::propose(case, pin),
        Command::ApproveNotice => notice::approve(case),
        Command::IssueNotice { due } => notice::issue(case, *due),

        Command::Acknowledge { rendering, on_paper } => {
            desk::acknowledge(case, *rendering, on_paper.as_ref())
        }
        Command::Dispute { reason } => desk::dispute(case, reason),
        Command::DecideDispute { outcome, reason } => desk::decide_dispute(case, outcome, reason),
        Command::SetPlan { measures } => desk::set_plan(case, measures),
        Command::ReportMeasure { measure, evidence, note } => {
            desk::report(case, *measure, evidence, note)
        }
        Command::RequestCheck => desk::request_check(case),
        Command::ReplyOnPaper { on_paper, measures, reports, check } => {
            desk::reply(case, on_paper, measures, reports, *check)
        }
        Command::Check { checkers, sample, evidence, notes } => {
            desk::check(case, checkers, *sample, evidence, notes)
        }
        Command::ExtendDeadline { due, reason } => desk::extend(case, *due, reason),

        Command::CommentEdition { text } => office::comment(case, text),
        Command::AskStandIn { step, reason } => stand_in::ask(case, *step, reason),
        Command::NameStandIn { .. } => stand_in::name(case),

        Command::ExpireExhibit => exhibit::expire(case),
        Command::CarryToPlan => desk::carry(case),
        Command::RecordOverdue { deadline } => timers::record_overdue(case, *deadline),
        Command::LapseMembership { person } => timers::lapse(case, *person),
    }
}
