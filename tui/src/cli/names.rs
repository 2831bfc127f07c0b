//! What people call things: records by number or id, spaces by title or code, people by name.
use shared::{
    model::{DocId, EvidenceId, ItemId, PersonId, SpaceId, Timestamp},
    workflow::{Matter, Record, SpaceKind, SpaceState},
};

use super::{
    failure::Failure,
    session::{At, Session},
};

/// The fewest characters of an id that name something.
const SHORTEST: usize = 4;
/// Minutes ahead of UTC where no rule pack says so.
const BEIJING: i16 = 480;

impl Session {
    /// Finds a record by its number, provisional or official, by the end of its number, or by
    /// its id or the beginning or end of it.
    pub(super) async fn record(
        &mut self,
        name: &str,
        fits: impl Fn(&Matter) -> bool,
    ) -> Result<At, Failure> {
        let mut best: Vec<(u8, At, String)> = Vec::new();
        for space in self.chosen_spaces().await? {
            let state = self.state(space).await?;
            for record in state.records.values().filter(|r| fits(&r.matter)) {
                if let Some(rank) = rank(record, name) {
                    let shown = record.number().map_or(record.doc.to_string(), str::to_owned);
                    best.push((rank, At { space, doc: record.doc }, shown));
                }
            }
        }
        let Some(top) = best.iter().map(|b| b.0).min() else {
            return Err(Failure::Unknown { name: name.to_owned() });
        };
        best.retain(|b| b.0 == top);
        match &best[..] {
            [(_, at, _)] => Ok(*at),
            many => Err(Failure::Ambiguous {
                name: name.to_owned(),
                fits: many.iter().map(|b| b.2.clone()).collect(),
            }),
        }
    }

    /// Finds a record of whatever kind.
    pub(super) async fn any_record(&mut self, name: &str) -> Result<At, Failure> {
        self.record(name, |m| !matches!(m, Matter::Unopened)).await
    }

    /// Returns the spaces that `--in` leaves.
    pub(super) async fn chosen_spaces(&mut self) -> Result<Vec<SpaceId>, Failure> {
        let spaces = self.spaces();
        let Some(name) = self.global.space.clone() else { return Ok(spaces) };
        let mut fitting = Vec::new();
        for space in spaces {
            let state = self.node.space(space)?.state();
            if names_space(state, space, &name) {
                fitting.push(space);
            }
        }
        if fitting.is_empty() { Err(Failure::Unknown { name }) } else { Ok(fitting) }
    }

    /// Returns the one space of these kinds that is meant.
    pub(super) async fn one_space(
        &mut self,
        fits: impl Fn(SpaceKind) -> bool,
    ) -> Result<SpaceId, Failure> {
        let mut found = Vec::new();
        for space in self.chosen_spaces().await? {
            let state = self.node.space(space)?.state();
            if state.kind().is_some_and(&fits) {
                found.push((space, title(state)));
            }
        }
        match &found[..] {
            [(space, _)] => Ok(*space),
            [] => Err(Failure::Unknown { name: "--in".to_owned() }),
            many => Err(Failure::Ambiguous {
                name: "--in".to_owned(),
                fits: many.iter().map(|f| f.1.clone()).collect(),
            }),
        }
    }

    /// Finds a member of a space by name or id.
    pub(super) fn person(&self, space: SpaceId, name: &str) -> Result<PersonId, Failure> {
        let state = self.node.space(space)?.state();
        person_in(state, name)
    }

    /// Finds several members of a space.
    pub(super) fn people(
        &self,
        space: SpaceId,
        names: &[String],
    ) -> Result<Vec<PersonId>, Failure> {
        names.iter().map(|name| self.person(space, name)).collect()
    }

    /// Finds an item of the evidence index by number, name or id.
    pub(super) async fn evidence(
        &mut self,
        space: SpaceId,
        name: &str,
    ) -> Result<EvidenceId, Failure> {
        let state = self.state(space).await?;
        let found: Vec<_> = state
            .evidence
            .iter()
            .filter(|(id, e)| {
                e.number == name
                    || e.number.ends_with(&format!("-{name}"))
                    || e.evidence.name == name
                    || is_part(&id.to_string(), name)
            })
            .collect();
        match &found[..] {
            [(id, _)] => Ok(**id),
            [] => Err(Failure::Unknown { name: name.to_owned() }),
            many => Err(Failure::Ambiguous {
                name: name.to_owned(),
                fits: many.iter().map(|(_, e)| e.number.clone()).collect(),
            }),
        }
    }

    /// Draws an id for an item of a list.
    pub(super) fn new_item(&mut self) -> ItemId {
        let now = self.now();
        ItemId::mint(now, self.node.rng())
    }

    /// Draws an id for a record.
    pub(super) fn new_record(&mut self) -> DocId {
        let now = self.now();
        DocId::mint(now, self.node.rng())
    }
}

/// Finds a member by name, or by id.
pub(super) fn person_in(state: &SpaceState, name: &str) -> Result<PersonId, Failure> {
    if let Ok(id) = name.parse() {
        return Ok(id);
    }
    let found: Vec<_> = state.members.values().filter(|m| m.name == name).collect();
    match &found[..] {
        [member] => Ok(member.person),
        [] => Err(Failure::Unknown { name: name.to_owned() }),
        many => Err(Failure::Ambiguous {
            name: name.to_owned(),
            fits: many.iter().map(|m| format!("{} {}", m.name, m.person)).collect(),
        }),
    }
}

