//! From a round file to spaces: who is in which, by which rules.
//!
//! Everybody gets a control space; the office, each group, each engagement and each inspected
//! unit's desk get one each. Ids derive from the round and the codes in its file, so applying
//! a file again finds the same spaces and says only what differs.
use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use shared::{
    crypto::{Context, hash::hash},
    model::{
        PersonId, RoundId, SpaceId, Timestamp,
        round::{Appointment, Engagement, Group, Person, Role, Seat, Unit},
    },
    workflow::{
        DocEvent, Event, SpaceInfo, SpaceKind, SpaceState,
        calendar::OutOfCalendar,
        command::Guest,
        deadline::{end_of_day, local_day, start_of_day},
        event::{EngagementInfo, GroupInfo, Links, RoundInfo, UnitInfo},
        ids,
        state::OFFICE_ROLES,
    },
};

use super::round_file::RoundPlan;

const SPACE: Context = Context("xunji id of a space of a round");

/// Returns the office's space.
pub fn office_space(round: RoundId) -> SpaceId {
    space(round, "office", "")
}

/// Returns a group's own space.
pub fn group_space(round: RoundId, code: &str) -> SpaceId {
    space(round, "group", code)
}

/// Returns the space of an engagement.
pub fn engagement_space(round: RoundId, code: &str) -> SpaceId {
    space(round, "engagement", code)
}

/// Returns the desk of an inspected unit.
pub fn desk_space(round: RoundId, code: &str) -> SpaceId {
    space(round, "desk", code)
}

fn space(round: RoundId, kind: &str, code: &str) -> SpaceId {
    let digest = hash(SPACE, &[round.as_bytes(), kind.as_bytes(), code.as_bytes()]);
    let mut id = [0; 16];
    id.copy_from_slice(&digest.0[..16]);
    SpaceId::from_bytes(id)
}

/// Returns what must be said so that the spaces are as the plan has them; nothing for those
/// that are.
///
/// A person's roles are those held today, or at the next term if none is; a change of roles
/// in the middle of a round is made by applying the file again on that day.
///
/// # Errors
/// [`OutOfCalendar`] for a date outside the years 1 to 9999.
pub fn words<'s>(
    plan: &RoundPlan,
    state_of: impl Fn(SpaceId) -> Option<&'s SpaceState>,
    now: Timestamp,
) -> Result<Vec<(SpaceId, Vec<DocEvent>)>, OutOfCalendar> {
    let today = local_day(now, plan.rule_pack.utc_offset)?;
    let seed = Seed { plan, today, now };
    let mut words = Vec::new();
    let wanted = seed.controls().into_iter().chain(seed.rooms(&state_of)?);
    for space in wanted {
        let events = seed.differences(&space, state_of(space.info.id));
        if !events.is_empty() {
            words.push((space.info.id, events));
        }
    }
    Ok(words)
}

/// A space as the plan has it.
struct Wanted {
    info: SpaceInfo,
    /// `None` for a control space, which has no members.
    members: Option<Vec<Seated>>,
    /// Engagements whose last day matters here.
    stays: Vec<EngagementInfo>,
}

/// A person in a space.
struct Seated {
    person: PersonId,
    name: String,
    post: String,
    roles: BTreeSet<Role>,
    from: Timestamp,
    until: Option<Timestamp>,
}

struct Seed<'p> {
    plan: &'p RoundPlan,
    today: Date,
    now: Timestamp,
}

