#![allow(clippy::unwrap_used)]
use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::workflow::rule_pack::SHIPPED_CALENDAR;

fn shipped() -> Calendar {
    Calendar::parse(SHIPPED_CALENDAR).unwrap()
}

/// Returns `(line, path, code)` of every fault of a file.
fn faults(source: &str) -> Vec<(u32, String, &'static str)> {
    let faults = Calendar::parse(source).unwrap_err();
    faults.into_iter().map(|f| (f.line, f.path.clone(), f.kind.code())).collect()
}

#[test]
fn thirteen_working_days_lie_between_the_notice_and_the_exit() {
    // US-7: issued Tue 2026-05-12, due at exit Fri 2026-05-29.
    let calendar = shipped();
    let (issued, exit) = (date(2026, 5, 12), date(2026, 5, 29));
    assert_eq!(
        calendar.working_days_between(issued, exit),
        WorkingDays { days: 13, provisional: false }
    );
    assert_eq!(
        calendar.add_working_days(issued, 13),
        Ok(Counted { date: exit, provisional: false })
    );
}

#[test]
fn days_off_are_skipped_and_make_up_days_are_counted() {
    let calendar = shipped();
    assert!(!calendar.is_working(date(2026, 5, 4)), "a Monday off");
    assert!(calendar.is_working(date(2026, 5, 9)), "a Saturday worked");
    assert!(!calendar.is_working(date(2026, 5, 10)), "an ordinary Sunday");
    // Thu 04-30 + 1 skips the holiday; Fri 05-08 + 1 lands on the Saturday worked.
    assert_eq!(calendar.add_working_days(date(2026, 4, 30), 1).unwrap().date, date(2026, 5, 6));
    assert_eq!(calendar.add_working_days(date(2026, 5, 8), 1).unwrap().date, date(2026, 5, 9));
    assert_eq!(calendar.add_working_days(date(2026, 5, 9), 1).unwrap().date, date(2026, 5, 11));
    // Backwards: three working days before Fri 08-28 is Tue 08-25 (US-9).
    assert_eq!(calendar.add_working_days(date(2026, 8, 28), -3).unwrap().date, date(2026, 8, 25));
}

#[test]
fn the_first_day_is_never_counted() {
    let calendar = shipped();
    let sunday = date(2026, 5, 17);
    assert_eq!(calendar.add_working_days(sunday, 0).unwrap().date, sunday);
    assert_eq!(calendar.add_working_days(sunday, 1).unwrap().date, date(2026, 5, 18));
    assert_eq!(calendar.working_days_between(date(2026, 5, 15), sunday).days, 0);
    assert_eq!(calendar.working_days_between(date(2026, 5, 18), date(2026, 5, 15)).days, -1);
}

#[test]
fn an_answer_that_touches_an_unknown_year_is_provisional() {
    let calendar = shipped();
    let before = calendar.add_working_days(date(2026, 12, 30), 1).unwrap();
    assert_eq!(before, Counted { date: date(2026, 12, 31), provisional: false });
    let after = calendar.add_working_days(date(2026, 12, 31), 1).unwrap();
    assert_eq!(after, Counted { date: date(2027, 1, 1), provisional: true });
    let across = calendar.working_days_between(date(2026, 12, 30), date(2027, 1, 4));
    assert!(across.provisional);
    assert!(calendar.working_days_between(date(2027, 3, 1), date(2026, 12, 31)).provisional);
    assert!(
        Calendar::weekends_only("none").add_working_days(date(2026, 5, 1), 1).unwrap().provisional
    );
}

#[test]
fn a_year_not_decreed_yet_is_provisional_though_it_is_listed() {
    let text = SHIPPED_CALENDAR.replace("status = \"training\"", "status = \"provisional\"");
    let calendar = Calendar::parse(&text).unwrap();
    assert!(calendar.is_provisional(date(2026, 5, 12)) && !calendar.is_for_training());
}

