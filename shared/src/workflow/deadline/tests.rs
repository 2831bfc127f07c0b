#![allow(clippy::unwrap_used)]
use jiff::civil::{DateTime, date, datetime};
use proptest::prelude::*;

use super::*;
use crate::workflow::rule_pack::{SHIPPED_CALENDAR, SHIPPED_PACK, rule_id};

/// The moment of a local time in the shipped pack's zone.
fn at(local: DateTime) -> Timestamp {
    Timestamp(Offset::constant(8).to_timestamp(local).unwrap().as_millisecond())
}

fn day(month: i8, day: i8, hour: i8) -> Timestamp {
    at(datetime(2026, month, day, hour, 0, 0, 0))
}

struct Rules {
    pack: RulePack,
    calendar: Calendar,
}

impl Rules {
    fn shipped() -> Self {
        Self {
            pack: RulePack::parse(SHIPPED_PACK).unwrap(),
            calendar: Calendar::parse(SHIPPED_CALENDAR).unwrap(),
        }
    }

    fn rule(&self, id: &str) -> &DeadlineRule {
        self.pack.deadline(id).unwrap()
    }

    fn due(&self, id: &str, anchor: Timestamp) -> Due {
        self.paused(id, anchor, &[])
    }

    fn paused(&self, id: &str, anchor: Timestamp, pauses: &[Pause]) -> Due {
        let exit = Some(date(2026, 5, 29));
        due_with_pauses(self.rule(id), anchor, exit, pauses, &self.calendar, &self.pack).unwrap()
    }

    fn level(&self, due: &Due, now: Timestamp) -> AlertLevel {
        alert_level(due, now, Standing::default(), &self.calendar, &self.pack).unwrap()
    }

    fn left(&self, due: &Due, now: Timestamp) -> i32 {
        remaining_working_days(due, now, &self.calendar, &self.pack).unwrap().days
    }
}

fn pause(cause: PauseCause, from: Timestamp, until: impl Into<Option<Timestamp>>) -> Pause {
    Pause { cause, from, until: until.into() }
}

#[test]
fn a_notice_is_due_at_the_end_of_the_day_of_exit() {
    // US-7: NT-003 issued Tue 05-12, due at exit Fri 05-29, 13 working days later.
    let rules = Rules::shipped();
    let issued = day(5, 12, 10);
    let due = rules.due(rule_id::IMMEDIATE_FIX, issued);
    assert_eq!(due.date, date(2026, 5, 29));
    assert_eq!(due.at, day(5, 30, 0), "exclusive: midnight after the day of exit");
    assert!(!due.provisional);
    assert_eq!(rules.left(&due, issued), 13);
    assert!(!due.is_over(day(5, 29, 23)) && due.is_over(day(5, 30, 0)));
    assert_eq!((due.pack.as_str(), due.calendar.as_str()), ("rp-2026.1", "calendar-2026"));

    let rule = rules.rule(rule_id::IMMEDIATE_FIX);
    let without_exit = super::due(rule, issued, None, &rules.calendar, &rules.pack);
    assert_eq!(without_exit, Err(DueError::NoExit));
}

#[test]
fn working_days_count_from_the_local_day_of_the_event() {
    let rules = Rules::shipped();
    // 00:30 in China on Wed 05-13 is still Tuesday in UTC: the local day counts.
    let received = at(datetime(2026, 5, 13, 0, 30, 0, 0));
    assert_eq!(rules.due(rule_id::PLAN_SET, received).date, date(2026, 5, 15));
    // Received on a Friday evening: the weekend does not count.
    assert_eq!(rules.due(rule_id::RECEIPT_ACK, day(5, 15, 22)).date, date(2026, 5, 19));
    // Received just before a holiday and a worked Saturday.
    assert_eq!(rules.due(rule_id::FACT_CONFIRM, day(5, 7, 9)).date, date(2026, 5, 11));
    assert_eq!(rules.due(rule_id::FACT_CONFIRM, day(4, 30, 9)).date, date(2026, 5, 8));
    // The same day.
    assert_eq!(rules.due(rule_id::FACT_CONFIRM_URGENT, day(5, 12, 9)).at, day(5, 13, 0));
}

#[test]
fn a_transfer_is_answered_within_three_months() {
    // US-9: dispatched 05-28, reply due 08-28; yellow on 08-25, orange on 09-01.
    let rules = Rules::shipped();
    let due = rules.due(rule_id::CLUE_REPLY, day(5, 28, 15));
    assert_eq!(due.date, date(2026, 8, 28));
    assert_eq!(rules.level(&due, day(8, 24, 12)), AlertLevel::Info);
    assert_eq!(rules.level(&due, day(8, 25, 0)), AlertLevel::Yellow);
    assert_eq!(rules.level(&due, day(8, 28, 23)), AlertLevel::Yellow);
    assert_eq!(rules.level(&due, day(8, 29, 0)), AlertLevel::Orange);
    assert_eq!(rules.level(&due, day(9, 1, 9)), AlertLevel::Orange);
    assert_eq!(rules.left(&due, day(9, 1, 9)), -2);
    assert_eq!(rules.level(&due, day(9, 4, 23)), AlertLevel::Orange, "5 working days late");
    assert_eq!(rules.level(&due, day(9, 7, 0)), AlertLevel::Red, "6 working days late");
}

