//! Who takes part: persons, spaces, roles. All invented.
use std::collections::{BTreeMap, BTreeSet};

use shared::{
    model::{PersonId, SpaceId, Timestamp, round::Role},
    workflow::{
        DocEvent, Event, SpaceInfo, SpaceKind,
        event::{GroupInfo, Links},
        ids,
    },
};

use super::chance::Chance;

/// The persons and the spaces they share.
pub(super) struct Cast {
    pub(super) persons: Vec<PersonId>,
    /// Both stays and the protected talk.
    pub(super) spaces: Vec<SpaceId>,
}

/// Name, post, and the roles held in each of the three spaces.
type Part = (&'static str, &'static str, [&'static [Role]; 3]);

const PARTS: [Part; 4] = [
    ("张某", "组长", [&[Role::GroupLeader], &[], &[Role::GroupLeader]]),
    ("李某", "成员", [&[Role::Member], &[Role::DeputyLeader], &[Role::Member]]),
    ("王某", "副组长", [&[Role::DeputyLeader], &[Role::GroupLeader], &[]]),
    ("赵某", "成员", [&[Role::Member], &[Role::Member], &[]]),
];

const SPACES: [(SpaceKind, &str); 3] = [
    (SpaceKind::Engagement, "第一组·甲局"),
    (SpaceKind::Engagement, "第二组·乙局"),
    (SpaceKind::Protected, "第一组·受保护谈话"),
];

impl Cast {
    pub(super) fn draw(now: Timestamp, laptops: usize, chance: &mut Chance) -> Self {
        let persons =
            PARTS.iter().take(laptops).map(|_| PersonId::mint(now, chance.rng())).collect();
        let spaces = SPACES.iter().map(|_| SpaceId::mint(now, chance.rng())).collect();
        Self { persons, spaces }
    }

    /// Returns the spaces that each person may read, at least in the beginning.
    pub(super) fn readers(&self) -> BTreeMap<PersonId, BTreeSet<SpaceId>> {
        let of = |part: &Part| {
            let held = self.spaces.iter().zip(part.2).filter(|(_, roles)| !roles.is_empty());
            held.map(|(space, _)| *space).collect()
        };
        self.persons.iter().zip(&PARTS).map(|(person, part)| (*person, of(part))).collect()
    }

    /// Says what an administrator says at the beginning of a round.
    pub(super) fn words(&self, now: Timestamp) -> Vec<(SpaceId, Vec<DocEvent>)> {
        let mut out = Vec::new();
        for (person, part) in self.persons.iter().zip(PARTS) {
            let id = ids::control_space(*person);
            let opened = info(id, SpaceKind::Control { person: *person }, part.0, "");
            out.push((id, vec![DocEvent::space(Event::SpaceOpened(opened))]));
        }
        for (i, (id, (kind, title))) in self.spaces.iter().zip(SPACES).enumerate() {
            let mut opened = info(*id, kind, title, &format!("2026R1-G{i}"));
            opened.group = Some(GroupInfo {
                id: shared::model::GroupId::from_bytes([i as u8; 16]),
                code: format!("G{i}"),
                name: "某组".into(),
            });
            let mut events = vec![DocEvent::space(Event::SpaceOpened(opened))];
            for (person, part) in self.persons.iter().zip(PARTS) {
                if !part.2[i].is_empty() {
                    events.push(self.member(*person, part, i, now));
                }
            }
            out.push((*id, events));
        }
        out
    }

    fn member(&self, person: PersonId, part: Part, space: usize, from: Timestamp) -> DocEvent {
        DocEvent::space(Event::MemberSet {
            person,
            name: part.0.into(),
            post: part.1.into(),
            roles: part.2[space].to_vec(),
            from,
            until: None,
        })
    }

    /// Says that the last person's right in the first space is over.
    pub(super) fn right_lost(&self) -> Option<Vec<(SpaceId, Vec<DocEvent>)>> {
        let person = *self.persons.get(3)?;
        let ended = Event::MemberEnded { person, reason: "调离".into() };
        Some(vec![(self.spaces[0], vec![DocEvent::space(ended)])])
    }
}

fn info(id: SpaceId, kind: SpaceKind, title: &str, prefix: &str) -> SpaceInfo {
    SpaceInfo {
        id,
        kind,
        title: title.into(),
        round: None,
        prefix: prefix.into(),
        group: None,
        unit: None,
        engagement: None,
        links: Links::default(),
        office_people: Vec::new(),
    }
}
