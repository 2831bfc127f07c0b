//! The working-day calendar: weekends, days off, and make-up working days (调休).
//!
//! Which days are worked is decreed year by year, so a calendar is an importable file that
//! names the source of each year. A year it does not know is counted by weekends alone, and
//! every answer that touched such a year says so: it is *provisional* (domain §2.2).
use std::collections::BTreeMap;

use jiff::{Span, ToSpan, civil::Date};
use serde::{Deserialize, Serialize};

use super::{
    fault::{Fault, FaultKind},
    rule_file::{Faults, Node, read_file},
};
use crate::model::round::choices;

choices!(
    /// A day of the week.
    WeekDay {
        /// Monday.
        Mon = "mon", "星期一";
        /// Tuesday.
        Tue = "tue", "星期二";
        /// Wednesday.
        Wed = "wed", "星期三";
        /// Thursday.
        Thu = "thu", "星期四";
        /// Friday.
        Fri = "fri", "星期五";
        /// Saturday.
        Sat = "sat", "星期六";
        /// Sunday.
        Sun = "sun", "星期日";
    }
);

impl WeekDay {
    /// Returns the day of the week of a date.
    pub fn of(date: Date) -> Self {
        // ISO: Monday is 1, Sunday is 7.
        let from_monday = date.weekday().to_monday_zero_offset();
        usize::try_from(from_monday)
            .ok()
            .and_then(|at| Self::ALL.get(at).copied())
            .unwrap_or(Self::Sun)
    }
}

choices!(
    /// How far a year of the calendar can be relied on.
    YearStatus {
        /// Taken from the published decree named as its source.
        Official = "official", "正式";
        /// Expected but not yet decreed: answers are provisional.
        Provisional = "provisional", "暂定";
        /// Invented for training; a real round refuses it.
        Training = "training", "演练";
    }
);

/// The decreed days of one year.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CalendarYear {
    /// Where the days come from: the decree's title and number.
    pub source: String,
    /// How far they can be relied on.
    pub status: YearStatus,
    /// Days off, each with the name of the holiday.
    pub days_off: BTreeMap<Date, String>,
    /// Days of a weekend that are worked (调休), each with the holiday it makes up for.
    pub make_up: BTreeMap<Date, String>,
}

/// Which days are worked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Calendar {
    /// Its id, kept beside every date computed with it: `calendar-2026`.
    pub id: String,
    /// The days of the week that are not worked; Saturday and Sunday by default.
    pub weekend: Vec<WeekDay>,
    /// The years it knows.
    pub years: BTreeMap<i16, CalendarYear>,
}

/// A day found by counting.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Counted {
    /// The day.
    pub date: Date,
    /// Some day counted on the way is in a year without decreed days.
    pub provisional: bool,
}

/// A number of working days.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WorkingDays {
    /// How many; negative when counted backwards.
    pub days: i32,
    /// Some day counted is in a year without decreed days.
    pub provisional: bool,
}

/// A count that leaves the years 1 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the day counted to is outside the years 1 to 9999")]
pub struct OutOfCalendar;

impl Calendar {
    /// Returns a calendar that knows no year: all its answers are provisional.
    pub fn weekends_only(id: impl Into<String>) -> Self {
        Self { id: id.into(), weekend: vec![WeekDay::Sat, WeekDay::Sun], years: BTreeMap::new() }
    }

    /// Reads a calendar file.
    ///
    /// # Errors
    /// Every fault of the file, each with its line.
    pub fn parse(source: &str) -> Result<Self, Vec<Fault>> {
        read_file(source, read_calendar)
    }

    /// Tells whether a day is worked.
    pub fn is_working(&self, date: Date) -> bool {
        match self.years.get(&date.year()) {
            Some(year) if year.days_off.contains_key(&date) => false,
            Some(year) if year.make_up.contains_key(&date) => true,
            _ => !self.weekend.contains(&WeekDay::of(date)),
        }
    }

    /// Tells whether an answer about a day may still change with a decree.
    pub fn is_provisional(&self, date: Date) -> bool {
        self.years.get(&date.year()).is_none_or(|year| year.status == YearStatus::Provisional)
    }

    /// Tells whether any year of the calendar was invented for training.
    pub fn is_for_training(&self) -> bool {
        self.years.values().any(|year| year.status == YearStatus::Training)
    }

    /// Returns the `n`th working day after `from`; for negative `n`, before it.
    ///
    /// `from` itself is never counted, worked or not; `n == 0` answers `from`.
    ///
    /// # Errors
    /// [`OutOfCalendar`] if there is no such day before the year 10000 or after the year 0.
    pub fn add_working_days(&self, from: Date, n: i32) -> Result<Counted, OutOfCalendar> {
        let mut counted = Counted { date: from, provisional: self.is_provisional(from) };
        let mut left = n.unsigned_abs();
        while left > 0 {
            counted.date = step(counted.date, n > 0)?;
            counted.provisional |= self.is_provisional(counted.date);
            if self.is_working(counted.date) {
                left -= 1;
            }
        }
        Ok(counted)
    }

    /// Returns how many working days lie after `from` up to and including `to`.
    ///
    /// If `to` is before `from`, the answer is negative: the working days before `from` back to
    /// and including `to`. So `working_days_between(d, add_working_days(d, n)) == n` for every
    /// `n`.
    pub fn working_days_between(&self, from: Date, to: Date) -> WorkingDays {
        let forward = to >= from;
        let mut at = from;
        let mut count = WorkingDays { days: 0, provisional: self.is_provisional(from) };
        while at != to {
            // `at` lies strictly between two valid dates, so the step cannot fail.
            let Ok(next) = step(at, forward) else { break };
            at = next;
            count.provisional |= self.is_provisional(at);
            if self.is_working(at) {
                count.days += if forward { 1 } else { -1 };
            }
        }
        count
    }
}

