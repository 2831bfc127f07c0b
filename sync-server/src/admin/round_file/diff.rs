//! What a new round file changes: shown to the person who signs it.
use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;
use shared::{
    model::{
        PersonId,
        round::{Appointment, Engagement, Group, Person, Role, RoundKind, Seat, Unit, UnitKind},
    },
    workflow::rule_pack::DeadlineRule,
};

use super::plan::RoundPlan;

/// An appointment with the names to show for it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct NamedAppointment {
    /// The appointment.
    pub appointment: Appointment,
    /// The person's name.
    pub person: String,
    /// The name of the place.
    pub seat: String,
}

/// An engagement with the names to show for it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct NamedEngagement {
    /// The engagement.
    pub engagement: Engagement,
    /// The group's name.
    pub group: String,
    /// The unit's name.
    pub unit: String,
}

/// One thing that differs between two round files.
///
/// A member who is swapped for another shows as one appointment ended and one added: the one
/// who left keeps what they signed, the one who came has signed nothing yet.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case", tag = "change")]
#[allow(missing_docs, reason = "`from` and `to` are the old and the new value throughout")]
pub enum Change {
    /// The files are of different rounds; nothing else is compared.
    OtherRound { from: String, to: String },
    /// The round's title.
    TitleChanged { from: String, to: String },
    /// The round's kind.
    KindChanged { from: RoundKind, to: RoundKind },
    /// The round's first day.
    StartMoved { from: Date, to: Date },
    /// The round's last day.
    EndMoved { from: Date, to: Date },
    /// A unit that was not there.
    UnitAdded { unit: Unit },
    /// A unit that is no longer there.
    UnitRemoved { unit: Unit },
    /// A unit's name.
    UnitRenamed { code: String, from: String, to: String },
    /// What a unit is to the round.
    UnitKindChanged { name: String, from: UnitKind, to: UnitKind },
    /// A group that was not there.
    GroupAdded { group: Group },
    /// A group that is no longer there.
    GroupRemoved { group: Group },
    /// A group's name.
    GroupRenamed { code: String, from: String, to: String },
    /// An engagement that was not there.
    EngagementAdded { engagement: NamedEngagement },
    /// An engagement that is no longer there.
    EngagementRemoved { engagement: NamedEngagement },
    /// An engagement's group or unit.
    EngagementReassigned { from: NamedEngagement, to: NamedEngagement },
    /// The day a group enters.
    EntryMoved { engagement: NamedEngagement, from: Date, to: Date },
    /// A longer stay: what is due at exit is due later.
    ExitExtended { engagement: NamedEngagement, from: Date, to: Date },
    /// A shorter stay: what is due at exit is due earlier.
    ExitBroughtForward { engagement: NamedEngagement, from: Date, to: Date },
    /// A person who was not there.
    PersonAdded { person: Person },
    /// A person who is no longer there.
    PersonRemoved { person: Person },
    /// A person's name.
    PersonRenamed { code: String, from: String, to: String },
    /// A person's post at home.
    PostChanged { name: String, from: String, to: String },
    /// An appointment that was not there.
    AppointmentAdded { appointment: NamedAppointment },
    /// An appointment that ends, or ends earlier than it would have.
    AppointmentEnded { appointment: NamedAppointment, was: Option<Date>, until: Date },
    /// An appointment that goes on longer.
    AppointmentProlonged { appointment: NamedAppointment, was: Date, until: Option<Date> },
    /// The first day of an appointment.
    AppointmentStartMoved { appointment: NamedAppointment, from: Date, to: Date },
    /// An appointment that is no longer there at all.
    AppointmentRemoved { appointment: NamedAppointment },
    /// Another rule pack, or another version of it.
    RulePackChanged { from: String, to: String },
    /// A deadline that was not there.
    DeadlineAdded { rule: DeadlineRule },
    /// A deadline that is no longer there.
    DeadlineRemoved { rule: DeadlineRule },
    /// A deadline: what was computed by the old one is computed anew, the old value is kept.
    DeadlineChanged { from: DeadlineRule, to: DeadlineRule },
    /// Anything else in the rule pack.
    OtherRulesChanged,
    /// The calendar's days, or another calendar.
    CalendarChanged { from: String, to: String, days: Vec<Date> },
}

/// Returns what `new` changes of `old`: the round first, then units, groups, engagements,
/// people, appointments and rules. Nothing changed is an empty list.
pub fn difference(old: &RoundPlan, new: &RoundPlan) -> Vec<Change> {
    if old.round.id != new.round.id {
        return vec![Change::OtherRound { from: old.round.code(), to: new.round.code() }];
    }
    let mut changes = Vec::new();
    round(old, new, &mut changes);
    units(old, new, &mut changes);
    groups(old, new, &mut changes);
    engagements(old, new, &mut changes);
    people(old, new, &mut changes);
    appointments(old, new, &mut changes);
    rules(old, new, &mut changes);
    changes
}