#[test]
fn the_shipped_calendar_is_marked_as_invented() {
    let calendar = shipped();
    assert!(calendar.is_for_training());
    assert!(calendar.years[&2026].source.contains("虚构"));
}

#[test]
fn months_keep_the_day_or_take_the_last() {
    assert_eq!(add_months(date(2026, 5, 28), 3), Ok(date(2026, 8, 28)), "US-9");
    assert_eq!(add_months(date(2026, 1, 31), 1), Ok(date(2026, 2, 28)));
    assert_eq!(add_months(date(2028, 1, 31), 1), Ok(date(2028, 2, 29)));
    assert_eq!(add_months(date(2026, 8, 31), 6), Ok(date(2027, 2, 28)));
    assert_eq!(add_months(date(2026, 12, 15), 1), Ok(date(2027, 1, 15)));
    assert_eq!(add_months(date(9999, 12, 1), 1), Err(OutOfCalendar));
    assert_eq!(add_days(date(9999, 12, 31), 1), Err(OutOfCalendar));
    for n in [i32::MIN, i32::MAX] {
        assert_eq!(add_months(date(2026, 1, 1), n), Err(OutOfCalendar));
        assert_eq!(add_days(date(2026, 1, 1), n), Err(OutOfCalendar));
    }
}

#[test]
fn counting_stops_at_the_end_of_the_calendar() {
    let calendar = Calendar::weekends_only("none");
    assert_eq!(calendar.add_working_days(date(9999, 12, 30), 5), Err(OutOfCalendar));
}

#[test]
fn a_calendar_survives_json() {
    let calendar = shipped();
    let json = serde_json::to_string(&calendar).unwrap();
    assert_eq!(serde_json::from_str::<Calendar>(&json).unwrap(), calendar);
}

#[test]
fn quoted_dates_and_windows_line_ends_are_read_too() {
    let text = SHIPPED_CALENDAR.replace("2026-05-09", "\"2026-05-09\"").replace('\n', "\r\n");
    assert_eq!(Calendar::parse(&text).unwrap(), shipped());
}

#[test]
fn every_fault_is_listed_with_its_line() {
    let source = r#"id = "c"
weekned = ["sat"]
weekend = ["sat", "sunday"]

[[years]]
year = 2026
source = "某通知"
status = "certain"
days_off = [
  { from = 2026-05-01, to = 2026-04-30, name = "劳动节" },
  { from = 2027-01-01, name = "元旦" },
  { from = 2026-06-19, name = "端午节" },
  { from = 2026-06-19, name = "端午节" },
  { from = "六月", name = "端午节" },
  { from = 3, name = 4 },
]
make_up = [
  { on = 2026-06-19, name = "端午节" },
]

[[years]]
year = 99999
source = ""
status = "official"
"#;
    let expected = [
        (2, "weekned", "unknown_field"),
        (3, "weekend[2]", "not_a_choice"),
        (8, "years[1].status", "not_a_choice"),
        (10, "years[1].days_off[1]", "bad_period"),
        (11, "years[1].days_off[2]", "other_year"),
        (13, "years[1].days_off[4]", "repeated"),
        (14, "years[1].days_off[5].from", "not_a_date"),
        (15, "years[1].days_off[6].from", "wrong_type"),
        (15, "years[1].days_off[6].name", "wrong_type"),
        (18, "years[1].make_up[1]", "off_and_working"),
        (22, "years[2].year", "out_of_range"),
        (23, "years[2].source", "missing"),
    ];
    let expected: Vec<_> = expected.map(|(line, path, code)| (line, path.to_owned(), code)).into();
    assert_eq!(faults(source), expected);
}