impl Seed<'_> {
    fn controls(&self) -> Vec<Wanted> {
        let control = |person: &Person| {
            let mut info = self.info(
                ids::control_space(person.id),
                SpaceKind::Control { person: person.id },
                person.name.clone(),
            );
            info.round = None;
            Wanted { info, members: None, stays: Vec::new() }
        };
        self.plan.people.iter().map(control).collect()
    }

    fn rooms<'s>(
        &self,
        state_of: impl Fn(SpaceId) -> Option<&'s SpaceState>,
    ) -> Result<Vec<Wanted>, OutOfCalendar> {
        let mut rooms = vec![self.office()?];
        for group in &self.plan.groups {
            rooms.push(self.group(group)?);
        }
        let mut prefixes = self.prefixes(&state_of);
        for engagement in &self.plan.engagements {
            let prefix = prefixes.remove(&engagement.code).unwrap_or_default();
            rooms.extend(self.engagement(engagement, prefix)?);
        }
        for unit in &self.plan.units {
            if self.plan.engagements.iter().any(|e| e.unit == unit.id) {
                rooms.push(self.desk(unit)?);
            }
        }
        Ok(rooms)
    }

    fn info(&self, id: SpaceId, kind: SpaceKind, title: String) -> SpaceInfo {
        let round = &self.plan.round;
        let (code, training) = (round.code(), round.training);
        SpaceInfo {
            id,
            kind,
            title,
            round: Some(RoundInfo { id: round.id, code, training }),
            prefix: String::new(),
            group: None,
            unit: None,
            engagement: None,
            links: Links::default(),
            office_people: Vec::new(),
        }
    }

    fn office(&self) -> Result<Wanted, OutOfCalendar> {
        let id = office_space(self.plan.round.id);
        let mut info = self.info(id, SpaceKind::Office, self.plan.seat_name(Seat::Office));
        info.prefix = format!("{}-XCB", self.plan.round.code());
        info.links.engagements = self.engagements_where(|_| true);
        let roles = &[OFFICE_ROLES, &[Role::Delegate]].concat();
        let members = self.seated(&[(Seat::Office, roles)])?;
        Ok(Wanted { info, members: Some(members), stays: Vec::new() })
    }

    fn group(&self, group: &Group) -> Result<Wanted, OutOfCalendar> {
        let id = group_space(self.plan.round.id, &group.code);
        let mut info = self.info(id, SpaceKind::Group, group.name.clone());
        info.prefix = format!("{}-{}-GRP", self.plan.round.code(), group.code);
        info.group = Some(group_info(group));
        info.links.office = Some(office_space(self.plan.round.id));
        info.links.engagements = self.engagements_where(|e| e.group == group.id);
        let members = self.seated(&[(Seat::Group(group.id), GROUP)])?;
        Ok(Wanted { info, members: Some(members), stays: Vec::new() })
    }

    fn engagement(
        &self,
        engagement: &Engagement,
        prefix: String,
    ) -> Result<Option<Wanted>, OutOfCalendar> {
        let round = self.plan.round.id;
        let found = self.plan.group(engagement.group).zip(self.plan.unit(engagement.unit));
        // A checked plan resolves every reference.
        let Some((group, unit)) = found else { return Ok(None) };
        let id = engagement_space(round, &engagement.code);
        let title = format!("{}·{}", group.name, unit.name);
        let mut info = self.info(id, SpaceKind::Engagement, title);
        info.prefix = prefix;
        info.group = Some(group_info(group));
        info.unit = Some(unit_info(unit));
        info.engagement = Some(stay(engagement));
        info.links = Links {
            office: Some(office_space(round)),
            group: Some(group_space(round, &group.code)),
            desk: Some(desk_space(round, &unit.code)),
            engagements: Vec::new(),
        };
        info.office_people = self.office_people()?;
        let members = self.seated(&[(Seat::Group(group.id), GROUP)])?;
        Ok(Some(Wanted { info, members: Some(members), stays: vec![stay(engagement)] }))
    }

    fn desk(&self, unit: &Unit) -> Result<Wanted, OutOfCalendar> {
        let round = self.plan.round.id;
        let at_unit = || self.plan.engagements.iter().filter(|e| e.unit == unit.id);
        let mut info = self.info(
            desk_space(round, &unit.code),
            SpaceKind::UnitDesk,
            format!("{}整改台", unit.name),
        );
        info.prefix = format!("{}-{}", self.plan.round.code(), unit.code);
        info.unit = Some(unit_info(unit));
        info.links.office = Some(office_space(round));
        info.links.engagements = self.engagements_where(|e| e.unit == unit.id);
        // Who decides an objection is at the desk; other office staff see it by editions.
        let mut seats: Vec<(Seat, &[Role])> = vec![
            (Seat::Unit(unit.id), &[Role::UnitHead, Role::Liaison]),
            (Seat::Office, &[Role::OfficeDirector, Role::Delegate]),
        ];
        seats.extend(at_unit().map(|e| (Seat::Group(e.group), GROUP)));
        let members = self.seated(&seats)?;
        Ok(Wanted { info, members: Some(members), stays: at_unit().map(stay).collect() })
    }

    fn engagements_where(&self, pick: impl Fn(&Engagement) -> bool) -> Vec<SpaceId> {
        let picked = self.plan.engagements.iter().filter(|e| pick(e));
        picked.map(|e| engagement_space(self.plan.round.id, &e.code)).collect()
    }

    /// Gives each engagement a prefix of its own: the group's for its first one, with the
    /// unit's code for the others. One that was given is never changed.
    fn prefixes<'s>(
        &self,
        state_of: impl Fn(SpaceId) -> Option<&'s SpaceState>,
    ) -> BTreeMap<String, String> {
        let round = &self.plan.round;
        let given = |e: &Engagement| {
            let info = state_of(engagement_space(round.id, &e.code))?.info.as_ref()?;
            Some(info.prefix.clone())
        };
        let mut taken: BTreeSet<String> = self.plan.engagements.iter().filter_map(given).collect();
        let mut prefixes = BTreeMap::new();
        for engagement in &self.plan.engagements {
            let prefix = given(engagement).unwrap_or_else(|| {
                let group = self.plan.group(engagement.group).map_or("", |g| &g.code);
                let plain = format!("{}-{group}", round.code());
                if taken.contains(&plain) {
                    format!("{}-{}", round.code(), engagement.code)
                } else {
                    plain
                }
            });
            taken.insert(prefix.clone());
            prefixes.insert(engagement.code.clone(), prefix);
        }
        prefixes
    }

    fn office_people(&self) -> Result<Vec<Guest>, OutOfCalendar> {
        let people = self.seated(&[(Seat::Office, OFFICE_ROLES)])?;
        Ok(people
            .into_iter()
            .map(|p| Guest {
                person: p.person,
                name: p.name,
                post: p.post,
                roles: p.roles.into_iter().collect(),
            })
            .collect())
    }

    /// Returns everybody who holds, today or next, one of these roles at one of these seats.
    fn seated(&self, seats: &[(Seat, &[Role])]) -> Result<Vec<Seated>, OutOfCalendar> {
        let zone = self.plan.rule_pack.utc_offset;
        let mut all = Vec::new();
        for person in &self.plan.people {
            let terms: Vec<&Appointment> = self
                .plan
                .appointments
                .iter()
                .filter(|a| a.person == person.id && a.until.is_none_or(|u| self.today <= u))
                .filter(|a| seats.iter().any(|(s, roles)| *s == a.seat && roles.contains(&a.role)))
                .collect();
            let first = terms.iter().map(|a| a.from.max(self.today)).min();
            let held: Vec<&&Appointment> =
                terms.iter().filter(|a| first.is_some_and(|day| a.holds_on(day))).collect();
            let Some(from) = held.iter().map(|a| a.from).min() else { continue };
            let until = held.iter().map(|a| a.until).max_by_key(|u| u.unwrap_or(Date::MAX));
            all.push(Seated {
                person: person.id,
                name: person.name.clone(),
                post: person.post.clone(),
                roles: held.iter().map(|a| a.role).collect(),
                from: start_of_day(from, zone)?,
                until: until.flatten().map(|day| end_of_day(day, zone)).transpose()?,
            });
        }
        Ok(all)
    }

    /// Returns what must be said in a space.
    fn differences(&self, wanted: &Wanted, state: Option<&SpaceState>) -> Vec<DocEvent> {
        let mut events = Vec::new();
        let known = state.and_then(|s| s.info.as_ref());
        match known {
            None => events.push(Event::SpaceOpened(wanted.info.clone())),
            Some(known) => {
                // The last day and the office's people have events of their own, which keep
                // what was before; a prefix never changes.
                let mut info = wanted.info.clone();
                info.engagement.clone_from(&known.engagement);
                info.office_people.clone_from(&known.office_people);
                info.prefix.clone_from(&known.prefix);
                if info != *known {
                    events.push(Event::SpaceOpened(info));
                }
                if known.office_people != wanted.info.office_people {
                    let people = wanted.info.office_people.clone();
                    events.push(Event::OfficePeopleSet { people });
                }
            }
        }
        if let Some(state) = state.filter(|_| known.is_some()) {
            events.extend(wanted.stays.iter().filter_map(|stay| moved(stay, wanted, state)));
        }
        let pack = &self.plan.rule_pack;
        if state.and_then(|s| s.rule_pack.as_deref()) != Some(pack) {
            events.push(Event::RulePackSet { pack: Box::new(pack.clone()) });
        }
        let calendar = &self.plan.calendar;
        if state.and_then(|s| s.calendar.as_deref()) != Some(calendar) {
            events.push(Event::CalendarSet { calendar: Box::new(calendar.clone()) });
        }
        if let Some(members) = &wanted.members {
            self.members(members, state, &mut events);
        }
        events.into_iter().map(DocEvent::space).collect()
    }

    fn members(&self, wanted: &[Seated], state: Option<&SpaceState>, events: &mut Vec<Event>) {
        let known = state.map(|s| &s.members);
        for gone in known.into_iter().flat_map(BTreeMap::values) {
            if gone.ended.is_none() && !wanted.iter().any(|w| w.person == gone.person) {
                let reason = "轮次文件已调整".to_owned();
                events.push(Event::MemberEnded { person: gone.person, reason });
            }
        }
        for seated in wanted {
            let roles: Vec<Role> = seated.roles.iter().copied().collect();
            let same = known.and_then(|m| m.get(&seated.person)).is_some_and(|m| {
                m.ended.is_none()
                    && (&m.name, &m.post, &m.roles) == (&seated.name, &seated.post, &roles)
                    && (m.from, m.until) == (seated.from, seated.until)
            });
            let over = seated.until.is_some_and(|until| until <= self.now);
            if !same && !over {
                events.push(Event::MemberSet {
                    person: seated.person,
                    name: seated.name.clone(),
                    post: seated.post.clone(),
                    roles,
                    from: seated.from,
                    until: seated.until,
                });
            }
        }
    }
}