/// Finds an item of a list by its place from 1, or by its id.
pub(super) fn item_in(
    ids: impl IntoIterator<Item = ItemId>,
    name: &str,
) -> Result<ItemId, Failure> {
    let ids: Vec<ItemId> = ids.into_iter().collect();
    if let Ok(place) = name.parse::<usize>()
        && let Some(id) = place.checked_sub(1).and_then(|at| ids.get(at))
    {
        return Ok(*id);
    }
    let found: Vec<_> = ids.iter().filter(|id| is_part(&id.to_string(), name)).collect();
    match &found[..] {
        [id] => Ok(**id),
        [] => Err(Failure::Unknown { name: name.to_owned() }),
        many => Err(Failure::Ambiguous {
            name: name.to_owned(),
            fits: many.iter().map(ToString::to_string).collect(),
        }),
    }
}

/// Returns what people call a space.
pub(super) fn title(state: &SpaceState) -> String {
    state.info.as_ref().map(|i| i.title.clone()).unwrap_or_default()
}

/// Returns the name to show for a person.
pub(super) fn name_of(state: &SpaceState, person: PersonId) -> String {
    state.members.get(&person).map_or_else(|| person.to_string(), |m| m.name.clone())
}

/// Returns a moment as the clock on the wall shows it there, to the minute.
pub(super) fn local(state: &SpaceState, at: Timestamp) -> String {
    let minutes = state.rule_pack.as_ref().map_or(BEIJING, |p| p.utc_offset.minutes());
    let zone = jiff::tz::Offset::from_seconds(i32::from(minutes) * 60);
    let at = jiff::Timestamp::from_millisecond(at.0);
    match (zone, at) {
        (Ok(zone), Ok(at)) => zone.to_datetime(at).strftime("%Y-%m-%d %H:%M").to_string(),
        _ => String::new(),
    }
}

/// Returns the stored name of a space's kind.
pub(super) const fn kind_name(kind: SpaceKind) -> &'static str {
    match kind {
        SpaceKind::Control { .. } => "control",
        SpaceKind::Office => "office",
        SpaceKind::Group => "group",
        SpaceKind::Engagement => "engagement",
        SpaceKind::Protected => "protected",
        SpaceKind::Consultation => "consultation",
        SpaceKind::UnitDesk => "desk",
    }
}

/// Returns the stored name of what a record is.
pub(super) const fn matter_name(matter: &Matter) -> &'static str {
    match matter {
        Matter::Interview(_) => "interview",
        Matter::Workpaper(_) => "workpaper",
        Matter::Finding(_) => "finding",
        Matter::Notice(_) => "notice",
        Matter::Desk(_) => "desk_notice",
        Matter::Question(_) => "question",
        Matter::Consultation(_) => "consultation",
        Matter::Exhibit(_) => "exhibit",
        Matter::Edition(_) => "edition",
        Matter::StandIn(_) => "stand_in",
        Matter::Unopened => "unopened",
    }
}

fn names_space(state: &SpaceState, id: SpaceId, name: &str) -> bool {
    let Some(info) = &state.info else { return is_part(&id.to_string(), name) };
    let group = info.group.as_ref();
    let unit = info.unit.as_ref();
    let code = match (group, unit) {
        (Some(g), Some(u)) => format!("{}-{}", g.code, u.code),
        (Some(g), None) => g.code.clone(),
        (None, Some(u)) => u.code.clone(),
        (None, None) => String::new(),
    };
    info.title == name
        || code == name
        || kind_name(info.kind) == name
        || unit.is_some_and(|u| u.name == name)
        || is_part(&id.to_string(), name)
}

/// Tells how well a name fits a record; less is better.
fn rank(record: &Record, name: &str) -> Option<u8> {
    // What came from elsewhere is called as it is called there.
    let elsewhere = match &record.matter {
        Matter::Edition(e) => Some(e.edition.number.as_str()),
        Matter::Exhibit(e) => Some(e.number.as_str()),
        Matter::Desk(d) => Some(d.notice.number.as_str()),
        _ => None,
    };
    let numbers = [record.official.as_deref(), record.provisional.as_deref(), elsewhere];
    let mut numbers = numbers.into_iter().flatten();
    let id = record.doc.to_string();
    if plain(name) == id || numbers.clone().any(|n| n == name) {
        return Some(0);
    }
    let end = format!("-{name}");
    if numbers.any(|n| n.ends_with(&end)) {
        return Some(1);
    }
    is_part(&id, name).then_some(2)
}

/// Tells whether `name` is long enough and begins or ends `id`.
fn is_part(id: &str, name: &str) -> bool {
    let name = &plain(name)[..];
    name.len() >= SHORTEST && (id.starts_with(name) || id.ends_with(name))
}

/// Returns an id as it is displayed; in JSON it has hyphens.
fn plain(id: &str) -> String {
    id.replace('-', "").to_lowercase()
}

/// Tells whether a record is written as a document that may be shown to others.
pub(super) const fn is_text(matter: &Matter) -> bool {
    matches!(matter, Matter::Interview(_) | Matter::Workpaper(_) | Matter::Notice(_))
}
