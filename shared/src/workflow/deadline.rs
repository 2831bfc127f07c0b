//! When something is due, what makes its clock stand still, and how loudly to say so.
//!
//! All of it is a pure function of the rule pack, the calendar and recorded events, so a laptop
//! without a link computes the same date as the server (domain §5.6). What lapses, lapses only
//! by the server's entry; a laptop shows "probably overdue".
//!
//! A deadline in days is due at the *end of the local day* in the pack's zone. [`Due::at`] is
//! exclusive: the first moment that is too late, midnight after [`Due::date`]. A due day that
//! is not a working day stays where it is; only [`Unit::WorkingDay`] skips days off.
use jiff::{
    civil::{Date, Time},
    tz::Offset,
};
use serde::{Deserialize, Serialize};

use super::{
    calendar::{Calendar, OutOfCalendar, WorkingDays, add_days, add_months},
    rule_pack::{AlertRule, DeadlineRule, Escalation, PauseCause, RulePack, Unit, UtcOffset, Warn},
};
use crate::model::{Timestamp, round::choices};

const HOUR: i64 = 3_600_000;

/// When something is due, and by which rules that was computed.
///
/// A changed pack or calendar gives a new `Due`; the old one stays in the record beside it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Due {
    /// The first moment that is too late.
    pub at: Timestamp,
    /// The last local day that is in time; for hours, the local day of `at`.
    pub date: Date,
    /// Computed with days that are not decreed yet, or while its clock stands still.
    pub provisional: bool,
    /// The rule.
    pub rule_id: String,
    /// The moment it counts from.
    pub from: Timestamp,
    /// What it counts.
    pub unit: Unit,
    /// Since when its clock stands still; it is not overdue meanwhile.
    pub paused_since: Option<Timestamp>,
    /// The rule pack used.
    pub pack: String,
    /// The version of the rule pack.
    pub pack_version: u32,
    /// The calendar used.
    pub calendar: String,
}

impl Due {
    /// Tells whether the time is over at `now`.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.paused_since.is_none() && now >= self.at
    }
}

/// A time during which a clock stands still.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Pause {
    /// Why.
    pub cause: PauseCause,
    /// From when.
    pub from: Timestamp,
    /// Until when; none while it lasts.
    pub until: Option<Timestamp>,
}

/// Why no date can be computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DueError {
    /// The rule is due at exit and there is no engagement to exit from.
    #[error("the rule is due at exit, and no exit date is known")]
    NoExit,
    /// The date leaves the years 1 to 9999.
    #[error("the date is outside the years 1 to 9999")]
    OutOfCalendar,
}

impl From<OutOfCalendar> for DueError {
    fn from(_: OutOfCalendar) -> Self {
        Self::OutOfCalendar
    }
}

/// Returns the local day of a moment.
///
/// # Errors
/// [`OutOfCalendar`] if the moment is outside the years 1 to 9999.
pub fn local_day(at: Timestamp, zone: UtcOffset) -> Result<Date, OutOfCalendar> {
    let at = jiff::Timestamp::from_millisecond(at.0).map_err(|_| OutOfCalendar)?;
    Ok(offset(zone)?.to_datetime(at).date())
}

/// Returns the first moment of a local day.
///
/// # Errors
/// [`OutOfCalendar`] if the moment is outside the years 1 to 9999.
pub fn start_of_day(day: Date, zone: UtcOffset) -> Result<Timestamp, OutOfCalendar> {
    let midnight = day.to_datetime(Time::midnight());
    let at = offset(zone)?.to_timestamp(midnight).map_err(|_| OutOfCalendar)?;
    Ok(Timestamp(at.as_millisecond()))
}

/// Returns the end of a local day, exclusive: the first moment of the next.
///
/// # Errors
/// [`OutOfCalendar`] if the moment is outside the years 1 to 9999.
pub fn end_of_day(day: Date, zone: UtcOffset) -> Result<Timestamp, OutOfCalendar> {
    start_of_day(add_days(day, 1)?, zone)
}

fn offset(zone: UtcOffset) -> Result<Offset, OutOfCalendar> {
    Offset::from_seconds(i32::from(zone.minutes()) * 60).map_err(|_| OutOfCalendar)
}

/// Computes when a rule is due, counted from `anchor`.
///
/// `exit_on` is the last day of the engagement, for rules due at exit.
///
/// # Errors
/// See [`DueError`].
pub fn due(
    rule: &DeadlineRule,
    anchor: Timestamp,
    exit_on: Option<Date>,
    calendar: &Calendar,
    pack: &RulePack,
) -> Result<Due, DueError> {
    due_with_pauses(rule, anchor, exit_on, &[], calendar, pack)
}