/// Says that a stay's last day was moved, if it is not known so.
fn moved(stay: &EngagementInfo, wanted: &Wanted, state: &SpaceState) -> Option<Event> {
    let known = match wanted.info.kind {
        SpaceKind::Engagement => {
            let known = state.info.as_ref()?.engagement.as_ref()?;
            known.exit_on == stay.exit_on
        }
        _ => state
            .records
            .values()
            .filter_map(|r| r.matter.desk())
            .filter(|d| d.notice.engagement == stay.id)
            .all(|d| d.exit_on == stay.exit_on),
    };
    let (engagement, exit_on) = (stay.id, stay.exit_on);
    let reason = "轮次文件已调整".to_owned();
    (!known).then_some(Event::EngagementSet { engagement, exit_on, reason })
}

const GROUP: &[Role] = shared::workflow::state::GROUP_ROLES;

fn group_info(group: &Group) -> GroupInfo {
    GroupInfo { id: group.id, code: group.code.clone(), name: group.name.clone() }
}

fn unit_info(unit: &Unit) -> UnitInfo {
    UnitInfo { id: unit.id, code: unit.code.clone(), name: unit.name.clone() }
}

fn stay(engagement: &Engagement) -> EngagementInfo {
    let Engagement { id, entry_on, exit_on, .. } = *engagement;
    EngagementInfo { id, entry_on, exit_on }
}