#[test]
fn make_up_days_and_years_are_checked() {
    let with = |years: &str| format!("id = \"c\"\n{years}");
    let year = "[[years]]\nyear = 2026\nsource = \"某通知\"\nstatus = \"official\"\n";
    let worked = format!("{year}make_up = [{{ on = 2026-05-12, name = \"无\" }}]\n");
    assert_eq!(faults(&with(&worked)), [(6, "years[1].make_up[1]".into(), "already_working")]);
    let day = "{ on = 2026-05-09, name = \"劳动节\" }";
    let twice = format!("{year}make_up = [\n{day},\n{day}]\n");
    assert_eq!(faults(&with(&twice)), [(8, "years[1].make_up[2]".into(), "repeated")]);
    let again = format!("{year}{year}");
    assert_eq!(faults(&with(&again)), [(7, "years[2].year".into(), "repeated")]);
    let closed =
        "id = \"c\"\nweekend = [\"mon\",\"tue\",\"wed\",\"thu\",\"fri\",\"sat\",\"sun\"]\n";
    assert_eq!(faults(closed), [(2, "weekend".into(), "no_working_day")]);
}

#[test]
fn what_is_not_toml_is_said_with_its_line() {
    assert_eq!(faults("id = \"c\"\nweekend = [\"sat\"\n\nyears = 3\n")[0].2, "syntax");
    let found = faults("id = \"c\"\nid = \"d\"\n");
    assert_eq!((found[0].0, found[0].2), (2, "syntax"));
    assert_eq!(faults(&" ".repeat(600_000)), [(1, "file".into(), "too_long")]);
    assert_eq!(faults(""), [(1, "id".into(), "missing")]);
    assert_eq!(
        faults("id = \"c\"\nyears = 3\nweekend = 4"),
        [(2, "years".into(), "wrong_type"), (3, "weekend".into(), "wrong_type")]
    );
}

/// Calendars of the year 2026 with arbitrary days off and arbitrary days of weekends worked.
fn any_calendar() -> impl Strategy<Value = Calendar> {
    let days = prop::collection::btree_set(0..365i32, 0..60);
    (days, prop::collection::btree_set(0..365i32, 0..30)).prop_map(|(off, worked)| {
        let day = |n: i32| add_days(date(2026, 1, 1), n).unwrap();
        let days_off = off.iter().map(|n| (day(*n), "假".to_owned())).collect();
        let make_up = worked.difference(&off).map(|n| (day(*n), "调休".to_owned())).collect();
        let year = CalendarYear {
            source: "某通知".into(),
            status: YearStatus::Official,
            days_off,
            make_up,
        };
        let mut calendar = Calendar::weekends_only("any");
        calendar.years.insert(2026, year);
        calendar
    })
}

proptest! {
    #[test]
    fn counting_back_undoes_counting(calendar in any_calendar(), start in 0..400i32, n in -300..300i32) {
        let start = add_days(date(2025, 12, 1), start).unwrap();
        let end = calendar.add_working_days(start, n).unwrap().date;
        prop_assert_eq!(calendar.working_days_between(start, end).days, n);
        prop_assert!(n == 0 || calendar.is_working(end));
    }

    #[test]
    fn more_days_and_later_starts_never_end_earlier(
        calendar in any_calendar(), start in 0..400i32, later in 0..30i32, n in -200..200i32,
    ) {
        let start = add_days(date(2025, 12, 1), start).unwrap();
        let later = add_days(start, later).unwrap();
        let end = |from, n| calendar.add_working_days(from, n).unwrap().date;
        prop_assert!(end(start, n) <= end(later, n));
        prop_assert!(end(start, n) < end(start, n + 1));
    }

    #[test]
    fn stages_add_up(calendar in any_calendar(), a in 0..100i32, b in 0..100i32) {
        let start = date(2026, 3, 3);
        let first = calendar.add_working_days(start, a).unwrap().date;
        prop_assert_eq!(
            calendar.add_working_days(first, b), calendar.add_working_days(start, a + b)
        );
    }

    #[test]
    fn no_text_makes_the_reader_fail_without_a_reason(text in ".{0,200}") {
        if let Err(faults) = Calendar::parse(&text) {
            prop_assert!(!faults.is_empty());
        }
    }
}