/// Computes when a rule is due, counted from `anchor`, leaving out the pauses its rule allows.
///
/// A pause moves the date by the working days (or days) from the local day it begins to the
/// local day it ends, or by its exact length for hours; rules due at exit do not move. Pauses
/// may overlap and come in any order. What lies before the anchor or begins when the time is
/// already over counts for nothing. A pause that still lasts leaves `paused_since` set, and the
/// date is the one that would hold if it ended at once.
///
/// # Errors
/// See [`DueError`].
pub fn due_with_pauses(
    rule: &DeadlineRule,
    anchor: Timestamp,
    exit_on: Option<Date>,
    pauses: &[Pause],
    calendar: &Calendar,
    pack: &RulePack,
) -> Result<Due, DueError> {
    let zone = pack.utc_offset;
    let mut due = Due {
        at: anchor,
        date: local_day(anchor, zone)?,
        provisional: false,
        rule_id: rule.id.clone(),
        from: anchor,
        unit: rule.unit,
        paused_since: None,
        pack: pack.id.clone(),
        pack_version: pack.version,
        calendar: calendar.id.clone(),
    };
    let n = i32::try_from(rule.n).map_err(|_| DueError::OutOfCalendar)?;
    match rule.unit {
        Unit::Hour => {
            due.at = anchor.plus_millis(i64::from(n) * HOUR);
            due.date = local_day(due.at, zone)?;
        }
        Unit::AtExit => move_to(&mut due, exit_on.ok_or(DueError::NoExit)?, zone)?,
        Unit::Day => {
            let date = add_days(due.date, n)?;
            move_to(&mut due, date, zone)?;
        }
        Unit::Month => {
            let date = add_months(due.date, n)?;
            move_to(&mut due, date, zone)?;
        }
        Unit::WorkingDay => {
            let counted = calendar.add_working_days(due.date, n)?;
            due.provisional |= counted.provisional;
            move_to(&mut due, counted.date, zone)?;
        }
    }
    for (from, until) in standing_still(rule, anchor, pauses) {
        if from >= due.at {
            break;
        }
        let Some(until) = until else {
            due.paused_since = Some(from);
            due.provisional = true;
            break;
        };
        prolong(&mut due, from, until, calendar, zone)?;
    }
    Ok(due)
}

/// Puts the end of the time at the end of a local day.
fn move_to(due: &mut Due, date: Date, zone: UtcOffset) -> Result<(), OutOfCalendar> {
    due.date = date;
    due.at = end_of_day(date, zone)?;
    Ok(())
}

/// Returns the times that count as pauses: merged, in order, none before the anchor.
fn standing_still(
    rule: &DeadlineRule,
    anchor: Timestamp,
    pauses: &[Pause],
) -> Vec<(Timestamp, Option<Timestamp>)> {
    let mut times: Vec<_> = pauses
        .iter()
        .filter(|pause| rule.pausable_by.contains(&pause.cause))
        .map(|pause| (pause.from.max(anchor), pause.until))
        .filter(|(from, until)| until.is_none_or(|until| until > *from))
        .collect();
    times.sort();
    let mut merged: Vec<(Timestamp, Option<Timestamp>)> = Vec::new();
    for (from, until) in times {
        match merged.last_mut() {
            Some((_, last)) if last.is_none_or(|last| from <= last) => {
                // An open pause swallows all that follow it.
                *last = last.and_then(|last| until.map(|until| until.max(last)));
            }
            _ => merged.push((from, until)),
        }
    }
    merged
}

/// Moves the end of the time by one pause.
fn prolong(
    due: &mut Due,
    from: Timestamp,
    until: Timestamp,
    calendar: &Calendar,
    zone: UtcOffset,
) -> Result<(), OutOfCalendar> {
    let (first, last) = (local_day(from, zone)?, local_day(until, zone)?);
    match due.unit {
        Unit::AtExit => Ok(()),
        Unit::Hour => {
            due.at = due.at.plus_millis(until.since(from));
            due.date = local_day(due.at, zone)?;
            Ok(())
        }
        Unit::Day | Unit::Month => {
            let days = last.since(first).map_err(|_| OutOfCalendar)?.get_days();
            move_to(due, add_days(due.date, days)?, zone)
        }
        Unit::WorkingDay => {
            let lost = calendar.working_days_between(first, last);
            let counted = calendar.add_working_days(due.date, lost.days)?;
            due.provisional |= lost.provisional || counted.provisional;
            move_to(due, counted.date, zone)
        }
    }
}