/// Returns the day after or before.
fn step(date: Date, forward: bool) -> Result<Date, OutOfCalendar> {
    if forward { date.tomorrow() } else { date.yesterday() }.map_err(|_| OutOfCalendar)
}

/// Returns the day `n` calendar days after `from`; negative counts back.
///
/// # Errors
/// [`OutOfCalendar`] if the day is outside the years 1 to 9999.
pub fn add_days(from: Date, n: i32) -> Result<Date, OutOfCalendar> {
    let span = Span::new().try_days(n).map_err(|_| OutOfCalendar)?;
    from.checked_add(span).map_err(|_| OutOfCalendar)
}

/// Returns the same day `n` months later, or the last day of that month if it is shorter.
///
/// # Errors
/// [`OutOfCalendar`] if the day is outside the years 1 to 9999.
pub fn add_months(from: Date, n: i32) -> Result<Date, OutOfCalendar> {
    let span = Span::new().try_months(n).map_err(|_| OutOfCalendar)?;
    from.checked_add(span).map_err(|_| OutOfCalendar)
}

fn read_calendar(root: &Node<'_, '_>, faults: &mut Faults<'_>) -> Option<Calendar> {
    root.only(faults, &["id", "weekend", "years"]);
    let id = root.text(faults, "id");
    let weekend = if root.has("weekend") {
        root.texts(faults, "weekend", |text| {
            text.parse::<WeekDay>().map_err(|_| FaultKind::NotAChoice {
                text: text.to_owned(),
                allowed: WeekDay::ALL.iter().map(|day| day.code()).collect(),
            })
        })
    } else {
        Some(vec![WeekDay::Sat, WeekDay::Sun])
    };
    let weekend = weekend.filter(|weekend| {
        let some_left = WeekDay::ALL.iter().any(|day| !weekend.contains(day));
        if !some_left {
            faults.note(&root.span_of("weekend"), root.path_of("weekend"), FaultKind::NoWorkingDay);
        }
        some_left
    });
    let closed = weekend.clone().unwrap_or_default();
    let mut seen = Vec::new();
    let years = root.nodes(faults, "years", |node, faults| {
        let (year, read) = read_year(node, faults, &closed)?;
        if seen.contains(&year) {
            let kind = FaultKind::Repeated { what: year.to_string() };
            faults.note(&node.span_of("year"), node.path_of("year"), kind);
        }
        seen.push(year);
        Some((year, read))
    });
    Some(Calendar { id: id?, weekend: weekend?, years: years?.into_iter().collect() })
}

fn read_year(
    node: &Node<'_, '_>,
    faults: &mut Faults<'_>,
    weekend: &[WeekDay],
) -> Option<(i16, CalendarYear)> {
    node.only(faults, &["year", "source", "status", "days_off", "make_up"]);
    let year = node.number(faults, "year", 1949, 2999).and_then(|year| i16::try_from(year).ok());
    let source = node.text(faults, "source");
    let allowed: Vec<_> = YearStatus::ALL.iter().map(|status| status.code()).collect();
    let status = node.choice(faults, "status", &allowed);

    let mut days_off = BTreeMap::new();
    let periods = node.nodes(faults, "days_off", |item, faults| {
        item.only(faults, &["from", "to", "name"]);
        let name = item.text(faults, "name");
        let from = item.date(faults, "from");
        let to = if item.has("to") { item.date(faults, "to") } else { from };
        let (from, to, name) = (from?, to?, name?);
        if to < from || add_days(from, 30).is_ok_and(|latest| to > latest) {
            faults.note(&item.span, item.path.clone(), FaultKind::BadPeriod { from, to });
            return None;
        }
        for date in from.series(1.day()).take_while(|date| *date <= to) {
            check_year(item, faults, year, date);
            if days_off.insert(date, name.clone()).is_some() {
                let kind = FaultKind::Repeated { what: date.to_string() };
                faults.note(&item.span, item.path.clone(), kind);
            }
        }
        Some(())
    });

    let mut make_up = BTreeMap::new();
    let worked = node.nodes(faults, "make_up", |item, faults| {
        item.only(faults, &["on", "name"]);
        let name = item.text(faults, "name");
        let on = item.date(faults, "on");
        let (on, name) = (on?, name?);
        check_year(item, faults, year, on);
        if days_off.contains_key(&on) {
            faults.note(&item.span, item.path.clone(), FaultKind::OffAndWorking { date: on });
        } else if !weekend.contains(&WeekDay::of(on)) {
            faults.note(&item.span, item.path.clone(), FaultKind::AlreadyWorking { date: on });
        }
        if make_up.insert(on, name).is_some() {
            let kind = FaultKind::Repeated { what: on.to_string() };
            faults.note(&item.span, item.path.clone(), kind);
        }
        Some(())
    });
    periods?;
    worked?;
    Some((year?, CalendarYear { source: source?, status: status?, days_off, make_up }))
}

/// Notes a date that stands in the list of another year.
fn check_year(node: &Node<'_, '_>, faults: &mut Faults<'_>, year: Option<i16>, date: Date) {
    if let Some(year) = year.filter(|year| *year != date.year()) {
        faults.note(&node.span, node.path.clone(), FaultKind::OtherYear { date, year });
    }
}

#[cfg(test)]
mod tests;
