//! Builds a round from the rows of its file.
//!
//! An id follows from a code alone, so a row with another fault still gives its code to those
//! that refer to it: one mistake is reported once.
use std::collections::BTreeMap;

use jiff::{ToSpan, civil::Date};
use shared::model::{
    RoundId,
    round::{
        Appointment, Engagement, Group, Person, Role, Round, RoundKind, Seat, SeatKind, Unit,
        UnitKind,
    },
};

use super::{
    fields::{Fields, OFFICE},
    ids,
    problem::{Problem, ProblemKind},
    raw::{Place, RawFile, RawRow},
    schema::Section,
};

/// A record and the row it was read from.
pub(super) struct Placed<'r, T> {
    pub(super) value: T,
    pub(super) row: &'r RawRow,
}

/// The round's own row.
pub(super) struct RoundRow {
    pub(super) round: Round,
    pub(super) rule_pack: String,
    pub(super) calendar: String,
}

/// Everything that could be read.
pub(super) struct Built<'r> {
    pub(super) round: Option<Placed<'r, RoundRow>>,
    pub(super) units: Vec<Placed<'r, Unit>>,
    pub(super) groups: Vec<Placed<'r, Group>>,
    pub(super) engagements: Vec<Placed<'r, Engagement>>,
    pub(super) people: Vec<Placed<'r, Person>>,
    pub(super) appointments: Vec<Placed<'r, Appointment>>,
    /// Some appointment could not be read, so who is missing where cannot be said.
    pub(super) blurred: bool,
}

/// Codes already given, with where they stand first.
type Given = BTreeMap<String, Place>;

struct Builder<'r, 'p> {
    raw: &'r RawFile,
    problems: &'p mut Vec<Problem>,
    round: RoundId,
    /// Units and groups share one set of codes: an appointment names either.
    seats: BTreeMap<String, (Place, SeatNamed)>,
    people: Given,
}

/// What a code of a place stands for.
#[derive(Clone, Copy)]
enum SeatNamed {
    Group,
    /// None where the kind could not be read.
    Unit(Option<UnitKind>),
}

/// Reads every row, noting all problems.
pub(super) fn build<'r>(raw: &'r RawFile, problems: &mut Vec<Problem>) -> Built<'r> {
    let nil = RoundId::from_bytes([0; 16]);
    let mut builder =
        Builder { raw, problems, round: nil, seats: BTreeMap::new(), people: Given::new() };
    let round = builder.round();
    if let Some(round) = &round {
        builder.round = round.value.round.id;
    }
    let dates = round.as_ref().map(|placed| (placed.value.round.starts, placed.value.round.ends));
    let units = builder.units();
    let groups = builder.groups();
    let people = builder.people();
    let engagements = builder.engagements(dates);
    let rows = raw.rows(Section::Appointments).len();
    let appointments = builder.appointments(dates);
    let blurred = appointments.len() < rows;
    Built { round, units, groups, engagements, people, appointments, blurred }
}