/// Returns the working days left after today up to the day it is due; 0 on the last of them,
/// negative when overdue.
///
/// # Errors
/// [`OutOfCalendar`] if `now` is outside the years 1 to 9999.
pub fn remaining_working_days(
    due: &Due,
    now: Timestamp,
    calendar: &Calendar,
    pack: &RulePack,
) -> Result<WorkingDays, OutOfCalendar> {
    Ok(calendar.working_days_between(local_day(now, pack.utc_offset)?, due.date))
}

choices!(
    /// How loudly a task or a unit is to be reminded (红线预警); never a person.
    AlertLevel {
        /// Upcoming.
        Info = "info", "提示";
        /// Close.
        Yellow = "yellow", "黄色";
        /// Overdue.
        Orange = "orange", "橙色";
        /// Long overdue, put off again and again, or fixed on paper only.
        Red = "red", "红色";
    }
);

/// What else weighs on an alert than the date.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Standing {
    /// Extensions granted so far.
    pub extensions: u16,
    /// A revisit found it fixed on paper only.
    pub paper_only: bool,
    /// A check contradicted its closure.
    pub false_closure: bool,
}

/// Returns the level of alert of something not yet done (domain §5.6).
///
/// Limits in hours turn yellow when half of their time is over: they are all shorter than the
/// working days by which the others do.
///
/// # Errors
/// [`OutOfCalendar`] if `now` is outside the years 1 to 9999.
pub fn alert_level(
    due: &Due,
    now: Timestamp,
    standing: Standing,
    calendar: &Calendar,
    pack: &RulePack,
) -> Result<AlertLevel, OutOfCalendar> {
    let AlertRule { yellow_within, red_after, red_extensions } = pack.alert;
    if standing.paper_only || standing.false_closure || standing.extensions >= red_extensions {
        return Ok(AlertLevel::Red);
    }
    if due.paused_since.is_some() {
        return Ok(AlertLevel::Info);
    }
    let left = remaining_working_days(due, now, calendar, pack)?.days;
    if due.is_over(now) {
        // "After the due day" is what counts, and the due day itself may be a day off.
        let over = calendar.working_days_between(due.date, local_day(now, pack.utc_offset)?).days;
        let red = over > i32::from(red_after);
        return Ok(if red { AlertLevel::Red } else { AlertLevel::Orange });
    }
    let close = match due.unit {
        Unit::Hour => now.since(due.from) >= due.at.since(now),
        _ => left <= i32::from(yellow_within),
    };
    Ok(if close { AlertLevel::Yellow } else { AlertLevel::Info })
}

/// Something to say at a certain moment about a deadline.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Reminder {
    /// When.
    pub at: Timestamp,
    /// What for.
    pub kind: ReminderKind,
}

/// The kinds of reminders.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReminderKind {
    /// It will be due.
    Warn(Warn),
    /// It was missed: this one is told.
    Escalate(Escalation),
}

/// Returns every reminder of a deadline, soonest first; none while its clock stands still.
///
/// A warning some working days before comes at the start of that day; an escalation some
/// working days after comes at the end of that day. Warnings that would come before the clock
/// began are left out.
///
/// # Errors
/// [`OutOfCalendar`] if one of them is outside the years 1 to 9999.
pub fn reminders(
    due: &Due,
    rule: &DeadlineRule,
    calendar: &Calendar,
    pack: &RulePack,
) -> Result<Vec<Reminder>, OutOfCalendar> {
    if due.paused_since.is_some() {
        return Ok(Vec::new());
    }
    let zone = pack.utc_offset;
    let mut all = Vec::new();
    for warn in rule.warn.iter().copied() {
        let at = match warn {
            Warn::AtDue => due.at,
            Warn::Share(left) => {
                let whole = due.at.since(due.from);
                due.at.plus_millis(-(whole / 100 * i64::from(left)))
            }
            Warn::WorkingDays(days) => {
                let day = calendar.add_working_days(due.date, -i32::from(days))?;
                start_of_day(day.date, zone)?
            }
        };
        if at > due.from {
            all.push(Reminder { at, kind: ReminderKind::Warn(warn) });
        }
    }
    for step in &pack.escalation {
        let day = calendar.add_working_days(due.date, i32::from(step.after))?;
        let at = end_of_day(day.date, zone)?;
        all.push(Reminder { at, kind: ReminderKind::Escalate(step.to) });
    }
    all.sort_by_key(|reminder| reminder.at);
    Ok(all)
}

#[cfg(test)]
mod tests;
