//! What a space amounts to: the fold of its recorded events, and who may do what in it.
use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{
    calendar::Calendar,
    command::{DeadlineKind, Guest, Step},
    event::{SpaceInfo, SpaceKind},
    gate::GateFacts,
    record::{Matter, Record},
    rule_pack::RulePack,
};
use crate::model::{
    DeviceId, DocId, DocKind, EvidenceId, ItemId, PersonId, Timestamp, evidence::Evidence,
    interview::StatementTag, number::NumberKind, round::Role,
};

/// A person with a part in a space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub person: PersonId,
    /// Name to show.
    pub name: String,
    /// Post.
    pub post: String,
    /// Roles held here.
    pub roles: Vec<Role>,
    /// From when.
    pub from: Timestamp,
    /// Until when; over only once the server has said so.
    pub until: Option<Timestamp>,
    /// When the membership ended, by decision or by lapse.
    pub ended: Option<Timestamp>,
}

impl Member {
    /// Tells whether the membership holds at `now`. It ends by an event alone, never by the
    /// clock (design §4).
    pub fn is_active(&self, now: Timestamp) -> bool {
        self.ended.is_none() && self.from <= now
    }

    /// Tells whether one of these roles is held.
    pub fn holds(&self, any_of: &[Role]) -> bool {
        self.roles.iter().any(|role| any_of.contains(role))
    }
}

/// A device that speaks for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Its public key.
    pub key: [u8; 32],
    /// Whose it is.
    pub person: PersonId,
    /// What people call it.
    pub name: String,
    /// When it was certified.
    pub certified_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When the server last decided something it had said here.
    #[serde(default)]
    pub heard_at: Option<Timestamp>,
}

/// A group's device as the office was told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeardDevice {
    /// The code of its group.
    pub group: String,
    /// Whose it is.
    pub person: PersonId,
    /// Their name.
    pub name: String,
    /// When it was last heard; never, if it was only enrolled.
    pub heard_at: Option<Timestamp>,
    /// When the office was told.
    pub told_at: Timestamp,
}

/// An item of the evidence index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered {
    /// The item.
    pub evidence: Evidence,
    /// Its number.
    pub number: String,
    /// Who entered it.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// The record it was taken for.
    pub doc: Option<DocId>,
}

/// A statement of a confirmed interview, as far as the evidence gate asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FixedStatement {
    /// The interview.
    pub interview: DocId,
    /// Its kind; `None` when this build does not know it.
    pub tag: Option<StatementTag>,
}

/// Someone named for a step where nobody eligible is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandIn {
    /// The step.
    pub step: Step,
    /// Who.
    pub person: PersonId,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// Why.
    pub reason: String,
    /// Who named them.
    pub by: PersonId,
}

/// A last day of a stay that was moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedExit {
    /// The day before.
    pub was: Date,
    /// When it was moved.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

/// A space open to the person of a control space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Its audience.
    pub kind: SpaceKind,
    /// What people call it.
    pub title: String,
}

/// The state of one space.
///
/// A cache of its journal: it may be stored, and may always be thrown away and folded anew.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SpaceState {
    /// What the space is; `None` before its first event.
    pub info: Option<SpaceInfo>,
    /// Last days of the stay that were moved, oldest first.
    pub moved_exits: Vec<MovedExit>,
    /// Everybody who has or had a part in it.
    pub members: BTreeMap<PersonId, Member>,
    /// Those who withdrew for a conflict of interest.
    pub recused: BTreeMap<PersonId, String>,
    /// The rules of the place; without one, nothing that needs a limit is decided.
    pub rule_pack: Option<Box<RulePack>>,
    /// The working-day calendar.
    pub calendar: Option<Box<Calendar>>,
    /// Devices known here.
    pub devices: BTreeMap<DeviceId, Device>,
    /// In the office: the groups' devices, as each edition told of them.
    #[serde(default)]
    pub group_devices: BTreeMap<DeviceId, HeardDevice>,
    /// Stand-ins named, oldest first.
    pub stand_ins: Vec<StandIn>,
    /// Records.
    pub records: BTreeMap<DocId, Record>,
    /// The evidence index.
    pub evidence: BTreeMap<EvidenceId, Registered>,
    /// Statements of confirmed interviews.
    pub statements: BTreeMap<ItemId, FixedStatement>,
    /// How many official numbers of each kind were given.
    pub counters: BTreeMap<NumberKind, u32>,
    /// In a control space: the spaces open to the person.
    pub grants: BTreeMap<crate::model::SpaceId, Grant>,
    /// Whether the whole space is read-only in this build.
    pub frozen: bool,
    /// Records that are read-only in this build, known or not.
    pub frozen_docs: BTreeSet<DocId>,
    /// Deadlines recorded as passed.
    pub passed: BTreeSet<PassedDeadline>,
    /// Position of the newest entry folded.
    pub pos: u64,
    /// Time of the newest entry folded.
    pub at: Timestamp,
}

/// A deadline that was recorded as passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PassedDeadline {
    /// The record.
    pub doc: DocId,
    /// Which.
    pub deadline: DeadlineKind,
    /// When it was due: a moved deadline may pass again.
    pub due: Timestamp,
}