#[test]
fn hours_run_round_the_clock() {
    // US-6: raised 10:05; triage within 4 hours.
    let rules = Rules::shipped();
    let raised = at(datetime(2026, 5, 15, 22, 5, 0, 0));
    let due = rules.due(rule_id::CONSULTATION_TRIAGE, raised);
    assert_eq!(due.at, at(datetime(2026, 5, 16, 2, 5, 0, 0)));
    assert_eq!(due.date, date(2026, 5, 16));
    assert_eq!(rules.level(&due, raised), AlertLevel::Info);
    assert_eq!(rules.level(&due, raised.plus_millis(2 * HOUR)), AlertLevel::Yellow);
    assert_eq!(rules.level(&due, raised.plus_millis(4 * HOUR)), AlertLevel::Orange);
}

#[test]
fn what_weighs_more_than_the_date_is_red_at_once() {
    let rules = Rules::shipped();
    let due = rules.due(rule_id::CLUE_REPLY, day(5, 28, 15));
    let now = day(6, 1, 9);
    let level = |standing| alert_level(&due, now, standing, &rules.calendar, &rules.pack).unwrap();
    assert_eq!(level(Standing { extensions: 1, ..Standing::default() }), AlertLevel::Info);
    assert_eq!(level(Standing { extensions: 2, ..Standing::default() }), AlertLevel::Red);
    assert_eq!(level(Standing { paper_only: true, ..Standing::default() }), AlertLevel::Red);
    assert_eq!(level(Standing { false_closure: true, ..Standing::default() }), AlertLevel::Red);
}

#[test]
fn a_pause_moves_the_date_by_the_working_days_it_took() {
    let rules = Rules::shipped();
    let received = day(5, 12, 10); // Tuesday; due Thursday 05-14
    let dispute = |from, until: Option<Timestamp>| pause(PauseCause::Dispute, from, until);
    // From Wednesday to Monday: Thursday, Friday, Monday are lost.
    let due =
        rules.paused(rule_id::PLAN_SET, received, &[dispute(day(5, 13, 9), Some(day(5, 18, 9)))]);
    assert_eq!(due.date, date(2026, 5, 19));
    assert_eq!(due.paused_since, None);
    // Within one day nothing is lost.
    let short = [dispute(day(5, 13, 9), Some(day(5, 13, 17)))];
    assert_eq!(rules.paused(rule_id::PLAN_SET, received, &short).date, date(2026, 5, 14));
    // Only the causes the rule names count.
    let bounced = [pause(PauseCause::ReceiverBounced, day(5, 13, 9), day(5, 18, 9))];
    assert_eq!(rules.paused(rule_id::PLAN_SET, received, &bounced).date, date(2026, 5, 14));
    // A pause that begins when the time is over does not revive it.
    let late = [dispute(day(5, 15, 0), Some(day(5, 20, 0)))];
    assert_eq!(rules.paused(rule_id::PLAN_SET, received, &late).date, date(2026, 5, 14));
    // What lies before the event does not count.
    let early = [dispute(day(5, 1, 0), Some(day(5, 13, 9)))];
    assert_eq!(rules.paused(rule_id::PLAN_SET, received, &early).date, date(2026, 5, 15));
}

#[test]
fn overlapping_pauses_count_once_and_in_any_order() {
    let rules = Rules::shipped();
    let one = pause(PauseCause::Dispute, day(5, 13, 9), day(5, 15, 9));
    let two = pause(PauseCause::ForceMajeure, day(5, 14, 9), day(5, 18, 9));
    let received = day(5, 12, 10);
    let due = rules.paused(rule_id::PLAN_SET, received, &[one, two]);
    assert_eq!(due.date, date(2026, 5, 19));
    assert_eq!(due, rules.paused(rule_id::PLAN_SET, received, &[two, one]));
    assert_eq!(due, rules.paused(rule_id::PLAN_SET, received, &[two, one, two]));
}

#[test]
fn while_a_clock_stands_still_nothing_is_overdue() {
    let rules = Rules::shipped();
    let open = [pause(PauseCause::Dispute, day(5, 13, 9), None)];
    let due = rules.paused(rule_id::PLAN_SET, day(5, 12, 10), &open);
    assert_eq!(due.paused_since, Some(day(5, 13, 9)));
    assert!(due.provisional && !due.is_over(day(12, 1, 0)));
    assert_eq!(rules.level(&due, day(12, 1, 0)), AlertLevel::Info);
    let rule = rules.rule(rule_id::PLAN_SET);
    assert_eq!(reminders(&due, rule, &rules.calendar, &rules.pack), Ok(Vec::new()));
    // An open pause swallows later ones.
    let more = [open[0], pause(PauseCause::Dispute, day(5, 14, 9), day(5, 15, 9))];
    assert_eq!(rules.paused(rule_id::PLAN_SET, day(5, 12, 10), &more), due);
}

