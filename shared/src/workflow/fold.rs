//! From events to state. Folding never fails and never refuses: what is recorded, is so.
//!
//! An event that says something about a record of another kind changes nothing: it cannot be
//! recorded by a server that decides as this build does.
use super::{
    event::{DocEvent, EntryMeta, Event},
    fold_notice, fold_record, stand_in,
    state::{Device, Grant, HeardDevice, Member, MovedExit, SpaceState, StandIn},
};

/// Takes one recorded event into the state.
pub fn fold(state: &mut SpaceState, meta: &EntryMeta, event: &DocEvent) {
    state.pos = state.pos.max(meta.pos);
    state.at = state.at.max(meta.at);
    if space(state, meta, &event.event) {
        if let (Some(doc), Event::StandInNamed { .. }) = (event.doc, &event.event)
            && let Some(named) = state.stand_ins.last().cloned()
        {
            stand_in::answered(state, doc, &named);
        }
        return;
    }
    if let Some(doc) = event.doc
        && !fold_record::fold(state, meta, doc, &event.event)
        && !stand_in::fold(state, meta, doc, &event.event)
    {
        fold_notice::fold(state, meta, doc, &event.event);
    }
}

/// Folds what concerns the space itself; tells whether it was that.
fn space(state: &mut SpaceState, meta: &EntryMeta, event: &Event) -> bool {
    match event {
        Event::SpaceOpened(info) => state.info = Some(info.clone()),
        Event::MemberSet { person, name, post, roles, from, until } => {
            let member = Member {
                person: *person,
                name: name.clone(),
                post: post.clone(),
                roles: roles.clone(),
                from: *from,
                until: *until,
                ended: None,
            };
            state.members.insert(*person, member);
        }
        Event::MemberEnded { person, .. } | Event::AuthorisationLapsed { person } => {
            if let Some(member) = state.members.get_mut(person) {
                member.ended = member.ended.or(Some(meta.at));
            }
        }
        Event::Recused { person, reason } => {
            state.recused.insert(*person, reason.clone());
        }
        Event::OfficePeopleSet { people } => {
            if let Some(info) = &mut state.info {
                info.office_people.clone_from(people);
            }
        }
        Event::DeviceCertified { device, key, person, name } => {
            // A certificate never brings a revoked device back.
            state.devices.entry(*device).or_insert_with(|| Device {
                key: *key,
                person: *person,
                name: name.clone(),
                certified_at: meta.at,
                revoked_at: None,
                heard_at: None,
            });
        }
        Event::DevicesHeard { group, devices } => {
            for told in devices {
                let heard = HeardDevice {
                    group: group.clone(),
                    person: told.person,
                    name: told.name.clone(),
                    heard_at: told.heard_at,
                    told_at: meta.at,
                };
                state.group_devices.insert(told.device, heard);
            }
        }
        Event::DeviceRevoked { device, .. } => {
            if let Some(device) = state.devices.get_mut(device) {
                device.revoked_at = device.revoked_at.or(Some(meta.at));
            }
        }
        Event::EngagementSet { engagement, exit_on, reason } => {
            if let Some(stay) = state.info.as_mut().and_then(|info| info.engagement.as_mut())
                && stay.id == *engagement
            {
                let was = std::mem::replace(&mut stay.exit_on, *exit_on);
                state.moved_exits.push(MovedExit { was, at: meta.at, reason: reason.clone() });
            }
            for record in state.records.values_mut() {
                if let Some(desk) = record.matter.desk_mut()
                    && desk.notice.engagement == *engagement
                {
                    desk.exit_on = *exit_on;
                }
            }
        }
        Event::RulePackSet { pack } => state.rule_pack = Some(pack.clone()),
        Event::CalendarSet { calendar } => state.calendar = Some(calendar.clone()),
        Event::SpaceGranted { space, kind, title } => {
            state.grants.insert(*space, Grant { kind: *kind, title: title.clone() });
        }
        Event::SpaceWithdrawn { space } => {
            state.grants.remove(space);
        }
        Event::StandInNamed { step, person, from, until, reason, by } => {
            state.stand_ins.push(StandIn {
                step: *step,
                person: *person,
                from: *from,
                until: *until,
                reason: reason.clone(),
                by: *by,
            });
        }
        _ => return false,
    }
    true
}