impl<'r> Builder<'r, '_> {
    fn each<T>(
        &mut self,
        section: Section,
        mut read: impl FnMut(&mut Self, &'r RawRow) -> Option<T>,
    ) -> Vec<Placed<'r, T>> {
        let raw = self.raw;
        raw.rows(section)
            .iter()
            .filter_map(|row| read(self, row).map(|value| Placed { value, row }))
            .collect()
    }

    fn fields<'b>(&'b mut self, section: Section, row: &'r RawRow) -> Fields<'r, 'b> {
        Fields { section, row, problems: self.problems }
    }

    fn round(&mut self) -> Option<Placed<'r, RoundRow>> {
        let rows = self.raw.rows(Section::Round);
        let row = match rows {
            [row] => row,
            _ => {
                if let Some(place) = rows.get(1).map(|row| row.place.clone()) {
                    let kind = ProblemKind::NotOneRound { rows: rows.len() };
                    self.problems.push(Problem { place, kind });
                }
                rows.first()?
            }
        };
        let mut fields = self.fields(Section::Round, row);
        let year: Option<i16> = fields.number("year", 2000, 2999);
        let no: Option<u16> = fields.number("no", 1, 99);
        let kind = fields.choice("kind", RoundKind::ALL);
        let title = fields.text("title");
        let starts = fields.date("starts");
        let ends = fields.date("ends");
        let training = fields.bool("training");
        let rule_pack = fields.text("rule_pack");
        let calendar = fields.text("calendar");
        let (starts, ends) = (starts?, ends?);
        let latest = starts.checked_add(1.year()).unwrap_or(Date::MAX);
        if ends < starts || ends > latest {
            fields.note("ends", ProblemKind::RoundDates { starts, ends });
            return None;
        }
        let (year, no, training) = (year?, no?, training?);
        let id = ids::round(year, no, training);
        let round = Round { id, year, no, kind: kind?, title: title?, starts, ends, training };
        let value = RoundRow { round, rule_pack: rule_pack?, calendar: calendar? };
        Some(Placed { value, row })
    }

    fn units(&mut self) -> Vec<Placed<'r, Unit>> {
        self.each(Section::Units, |this, row| {
            let mut fields = this.fields(Section::Units, row);
            let code = fields.code("code");
            let name = fields.text("name");
            let kind = fields.choice("kind", UnitKind::ALL);
            let code = this.seat(row, code?, SeatNamed::Unit(kind))?;
            let id = ids::unit(this.round, &code);
            Some(Unit { id, code, name: name?, kind: kind? })
        })
    }

    fn groups(&mut self) -> Vec<Placed<'r, Group>> {
        self.each(Section::Groups, |this, row| {
            let mut fields = this.fields(Section::Groups, row);
            let code = fields.code("code");
            let no: Option<u16> = fields.number("no", 1, 99);
            let name = fields.text("name");
            if let (Some(code), Some(no)) = (&code, no)
                && *code != format!("G{no}")
            {
                fields.note("code", ProblemKind::GroupCode { code: code.clone(), no });
            }
            let code = this.seat(row, code?, SeatNamed::Group)?;
            let id = ids::group(this.round, &code);
            Some(Group { id, no: no?, code, name: name? })
        })
    }

    /// Registers the code of a unit or a group.
    fn seat(&mut self, row: &RawRow, code: String, named: SeatNamed) -> Option<String> {
        let place = row.place_of("code").clone();
        if code == OFFICE {
            self.problems.push(Problem { place, kind: ProblemKind::ReservedCode { code } });
            return None;
        }
        if let Some((first, _)) = self.seats.get(&code) {
            let kind = ProblemKind::DuplicateCode { code, first: first.clone() };
            self.problems.push(Problem { place, kind });
            return None;
        }
        self.seats.insert(code.clone(), (place, named));
        Some(code)
    }

    /// Registers a code among `given`.
    fn once(
        given: &mut Given,
        problems: &mut Vec<Problem>,
        row: &RawRow,
        code: String,
    ) -> Option<String> {
        let place = row.place_of("code").clone();
        if let Some(first) = given.get(&code) {
            let kind = ProblemKind::DuplicateCode { code, first: first.clone() };
            problems.push(Problem { place, kind });
            return None;
        }
        given.insert(code.clone(), place);
        Some(code)
    }

    fn people(&mut self) -> Vec<Placed<'r, Person>> {
        self.each(Section::People, |this, row| {
            let mut fields = this.fields(Section::People, row);
            let code = fields.code("code");
            let name = fields.text("name");
            let post = fields.text_or_empty("post");
            let code = Self::once(&mut this.people, this.problems, row, code?)?;
            let id = ids::person(this.round, &code);
            Some(Person { id, code, name: name?, post: post? })
        })
    }

    fn engagements(&mut self, round: Option<(Date, Date)>) -> Vec<Placed<'r, Engagement>> {
        let mut given = Given::new();
        self.each(Section::Engagements, |this, row| {
            let mut fields = this.fields(Section::Engagements, row);
            let code = fields.code("code");
            let group = fields.code("group");
            let unit = fields.code("unit");
            let entry_on = fields.date("entry_on");
            let exit_on = fields.date("exit_on");
            if let (Some(entry_on), Some(exit_on)) = (entry_on, exit_on)
                && exit_on <= entry_on
            {
                fields.note("exit_on", ProblemKind::ExitNotAfterEntry { entry_on, exit_on });
            }
            if let Some((starts, ends)) = round {
                for (field, date) in [("entry_on", entry_on), ("exit_on", exit_on)] {
                    if let Some(date) = date.filter(|date| *date < starts || *date > ends) {
                        fields.note(field, ProblemKind::OutsideRound { date, starts, ends });
                    }
                }
            }
            let group = group.and_then(|code| this.known_group(row, code));
            let unit = unit.and_then(|code| this.known_inspected(row, code));
            let code = Self::once(&mut given, this.problems, row, code?)?;
            Some(Engagement {
                id: ids::engagement(this.round, &code),
                code,
                group: ids::group(this.round, &group?),
                unit: ids::unit(this.round, &unit?),
                entry_on: entry_on?,
                exit_on: exit_on?,
            })
        })
    }

    fn known_group(&mut self, row: &RawRow, code: String) -> Option<String> {
        if let Some((_, SeatNamed::Group)) = self.seats.get(&code) {
            return Some(code);
        }
        let kind = ProblemKind::UnknownCode { code, section: Section::Groups };
        self.problems.push(Problem { place: row.place_of("group").clone(), kind });
        None
    }

    fn known_inspected(&mut self, row: &RawRow, code: String) -> Option<String> {
        let kind = match self.seats.get(&code) {
            Some((_, SeatNamed::Unit(Some(UnitKind::Inspected) | None))) => return Some(code),
            Some((_, SeatNamed::Unit(Some(UnitKind::Body)))) => {
                ProblemKind::UnitNotInspected { code }
            }
            _ => ProblemKind::UnknownCode { code, section: Section::Units },
        };
        self.problems.push(Problem { place: row.place_of("unit").clone(), kind });
        None
    }

    fn appointments(&mut self, round: Option<(Date, Date)>) -> Vec<Placed<'r, Appointment>> {
        self.each(Section::Appointments, |this, row| {
            let mut fields = this.fields(Section::Appointments, row);
            let person = fields.code("person");
            let role = fields.choice("role", Role::ALL);
            let at = fields.code("at");
            // A field that is filled with something unreadable is not one that is left out.
            let from = if fields.has("from") { Some(fields.date("from")?) } else { None };
            let until = if fields.has("until") { Some(fields.date("until")?) } else { None };
            let person = person.and_then(|code| this.known_person(row, code));
            let seat = at.and_then(|code| this.known_seat(row, role, &code));
            let (starts, ends) = round?;
            let role = role?;
            let from = from.unwrap_or(starts);
            let for_the_stay = matches!(role.seat_kind(), SeatKind::Group | SeatKind::Body);
            let until = until.or(for_the_stay.then_some(ends));
            this.check_term(row, (starts, ends), from, until, for_the_stay);
            Some(Appointment { person: person?, role, seat: seat?, from, until })
        })
    }

    /// Checks that an appointment lies inside the round.
    ///
    /// Roles in groups and of experts are authorised for the stay only (一次一授权). The office
    /// and the desks go on with the second half of the work, so theirs may end later.
    fn check_term(
        &mut self,
        row: &'r RawRow,
        (starts, ends): (Date, Date),
        from: Date,
        until: Option<Date>,
        for_the_stay: bool,
    ) {
        let mut fields = self.fields(Section::Appointments, row);
        if from < starts || from > ends {
            fields.note("from", ProblemKind::OutsideRound { date: from, starts, ends });
        }
        if let Some(until) = until {
            if until < from {
                fields.note("until", ProblemKind::UntilBeforeFrom { from, until });
            } else if for_the_stay && until > ends {
                fields.note("until", ProblemKind::OutsideRound { date: until, starts, ends });
            }
        }
    }

    fn known_person(&mut self, row: &RawRow, code: String) -> Option<shared::model::PersonId> {
        if self.people.contains_key(&code) {
            return Some(ids::person(self.round, &code));
        }
        let kind = ProblemKind::UnknownCode { code, section: Section::People };
        self.problems.push(Problem { place: row.place_of("person").clone(), kind });
        None
    }

    fn known_seat(&mut self, row: &RawRow, role: Option<Role>, code: &str) -> Option<Seat> {
        let seat = match self.seats.get(code) {
            _ if code == OFFICE => Seat::Office,
            Some((_, SeatNamed::Group)) => Seat::Group(ids::group(self.round, code)),
            Some((_, SeatNamed::Unit(kind))) => match (*kind)? {
                UnitKind::Inspected => Seat::Unit(ids::unit(self.round, code)),
                UnitKind::Body => Seat::Body(ids::unit(self.round, code)),
            },
            None => {
                let kind = ProblemKind::UnknownSeat { code: code.to_owned() };
                self.problems.push(Problem { place: row.place_of("at").clone(), kind });
                return None;
            }
        };
        if let Some(role) = role.filter(|role| role.seat_kind() != seat.kind()) {
            let kind = ProblemKind::RoleElsewhere { role };
            self.problems.push(Problem { place: row.place_of("at").clone(), kind });
            return None;
        }
        Some(seat)
    }
}