#[test]
fn months_move_by_days_hours_by_hours_and_exit_not_at_all() {
    let rules = Rules::shipped();
    let bounced = pause(PauseCause::ReceiverBounced, day(6, 1, 9), day(6, 11, 9));
    let due = rules.paused(rule_id::CLUE_REPLY, day(5, 28, 15), &[bounced]);
    assert_eq!(due.date, date(2026, 9, 7), "08-28 and ten days");
    let dispute = pause(PauseCause::Dispute, day(5, 13, 9), day(5, 20, 9));
    let notice = rules.paused(rule_id::IMMEDIATE_FIX, day(5, 12, 10), &[dispute]);
    assert_eq!(notice.date, date(2026, 5, 29), "the group leaves all the same");
    let mut rules = rules;
    for rule in &mut rules.pack.deadlines {
        rule.pausable_by = vec![PauseCause::ForceMajeure];
    }
    let storm = pause(PauseCause::ForceMajeure, day(5, 12, 11), day(5, 12, 14));
    let triage = rules.paused(rule_id::CONSULTATION_TRIAGE, day(5, 12, 10), &[storm]);
    assert_eq!(triage.at, day(5, 12, 17));
}

#[test]
fn reminders_come_in_order_before_and_after_the_day() {
    let rules = Rules::shipped();
    let rule = rules.rule(rule_id::IMMEDIATE_FIX);
    let due = rules.due(rule_id::IMMEDIATE_FIX, day(5, 12, 0));
    let all = reminders(&due, rule, &rules.calendar, &rules.pack).unwrap();
    let warn = ReminderKind::Warn;
    let tell = ReminderKind::Escalate;
    assert_eq!(
        all.iter().map(|reminder| (reminder.at, reminder.kind)).collect::<Vec<_>>(),
        [
            (day(5, 21, 0), warn(Warn::Share(50))),
            (day(5, 26, 0), warn(Warn::WorkingDays(3))),
            (day(5, 28, 0), warn(Warn::WorkingDays(1))),
            (day(5, 30, 0), warn(Warn::AtDue)),
            (day(6, 2, 0), tell(Escalation::Owner)),
            (day(6, 4, 0), tell(Escalation::Leader)),
            (day(6, 6, 0), tell(Escalation::LeadingGroup)),
        ]
    );
    // A warning that would come before the event is left out.
    let short = rules.due(rule_id::FACT_CONFIRM_URGENT, day(5, 12, 9));
    let rule = rules.rule(rule_id::RECEIPT_ACK);
    let all = reminders(&short, rule, &rules.calendar, &rules.pack).unwrap();
    assert_eq!(all[0].kind, warn(Warn::AtDue));
}

#[test]
fn dates_in_a_year_without_data_are_provisional() {
    let rules = Rules::shipped();
    let due = rules.due(rule_id::CLOSURE_REVIEW, day(12, 25, 9));
    assert_eq!((due.date, due.provisional), (date(2027, 1, 8), true));
    let due = rules.due(rule_id::CLOSURE_REVIEW, day(12, 1, 9));
    assert!(!due.provisional);
}

#[test]
fn a_due_date_survives_json_and_extremes_are_errors() {
    let rules = Rules::shipped();
    let due = rules.due(rule_id::PLAN_DUE, day(1, 31, 9));
    assert_eq!(due.date, date(2026, 2, 28));
    let json = serde_json::to_string(&due).unwrap();
    assert_eq!(serde_json::from_str::<Due>(&json).unwrap(), due);
    for anchor in [Timestamp(i64::MAX), Timestamp(i64::MIN)] {
        let rule = rules.rule(rule_id::PLAN_DUE);
        let answer = super::due(rule, anchor, None, &rules.calendar, &rules.pack);
        assert_eq!(answer, Err(DueError::OutOfCalendar));
    }
}

proptest! {
    #[test]
    fn a_pause_never_brings_a_date_forward(
        rule in 0..22usize, anchor in 0..300i64, from in 0..400i64, length in 0..2000i64,
    ) {
        let rules = Rules::shipped();
        let rule = &rules.pack.deadlines[rule % rules.pack.deadlines.len()];
        let anchor = day(1, 1, 9).plus_millis(anchor * 24 * HOUR);
        let from = day(1, 1, 0).plus_millis(from * 24 * HOUR);
        let pauses = [pause(PauseCause::ForceMajeure, from, from.plus_millis(length * HOUR))];
        let exit = Some(date(2026, 5, 29));
        let (pack, calendar) = (&rules.pack, &rules.calendar);
        let plain = due(rule, anchor, exit, calendar, pack).unwrap();
        let paused = due_with_pauses(rule, anchor, exit, &pauses, calendar, pack).unwrap();
        prop_assert!(paused.at >= plain.at);
        prop_assert!(local_day(paused.at.plus_millis(-1), pack.utc_offset).unwrap() <= paused.date);
    }
}
