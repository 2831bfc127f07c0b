//! What must hold across the rows of a round file.
use jiff::{ToSpan, civil::Date};
use shared::model::round::{Appointment, Group, Role, Seat, SeatKind, Unit};

use super::{
    build::{Built, Placed},
    problem::{Problem, ProblemKind},
};

/// Checks a round whose rows have been read; `members` is how many each group needs.
pub(super) fn check(built: &Built<'_>, members: usize, problems: &mut Vec<Problem>) {
    engagements_differ(built, problems);
    appointments_differ(built, problems);
    nobody_on_both_sides(built, problems);
    if !built.blurred {
        for group in &built.groups {
            group_is_manned(built, group, members, problems);
        }
        for unit in &built.units {
            desk_is_manned(built, unit, problems);
        }
    }
}

fn engagements_differ(built: &Built<'_>, problems: &mut Vec<Problem>) {
    for (at, one) in built.engagements.iter().enumerate() {
        let earlier = built.engagements[..at]
            .iter()
            .find(|e| e.value.group == one.value.group && e.value.unit == one.value.unit);
        if let Some(earlier) = earlier {
            let kind = ProblemKind::EngagementRepeated { first: earlier.row.place.clone() };
            problems.push(Problem { place: one.row.place.clone(), kind });
        }
    }
}

/// Nobody holds a role twice, or two roles in groups, at the same time.
fn appointments_differ(built: &Built<'_>, problems: &mut Vec<Problem>) {
    for (at, one) in built.appointments.iter().enumerate() {
        let clash = built.appointments[..at].iter().find_map(|earlier| {
            let (a, b) = (&earlier.value, &one.value);
            if a.person != b.person || !a.overlaps(b) {
                return None;
            }
            let first = earlier.row.place.clone();
            if (a.role, a.seat) == (b.role, b.seat) {
                return Some(ProblemKind::AppointmentRepeated { first });
            }
            let both_in_groups = [a, b].iter().all(|it| it.seat.kind() == SeatKind::Group);
            let person = name_of(built, a);
            both_in_groups.then_some(ProblemKind::TwoGroupRoles { person, first })
        });
        if let Some(kind) = clash {
            problems.push(Problem { place: one.row.place.clone(), kind });
        }
    }
}

/// Nobody inspects the unit at whose desk they sit (domain §5.4 I2).
fn nobody_on_both_sides(built: &Built<'_>, problems: &mut Vec<Problem>) {
    for desk in &built.appointments {
        let Seat::Unit(unit) = desk.value.seat else { continue };
        let inspects = built.appointments.iter().any(|other| {
            let Seat::Group(group) = other.value.seat else { return false };
            other.value.person == desk.value.person
                && built.engagements.iter().any(|e| e.value.group == group && e.value.unit == unit)
        });
        if inspects {
            let person = name_of(built, &desk.value);
            let code = built.units.iter().find(|known| known.value.id == unit);
            let unit = code.map(|known| known.value.code.clone()).unwrap_or_default();
            let kind = ProblemKind::BothSides { person, unit };
            problems.push(Problem { place: desk.row.place.clone(), kind });
        }
    }
}

fn name_of(built: &Built<'_>, appointment: &Appointment) -> String {
    let person = built.people.iter().find(|person| person.value.id == appointment.person);
    person.map(|person| person.value.name.clone()).unwrap_or_default()
}

/// On every day of its stay a group has one leader and enough members.
fn group_is_manned(
    built: &Built<'_>,
    group: &Placed<'_, Group>,
    needs: usize,
    problems: &mut Vec<Problem>,
) {
    let stays = built.engagements.iter().filter(|e| e.value.group == group.value.id);
    let mut days = days_of(stays.map(|e| (e.value.entry_on, e.value.exit_on)));
    if days.is_empty() {
        // A group not yet sent anywhere is manned for the round.
        let round = built.round.as_ref().map(|placed| &placed.value.round);
        days = days_of(round.into_iter().map(|round| (round.starts, round.ends)));
    }
    let seat = Seat::Group(group.value.id);
    let code = || group.value.code.clone();
    let place = group.row.place_of("code").clone();
    let count = |role, day| holders(built, role, seat, day).count();
    if let Some(on) = days.iter().copied().find(|day| count(Role::GroupLeader, *day) == 0) {
        let kind = ProblemKind::NoLeader { group: code(), on };
        problems.push(Problem { place: place.clone(), kind });
    }
    if let Some(on) = days.iter().copied().find(|day| count(Role::GroupLeader, *day) > 1) {
        let last = holders(built, Role::GroupLeader, seat, on).last();
        let place = last.map_or(place.clone(), |second| second.row.place.clone());
        problems.push(Problem { place, kind: ProblemKind::TwoLeaders { group: code(), on } });
    }
    if let Some(on) = days.iter().copied().find(|day| count(Role::Member, *day) < needs) {
        let has = count(Role::Member, on);
        let kind = ProblemKind::TooFewMembers { group: code(), on, has, needs };
        problems.push(Problem { place, kind });
    }
}

/// On every day on which a unit is inspected its desk has a head and a liaison.
fn desk_is_manned(built: &Built<'_>, unit: &Placed<'_, Unit>, problems: &mut Vec<Problem>) {
    let stays = built.engagements.iter().filter(|e| e.value.unit == unit.value.id);
    let days = days_of(stays.map(|e| (e.value.entry_on, e.value.exit_on)));
    for role in [Role::UnitHead, Role::Liaison] {
        let seat = Seat::Unit(unit.value.id);
        let missing = days.iter().find(|day| holders(built, role, seat, **day).next().is_none());
        if let Some(on) = missing.copied() {
            let unit_code = unit.value.code.clone();
            let kind = ProblemKind::DeskIncomplete { unit: unit_code, role, on };
            problems.push(Problem { place: unit.row.place_of("code").clone(), kind });
        }
    }
}

/// Returns the appointments that hold a role at a place on a day.
fn holders<'b, 'r>(
    built: &'b Built<'r>,
    role: Role,
    seat: Seat,
    day: Date,
) -> impl Iterator<Item = &'b Placed<'r, Appointment>> {
    built.appointments.iter().filter(move |placed| {
        let held = &placed.value;
        held.role == role && held.seat == seat && held.holds_on(day)
    })
}

/// Returns every day of some stays, in order. No stay is longer than the round, about a year.
fn days_of(stays: impl Iterator<Item = (Date, Date)>) -> Vec<Date> {
    let mut days: Vec<Date> = stays
        .flat_map(|(first, last)| {
            first.series(1.day()).take(400).take_while(move |day| *day <= last)
        })
        .collect();
    days.sort_unstable();
    days.dedup();
    days
}