/// Pairs two lists by key: `(old, new)`, in the order of the old list, new ones last.
fn paired<'a, T, K: PartialEq>(
    old: &'a [T],
    new: &'a [T],
    key: impl Fn(&T) -> K,
) -> Vec<(Option<&'a T>, Option<&'a T>)> {
    let find = |list: &'a [T], wanted: &K| list.iter().find(|one| key(one) == *wanted);
    let kept = old.iter().map(|one| (Some(one), find(new, &key(one))));
    let added =
        new.iter().filter(|one| find(old, &key(one)).is_none()).map(|one| (None, Some(one)));
    kept.chain(added).collect()
}

fn round(old: &RoundPlan, new: &RoundPlan, changes: &mut Vec<Change>) {
    let (old, new) = (&old.round, &new.round);
    if old.title != new.title {
        changes.push(Change::TitleChanged { from: old.title.clone(), to: new.title.clone() });
    }
    if old.kind != new.kind {
        changes.push(Change::KindChanged { from: old.kind, to: new.kind });
    }
    if old.starts != new.starts {
        changes.push(Change::StartMoved { from: old.starts, to: new.starts });
    }
    if old.ends != new.ends {
        changes.push(Change::EndMoved { from: old.ends, to: new.ends });
    }
}

fn units(old: &RoundPlan, new: &RoundPlan, changes: &mut Vec<Change>) {
    for pair in paired(&old.units, &new.units, |unit| unit.id) {
        match pair {
            (Some(old), Some(new)) => {
                if old.name != new.name {
                    let (from, to) = (old.name.clone(), new.name.clone());
                    changes.push(Change::UnitRenamed { code: new.code.clone(), from, to });
                }
                if old.kind != new.kind {
                    let name = new.name.clone();
                    changes.push(Change::UnitKindChanged { name, from: old.kind, to: new.kind });
                }
            }
            (Some(old), None) => changes.push(Change::UnitRemoved { unit: old.clone() }),
            (None, Some(new)) => changes.push(Change::UnitAdded { unit: new.clone() }),
            (None, None) => {}
        }
    }
}

fn groups(old: &RoundPlan, new: &RoundPlan, changes: &mut Vec<Change>) {
    for pair in paired(&old.groups, &new.groups, |group| group.id) {
        match pair {
            (Some(old), Some(new)) if old.name != new.name => {
                let (from, to) = (old.name.clone(), new.name.clone());
                changes.push(Change::GroupRenamed { code: new.code.clone(), from, to });
            }
            (Some(old), None) => changes.push(Change::GroupRemoved { group: old.clone() }),
            (None, Some(new)) => changes.push(Change::GroupAdded { group: new.clone() }),
            _ => {}
        }
    }
}

fn named_engagement(plan: &RoundPlan, engagement: &Engagement) -> NamedEngagement {
    let group = plan.seat_name(Seat::Group(engagement.group));
    let unit = plan.seat_name(Seat::Unit(engagement.unit));
    NamedEngagement { engagement: engagement.clone(), group, unit }
}

fn engagements(old: &RoundPlan, new: &RoundPlan, changes: &mut Vec<Change>) {
    for pair in paired(&old.engagements, &new.engagements, |engagement| engagement.id) {
        match pair {
            (Some(was), Some(is)) => {
                let engagement = named_engagement(new, is);
                if (was.group, was.unit) != (is.group, is.unit) {
                    let from = named_engagement(old, was);
                    let to = engagement.clone();
                    changes.push(Change::EngagementReassigned { from, to });
                }
                if was.entry_on != is.entry_on {
                    let engagement = engagement.clone();
                    let (from, to) = (was.entry_on, is.entry_on);
                    changes.push(Change::EntryMoved { engagement, from, to });
                }
                let (from, to) = (was.exit_on, is.exit_on);
                if to > from {
                    changes.push(Change::ExitExtended { engagement, from, to });
                } else if to < from {
                    changes.push(Change::ExitBroughtForward { engagement, from, to });
                }
            }
            (Some(was), None) => {
                let engagement = named_engagement(old, was);
                changes.push(Change::EngagementRemoved { engagement });
            }
            (None, Some(is)) => {
                let engagement = named_engagement(new, is);
                changes.push(Change::EngagementAdded { engagement });
            }
            (None, None) => {}
        }
    }
}

fn people(old: &RoundPlan, new: &RoundPlan, changes: &mut Vec<Change>) {
    for pair in paired(&old.people, &new.people, |person| person.id) {
        match pair {
            (Some(old), Some(new)) => {
                if old.name != new.name {
                    let (from, to) = (old.name.clone(), new.name.clone());
                    changes.push(Change::PersonRenamed { code: new.code.clone(), from, to });
                }
                if old.post != new.post {
                    let (from, to) = (old.post.clone(), new.post.clone());
                    changes.push(Change::PostChanged { name: new.name.clone(), from, to });
                }
            }
            (Some(old), None) => changes.push(Change::PersonRemoved { person: old.clone() }),
            (None, Some(new)) => changes.push(Change::PersonAdded { person: new.clone() }),
            (None, None) => {}
        }
    }
}

