//! What a round file says, once nothing is wrong with it.
use serde::{Deserialize, Serialize};
use shared::{
    model::{
        GroupId, PersonId, UnitId,
        round::{Appointment, Engagement, Group, Person, Round, Seat, Unit},
    },
    workflow::{calendar::Calendar, rule_pack::RulePack},
};

/// A whole round, as its file sets it up: plain data, in the order of the file.
///
/// Every id in it is derived from the round and a code, and every reference resolves.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RoundPlan {
    /// The round.
    pub round: Round,
    /// Inspected units and bodies.
    pub units: Vec<Unit>,
    /// The groups.
    pub groups: Vec<Group>,
    /// Which group inspects which unit.
    pub engagements: Vec<Engagement>,
    /// Everybody with an account.
    pub people: Vec<Person>,
    /// Who is what, where and how long.
    pub appointments: Vec<Appointment>,
    /// The rule pack beside the file.
    pub rule_pack: RulePack,
    /// The calendar beside the file.
    pub calendar: Calendar,
}

impl RoundPlan {
    /// Returns the person with this id.
    pub fn person(&self, id: PersonId) -> Option<&Person> {
        self.people.iter().find(|person| person.id == id)
    }

    /// Returns the person with this code.
    pub fn person_named(&self, code: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.code == code)
    }

    /// Returns the unit with this id.
    pub fn unit(&self, id: UnitId) -> Option<&Unit> {
        self.units.iter().find(|unit| unit.id == id)
    }

    /// Returns the group with this id.
    pub fn group(&self, id: GroupId) -> Option<&Group> {
        self.groups.iter().find(|group| group.id == id)
    }

    /// Returns the name of a place where roles are held; 巡察办 for the office.
    pub fn seat_name(&self, seat: Seat) -> String {
        match seat {
            Seat::Group(id) => self.group(id).map(|group| group.name.clone()),
            Seat::Unit(id) | Seat::Body(id) => self.unit(id).map(|unit| unit.name.clone()),
            Seat::Office => Some("巡察办".to_owned()),
        }
        .unwrap_or_default()
    }
}
