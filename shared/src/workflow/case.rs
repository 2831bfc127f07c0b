//! One command on its way to an answer: what every decision asks first.
use jiff::civil::Date;

use super::{
    command::{Actor, Asked, Content},
    deadline::{end_of_day, local_day},
    event::{DeviceHeard, DocEvent, Event, SpaceKind},
    record::Record,
    refusal::Refusal,
    rule_pack::RulePack,
    state::{GROUP_ROLES, Member, SpaceState},
};
use crate::model::{
    DocId, PersonId, SpaceId, Timestamp,
    number::{self, NumberKind},
    round::Role,
};

/// A command, with everything it is decided by.
#[derive(Clone, Copy)]
pub(super) struct Case<'a> {
    pub(super) state: &'a SpaceState,
    pub(super) actor: &'a Actor,
    pub(super) asked: &'a Asked<'a>,
    pub(super) content: Option<&'a Content>,
    pub(super) now: Timestamp,
}

impl<'a> Case<'a> {
    /// Returns the record asked about.
    pub(super) fn record(&self) -> Result<&'a Record, Refusal> {
        self.record_of(self.asked.doc)
    }

    /// Returns another record of the space.
    pub(super) fn record_of(&self, doc: DocId) -> Result<&'a Record, Refusal> {
        self.state.records.get(&doc).ok_or(Refusal::UnknownRecord { doc })
    }

    /// Returns the document's reading.
    pub(super) fn content(&self) -> Result<&'a Content, Refusal> {
        self.content.ok_or(Refusal::ContentMissing)
    }

    /// Returns the member who asks, whatever their role.
    pub(super) fn member(&self) -> Result<&'a Member, Refusal> {
        let Actor::Person { person, device } = *self.actor else {
            return Err(Refusal::NotAMember);
        };
        if let Some(known) = device.and_then(|d| self.state.devices.get(&d))
            && (known.revoked_at.is_some() || known.person != person)
        {
            return Err(Refusal::DeviceRevoked);
        }
        let member = self.state.members.get(&person).ok_or(Refusal::NotAMember)?;
        if self.state.recused.contains_key(&person) {
            return Err(Refusal::Recused);
        }
        if member.ended.is_some() {
            return Err(Refusal::Lapsed);
        }
        if !member.is_active(self.now) {
            return Err(Refusal::NotAMember);
        }
        Ok(member)
    }

    /// Returns the member who asks, if one of these roles is held.
    pub(super) fn holding(&self, any_of: &[Role]) -> Result<&'a Member, Refusal> {
        let member = self.member()?;
        if member.holds(any_of) {
            Ok(member)
        } else {
            Err(Refusal::NotAllowed { needs: any_of.to_vec() })
        }
    }

    /// Checks that the server asks by itself.
    pub(super) fn server(&self) -> Result<(), Refusal> {
        match self.actor {
            Actor::Server => Ok(()),
            Actor::Person { .. } => Err(Refusal::ServerOnly),
        }
    }

    /// Checks that this is a kind of space in which the command is asked.
    pub(super) fn within(&self, kinds: &[SpaceKind]) -> Result<(), Refusal> {
        match self.state.kind() {
            Some(kind) if kinds.contains(&kind) => Ok(()),
            _ => Err(Refusal::WrongSpace),
        }
    }

    /// Returns the id of the space.
    pub(super) fn space(&self) -> Result<SpaceId, Refusal> {
        self.state.info.as_ref().map(|info| info.id).ok_or(Refusal::WrongSpace)
    }

    /// Says when each device of the group was last heard, as the office is told with an edition;
    /// none when no device is known here.
    pub(super) fn devices_heard(&self) -> Option<DocEvent> {
        let asking = match *self.actor {
            Actor::Person { device, .. } => device,
            Actor::Server => None,
        };
        let devices: Vec<DeviceHeard> = self
            .state
            .devices
            .iter()
            .filter(|(_, known)| known.revoked_at.is_none())
            .filter_map(|(device, known)| {
                let member = self.state.active(known.person, self.now)?;
                let asks = asking == Some(*device);
                member.holds(GROUP_ROLES).then(|| DeviceHeard {
                    device: *device,
                    person: known.person,
                    name: member.name.clone(),
                    heard_at: if asks { Some(self.now) } else { known.heard_at },
                })
            })
            .collect();
        let group = self.state.info.as_ref().and_then(|i| i.group.as_ref());
        let group = group.map(|g| g.code.clone()).unwrap_or_default();
        (!devices.is_empty()).then(|| DocEvent::space(Event::DevicesHeard { group, devices }))
    }

    /// Returns the rule pack.
    pub(super) fn rules(&self) -> Result<&'a RulePack, Refusal> {
        self.state.rule_pack.as_deref().ok_or_else(|| not_configured("rule_pack"))
    }

    /// Returns the local day of now.
    pub(super) fn today(&self) -> Result<Date, Refusal> {
        local_day(self.now, self.rules()?.utc_offset).map_err(|_| not_configured("rule_pack"))
    }

    /// Checks that a day is not over.
    pub(super) fn not_past(&self, day: Date) -> Result<(), Refusal> {
        match end_of_day(day, self.rules()?.utc_offset) {
            Ok(end) if end > self.now => Ok(()),
            _ => Err(Refusal::DueInThePast),
        }
    }

    /// Returns the event that gives `doc` the next official number of its kind.
    pub(super) fn next_number(&self, doc: DocId, kind: NumberKind) -> DocEvent {
        let seq = self.count(kind) + 1;
        let number = self.number(kind, seq);
        DocEvent::of(doc, Event::NumberGiven { kind, seq, number })
    }

    /// Returns how many official numbers of a kind were given.
    pub(super) fn count(&self, kind: NumberKind) -> u32 {
        self.state.counters.get(&kind).copied().unwrap_or(0)
    }

    /// Returns an official number as printed.
    pub(super) fn number(&self, kind: NumberKind, seq: u32) -> String {
        let prefix = self.state.info.as_ref().map_or("", |info| &info.prefix);
        number::official(prefix, kind, seq)
    }

    /// Returns the people, if each is an active member with one of these roles and no one is
    /// named twice.
    pub(super) fn distinct_members(&self, people: &[PersonId], roles: &[Role]) -> Option<usize> {
        let mut seen = people.to_vec();
        seen.sort_unstable();
        seen.dedup();
        let all = seen
            .iter()
            .all(|p| self.state.active(*p, self.now).is_some_and(|member| member.holds(roles)));
        (all && seen.len() == people.len()).then_some(seen.len())
    }
}

/// Names something the round file left out.
pub(super) fn not_configured(what: &str) -> Refusal {
    Refusal::NotConfigured { what: what.to_owned() }
}

/// Names where a record is, when that is not where the command belongs.
pub(super) fn wrong_stage(stage: &str) -> Refusal {
    Refusal::WrongStage { stage: stage.to_owned() }
}

/// Checks that a reason is given.
pub(super) fn reason_given(reason: &str) -> Result<(), Refusal> {
    if reason.trim().is_empty() { Err(Refusal::ReasonMissing) } else { Ok(()) }
}

/// Checks that a field is filled in.
pub(super) fn filled(field: &str, text: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() {
        Err(Refusal::FieldMissing { field: crate::model::FieldPath::top(field) })
    } else {
        Ok(())
    }
}