type Held = (PersonId, Role, Seat);

/// The terms of one person in one role at one place, in order.
fn terms(plan: &RoundPlan) -> BTreeMap<Held, Vec<&Appointment>> {
    let mut terms: BTreeMap<Held, Vec<&Appointment>> = BTreeMap::new();
    for held in &plan.appointments {
        terms.entry((held.person, held.role, held.seat)).or_default().push(held);
    }
    for held in terms.values_mut() {
        held.sort_by_key(|appointment| appointment.from);
    }
    terms
}

fn named(plan: &RoundPlan, appointment: &Appointment) -> NamedAppointment {
    let person = plan.person(appointment.person).map(|person| person.name.clone());
    NamedAppointment {
        appointment: appointment.clone(),
        person: person.unwrap_or_default(),
        seat: plan.seat_name(appointment.seat),
    }
}

/// Ended and removed first, then the others, then those added: a swap reads in its order.
fn appointments(old: &RoundPlan, new: &RoundPlan, changes: &mut Vec<Change>) {
    let (old_terms, mut new_terms) = (terms(old), terms(new));
    let (mut ended, mut moved, mut added) = (Vec::new(), Vec::new(), Vec::new());
    for (held, was) in old_terms {
        let mut is = new_terms.remove(&held).unwrap_or_default();
        // A term is the same if it starts the same day; what is left is paired in order.
        let mut left = Vec::new();
        let mut pairs = Vec::new();
        for term in was {
            match is.iter().position(|other| other.from == term.from) {
                Some(at) => pairs.push((term, is.remove(at))),
                None => left.push(term),
            }
        }
        let count = left.len().min(is.len());
        pairs.extend(left.drain(..count).zip(is.drain(..count)));
        for (was, is) in pairs {
            term_changed(was, is, new, &mut ended, &mut moved);
        }
        let gone = left.into_iter().map(|term| named(old, term));
        ended.extend(gone.map(|appointment| Change::AppointmentRemoved { appointment }));
        added.extend(is);
    }
    // In the order of the new file, which is the order in which people read them.
    added.extend(new_terms.into_values().flatten());
    let added = new
        .appointments
        .iter()
        .filter(|appointment| added.iter().any(|one| std::ptr::eq(*one, *appointment)))
        .map(|appointment| Change::AppointmentAdded { appointment: named(new, appointment) });
    changes.extend(ended);
    changes.extend(moved);
    changes.extend(added);
}

fn term_changed(
    was: &Appointment,
    is: &Appointment,
    new: &RoundPlan,
    ended: &mut Vec<Change>,
    moved: &mut Vec<Change>,
) {
    let appointment = named(new, is);
    if was.from != is.from {
        let appointment = appointment.clone();
        moved.push(Change::AppointmentStartMoved { appointment, from: was.from, to: is.from });
    }
    match (was.until, is.until) {
        (was, Some(until)) if was.is_none_or(|was| until < was) => {
            ended.push(Change::AppointmentEnded { appointment, was, until });
        }
        (Some(was), until) if until != Some(was) => {
            moved.push(Change::AppointmentProlonged { appointment, was, until });
        }
        _ => {}
    }
}

fn rules(old: &RoundPlan, new: &RoundPlan, changes: &mut Vec<Change>) {
    let (was, is) = (&old.rule_pack, &new.rule_pack);
    if (&was.id, was.version) != (&is.id, is.version) {
        let from = format!("{} v{}", was.id, was.version);
        let to = format!("{} v{}", is.id, is.version);
        changes.push(Change::RulePackChanged { from, to });
    }
    for pair in paired(&was.deadlines, &is.deadlines, |rule| rule.id.clone()) {
        match pair {
            (Some(from), Some(to)) if from != to => {
                changes.push(Change::DeadlineChanged { from: from.clone(), to: to.clone() });
            }
            (Some(rule), None) => changes.push(Change::DeadlineRemoved { rule: rule.clone() }),
            (None, Some(rule)) => changes.push(Change::DeadlineAdded { rule: rule.clone() }),
            _ => {}
        }
    }
    let mut rest = was.clone();
    rest.id.clone_from(&is.id);
    rest.version = is.version;
    rest.deadlines.clone_from(&is.deadlines);
    if rest != *is {
        changes.push(Change::OtherRulesChanged);
    }
    let (was, is) = (&old.calendar, &new.calendar);
    if was != is {
        let listed = |plan: &RoundPlan| -> Vec<Date> {
            let years = plan.calendar.years.values();
            years
                .flat_map(|year| year.days_off.keys().chain(year.make_up.keys()).copied())
                .collect()
        };
        let mut days: Vec<Date> = listed(old).into_iter().chain(listed(new)).collect();
        days.retain(|day| was.is_working(*day) != is.is_working(*day));
        days.sort_unstable();
        days.dedup();
        let (from, to) = (was.id.clone(), is.id.clone());
        changes.push(Change::CalendarChanged { from, to, days });
    }
}