/// Roles that write a group's texts.
pub const GROUP_ROLES: &[Role] = &[Role::GroupLeader, Role::DeputyLeader, Role::Member];
/// Roles that lead a group.
pub const LEADING_ROLES: &[Role] = &[Role::GroupLeader, Role::DeputyLeader];
/// Roles of the office.
pub const OFFICE_ROLES: &[Role] = &[Role::OfficeDirector, Role::OfficeStaff];
/// Roles at a unit's desk.
pub const UNIT_ROLES: &[Role] = &[Role::UnitHead, Role::Liaison];

impl SpaceState {
    /// Makes a record, or the whole space, read-only: something in its journal is not known
    /// to this build, so nothing is decided on half an understanding (design §2).
    pub fn freeze(&mut self, doc: Option<DocId>) {
        match doc {
            Some(doc) => {
                self.frozen_docs.insert(doc);
            }
            None => self.frozen = true,
        }
    }

    /// Tells whether a record is read-only in this build.
    pub fn is_frozen(&self, doc: DocId) -> bool {
        self.frozen || self.frozen_docs.contains(&doc)
    }

    /// Returns the audience of the space.
    pub fn kind(&self) -> Option<SpaceKind> {
        self.info.as_ref().map(|info| info.kind)
    }

    /// Takes note that the server decided something a device had said.
    pub fn heard(&mut self, device: DeviceId, at: Timestamp) {
        if let Some(device) = self.devices.get_mut(&device) {
            device.heard_at = device.heard_at.max(Some(at));
        }
    }

    /// Returns a device known here.
    pub fn device(&self, device: DeviceId) -> Option<&Device> {
        self.devices.get(&device)
    }

    /// Returns a member whose membership holds, and who has not withdrawn.
    pub fn active(&self, person: PersonId, now: Timestamp) -> Option<&Member> {
        let member = self.members.get(&person)?;
        (member.is_active(now) && !self.recused.contains_key(&person)).then_some(member)
    }

    /// Tells whether `person` reads this space.
    pub fn may_read(&self, person: PersonId, now: Timestamp) -> bool {
        match self.kind() {
            Some(SpaceKind::Control { person: owner }) => owner == person,
            _ => self.active(person, now).is_some(),
        }
    }

    /// Tells whether `person` writes the text of `doc`, which may yet be unborn.
    ///
    /// This is the right as such: a signed record takes no content although its writers keep
    /// the right ([`super::decide_content`] says so).
    pub fn may_write(&self, person: PersonId, doc: DocId, now: Timestamp) -> bool {
        self.active(person, now).is_some_and(|member| {
            !self.is_frozen(doc)
                && self.kind().is_some_and(|kind| writers(kind).is_none_or(|w| member.holds(w)))
        })
    }

    /// Tells whether documents of `kind` are written in this space.
    pub fn holds_texts_of(&self, kind: DocKind) -> bool {
        match self.kind() {
            Some(SpaceKind::Engagement) => {
                matches!(kind, DocKind::Interview | DocKind::Workpaper | DocKind::Notice)
            }
            Some(SpaceKind::Protected) => kind == DocKind::Interview,
            Some(SpaceKind::Consultation) => kind == DocKind::Consultation,
            _ => false,
        }
    }

    /// Returns a record.
    pub fn record(&self, doc: DocId) -> Option<&Record> {
        self.records.get(&doc)
    }

    /// Finds records by number, provisional or official; both find the same one. Numbers are
    /// labels, so there may be more than one.
    pub fn by_number<'a>(&'a self, number: &'a str) -> impl Iterator<Item = &'a Record> {
        self.records.values().filter(move |r| {
            r.official.as_deref() == Some(number) || r.provisional.as_deref() == Some(number)
        })
    }

    /// Returns the members who hold one of these roles and may act now.
    pub fn holders<'a>(
        &'a self,
        roles: &'a [Role],
        now: Timestamp,
    ) -> impl Iterator<Item = &'a Member> {
        self.members
            .values()
            .filter(move |m| m.holds(roles) && self.active(m.person, now).is_some())
    }

    /// Returns what the evidence gate looks things up in ([`super::gate::gate`]).
    ///
    /// Without a rule pack two items, or one conclusive document, are enough (domain §3.2).
    pub fn gate_facts(&self) -> GateFacts<'_> {
        let minimums = self.rule_pack.as_ref().map(|pack| pack.minimums);
        GateFacts {
            evidence: &self.evidence,
            statements: &self.statements,
            need_items: minimums.map_or(2, |m| m.independent_items.into()),
            need_conclusive: minimums.map_or(1, |m| m.conclusive_items.into()),
        }
    }

    /// Returns the office's people, who convene what is raised here.
    pub fn office_people(&self) -> &[Guest] {
        self.info.as_ref().map_or(&[], |info| &info.office_people)
    }

    /// Returns the records whose matter is picked by `pick`, in the order of their ids.
    pub fn matters<'a, T: 'a>(
        &'a self,
        pick: impl Fn(&'a Matter) -> Option<&'a T> + 'a,
    ) -> impl Iterator<Item = (&'a Record, &'a T)> {
        self.records.values().filter_map(move |r| pick(&r.matter).map(|matter| (r, matter)))
    }
}

/// Returns the roles that write texts in a space of this kind; `None` when every member does.
pub fn writers(kind: SpaceKind) -> Option<&'static [Role]> {
    match kind {
        SpaceKind::Consultation => None,
        SpaceKind::Engagement | SpaceKind::Protected | SpaceKind::Group => Some(GROUP_ROLES),
        SpaceKind::Control { .. } | SpaceKind::Office | SpaceKind::UnitDesk => Some(&[]),
    }
}
