//! What the laptop knows, as the screens take it: plain data, made anew by the runtime.
use std::collections::BTreeMap;

use shared::{
    model::{Digest, DocId, DocKind, EvidenceId, FieldPath, PersonId, SpaceId, Timestamp, Value},
    workflow::{Command, Event, Refusal, SpaceState},
};

use super::said::Failure;

/// A record, and the space it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The space.
    pub space: SpaceId,
    /// The record.
    pub doc: DocId,
}

/// One line about a document, so that lists need not load it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocLine {
    /// Its kind.
    pub kind: DocKind,
    /// Its line.
    pub title: String,
    /// How many judgement fields hold concurrent values.
    pub conflicts: usize,
    /// How many statements, facts or positions it has.
    pub items: usize,
}

/// How far what was written and asked about one record has come, in envelopes.
///
/// Saved = on this disk; received = the server's receipt is held; decided = its entry is held
/// (design §6). Each counts those before it: `saved >= received >= decided`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// On this laptop's disk.
    pub saved: u32,
    /// With a receipt.
    pub received: u32,
    /// With an entry.
    pub decided: u32,
}

/// The word for a record as a whole: the least that holds for all its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// 已存.
    Saved,
    /// 已收.
    Received,
    /// 已记.
    Decided,
}

impl Progress {
    /// Returns the least that holds for all parts.
    pub const fn mark(self) -> Mark {
        if self.received < self.saved {
            Mark::Saved
        } else if self.decided < self.saved {
            Mark::Received
        } else {
            Mark::Decided
        }
    }
}

/// What is known of the answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// None yet; the rules here would grant it.
    Awaited,
    /// None yet; the rules here would refuse it.
    Doubtful(Refusal),
    /// Refused by the server.
    Refused(Refusal),
}

/// A request that is not granted: it waits, or was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestLine {
    /// The record it is about.
    pub doc: DocId,
    /// The envelope that carries it.
    pub envelope: Digest,
    /// What is asked.
    pub command: Command,
    /// When it was asked, by this laptop's clock.
    pub asked_at: Timestamp,
    /// What is known of the answer.
    pub answer: Answer,
}

/// What content that was set aside would change, if it were adopted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateChange {
    /// The field, or the list.
    pub field: FieldPath,
    /// What becomes of it.
    pub what: LateWhat,
}

/// What becomes of a field by content that was set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LateWhat {
    /// It would say this; of a long text the place that changes.
    Now(Value),
    /// An item would be added.
    Added(String),
    /// An item would be taken out.
    TakenOut(String),
}

/// Somebody who is in a record now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Present {
    /// Who.
    pub person: PersonId,
    /// The record.
    pub doc: DocId,
    /// The field they are in, as a path; empty for none.
    pub field: String,
}

/// A record that a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The record.
    pub at: Place,
    /// Its number.
    pub number: String,
    /// Its line.
    pub title: String,
    /// What stands around the first place where it was found.
    pub excerpt: String,
}

/// One thing that happened to a record: an entry, or what waits for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    /// When: by the server, or for what waits by the laptop that said it.
    pub at: Timestamp,
    /// By whom; nobody when the server did it.
    pub by: Option<PersonId>,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of something said about a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It waits: on this disk, or with the server.
    Waits(Mark),
    /// Text came into the document.
    Written,
    /// These were recorded.
    Events(Vec<Event>),
    /// The server refused it.
    Refused(Refusal),
    /// The server found it malformed.
    Malformed,
}

/// A space as this laptop sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpaceView {
    /// The space.
    pub id: SpaceId,
    /// Its state, with every request that the rules here would grant folded in.
    pub state: SpaceState,
    /// A line for each document.
    pub lines: BTreeMap<DocId, DocLine>,
    /// How far each record has come; one that is not named has nothing of its own under way.
    pub progress: BTreeMap<DocId, Progress>,
    /// Requests that wait or were refused, oldest first.
    pub requests: Vec<RequestLine>,
    /// Who is here now.
    pub present: Vec<Present>,
    /// What each envelope that was set aside would change, as far as it is here.
    pub late: BTreeMap<Digest, Vec<LateChange>>,
}

impl SpaceView {
    /// Makes a space of which only its state is known.
    pub fn new(id: SpaceId, state: SpaceState) -> Self {
        Self {
            id,
            state,
            lines: BTreeMap::new(),
            progress: BTreeMap::new(),
            requests: Vec::new(),
            present: Vec::new(),
            late: BTreeMap::new(),
        }
    }

    /// Returns the name of a member; nobody when the person is not one.
    pub fn name(&self, person: PersonId) -> Option<&str> {
        self.state.members.get(&person).map(|m| m.name.as_str())
    }

    /// Returns the word for a record as a whole; none for one of which neither this laptop's
    /// disk nor the rules know anything.
    pub fn mark(&self, doc: DocId) -> Option<Mark> {
        let decided = || self.state.record(doc).map(|_| Mark::Decided);
        self.progress.get(&doc).map(|p| p.mark()).or_else(decided)
    }

    /// Returns the inspected unit, or else what people call the space.
    pub fn unit(&self) -> &str {
        let info = self.state.info.as_ref();
        info.map_or("", |i| i.unit.as_ref().map_or(i.title.as_str(), |u| u.name.as_str()))
    }

    /// Tells whether a request about a record waits for its answer.
    pub fn asked(&self, doc: DocId) -> bool {
        self.requests.iter().any(|r| r.doc == doc && !matches!(r.answer, Answer::Refused(_)))
    }
}

/// The link to the server.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Link {
    /// Whether it is up.
    pub online: bool,
    /// When the server was last heard, by its own clock.
    pub last_contact: Option<Timestamp>,
    /// Commits that the disk has not taken; the text is in memory.
    pub not_saved: usize,
    /// The last thing that went wrong on the way.
    pub trouble: Option<Trouble>,
    /// Evidence files that are still to travel.
    pub files: FilesLeft,
    /// Whether files are left for later, both ways.
    pub text_only: bool,
    /// What the server would not store yet.
    pub not_taken: Option<NotTaken>,
    /// The file that somebody here waits for.
    pub fetching: Option<Fetching>,
}

/// A file on its way to this laptop, because it is to be written out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetching {
    /// Its item.
    pub evidence: EvidenceId,
    /// Its name.
    pub name: String,
    /// How many of its bytes came.
    pub got: u64,
    /// How many there are.
    pub of: u64,
}

impl Fetching {
    /// Returns how much of it came, in hundredths.
    pub fn percent(&self) -> u64 {
        let whole = u128::from(self.of.max(1));
        u64::try_from(u128::from(self.got.min(self.of)) * 100 / whole).unwrap_or(100)
    }
}

/// Envelopes the server would not store yet; they are here, and are offered again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotTaken {
    /// Whether its disk is full; else this laptop brought more than it may at once.
    pub full: bool,
    /// When it said so.
    pub at: Timestamp,
    /// How many they were.
    pub envelopes: usize,
}

/// Why there is no contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// No answer.
    Unreachable,
    /// Who answers is not the server this laptop is enrolled with.
    OtherServer,
    /// The server does not take this device.
    DeviceRefused,
    /// The server has trouble of its own: its HTTP status.
    Server(u16),
    /// The server takes its journal up anew, from what laptops bring back.
    Recovering,
    /// What came cannot be read.
    Answer,
    /// This laptop has trouble of its own.
    Here(Box<Failure>),
}

/// Files and their bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amount {
    /// How many files.
    pub files: usize,
    /// Their bytes that are still to travel.
    pub bytes: u64,
}

/// Evidence files that are still to travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FilesLeft {
    /// To the server.
    pub up: Amount,
    /// From the server, by themselves.
    pub down: Amount,
    /// From the server, when they are asked for.
    pub on_demand: Amount,
}

/// All that the screens know of the laptop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Whom this laptop speaks for.
    pub me: PersonId,
    /// Their name.
    pub name: String,
    /// The device's short name, as provisional numbers print it.
    pub device: String,
    /// The laptop's clock when this was made.
    pub now: Timestamp,
    /// The round, as people call it.
    pub round: String,
    /// Whether it is a training round (演练).
    pub training: bool,
    /// The spaces on this laptop.
    pub spaces: Vec<SpaceView>,
    /// The link.
    pub link: Link,
}

impl Snapshot {
    /// Returns a space.
    pub fn space(&self, id: SpaceId) -> Option<&SpaceView> {
        self.spaces.iter().find(|s| s.id == id)
    }

    /// Returns the name of a person in any space; nobody when none of them knows it.
    pub fn name(&self, person: PersonId) -> Option<&str> {
        self.spaces.iter().find_map(|s| s.name(person))
    }

    /// Returns how many envelopes wait for a receipt, and how many for an entry.
    pub fn under_way(&self) -> (u32, u32) {
        let all = self.spaces.iter().flat_map(|s| s.progress.values());
        all.fold((0, 0), |(unsent, undecided), p| {
            (unsent + (p.saved - p.received), undecided + (p.received - p.decided))
        })
    }
}

const DEFAULT_MINUTES: i16 = 8 * 60;
const MINUTE: i64 = 60_000;

fn minutes(space: &SpaceView) -> i64 {
    let pack = space.state.rule_pack.as_ref();
    i64::from(pack.map_or(DEFAULT_MINUTES, |p| p.utc_offset.minutes()))
}

fn shifted(at: Timestamp, minutes: i64, form: &str) -> String {
    let local = at.plus_millis(minutes * MINUTE);
    let text = jiff::Timestamp::from_millisecond(local.0).map(|t| t.strftime(form).to_string());
    text.unwrap_or_default()
}

/// Returns a moment as month, day, hour and minute in the zone of the space's rules, with the
/// year where it is not that of `now`.
pub fn local(space: &SpaceView, at: Timestamp, now: Timestamp) -> String {
    let year = |at| shifted(at, minutes(space), "%Y");
    if year(at) == year(now) {
        shifted(at, minutes(space), "%m-%d %H:%M")
    } else {
        dated(space, at)
    }
}

/// Returns a moment as year to minute in the zone of the space's rules.
pub fn dated(space: &SpaceView, at: Timestamp) -> String {
    shifted(at, minutes(space), "%Y-%m-%d %H:%M")
}

/// Returns the day of a moment, as `2026-05-12`, in the zone of the space's rules.
pub fn local_day(space: &SpaceView, at: Timestamp) -> String {
    shifted(at, minutes(space), "%Y-%m-%d")
}

/// Returns a moment as year to minute in the zone of the first space with rules.
pub fn stamp(known: &Snapshot, at: Timestamp) -> String {
    let pack = known.spaces.iter().find_map(|s| s.state.rule_pack.as_ref());
    let minutes = pack.map_or(DEFAULT_MINUTES, |p| p.utc_offset.minutes());
    shifted(at, minutes.into(), "%Y-%m-%d %H:%M")
}

/// Reads a day and a time of day in the zone of the space's rules.
pub fn moment(space: &SpaceView, day: &str, time: &str) -> Option<Timestamp> {
    let day: jiff::civil::Date = day.trim().parse().ok()?;
    let time: jiff::civil::Time = time.trim().parse().ok()?;
    let local = jiff::tz::Offset::UTC.to_timestamp(day.to_datetime(time)).ok()?;
    Some(Timestamp(local.as_millisecond()).plus_millis(-minutes(space) * MINUTE))
}

/// Returns the end of a day in the zone of the space's rules.
pub fn day_end(space: &SpaceView, day: &str) -> Option<Timestamp> {
    Some(moment(space, day, "00:00")?.plus_millis(24 * 60 * MINUTE))
}

/// Writes an amount in fen as yuan.
pub fn yuan(fen: i64) -> String {
    let (sign, fen) = (if fen < 0 { "-" } else { "" }, fen.unsigned_abs());
    format!("{sign}{}.{:02}", fen / 100, fen % 100)
}

/// Writes a length in bytes as people read it.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 3] = ["KB", "MB", "GB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut tenths = u128::from(bytes) * 10 / 1024;
    let mut units = UNITS.iter();
    let mut unit = units.next().unwrap_or(&"");
    // Four figures would be more than anybody compares.
    while tenths >= 10_000
        && let Some(next) = units.next()
    {
        (tenths, unit) = (tenths / 1024, next);
    }
    format!("{}.{} {unit}", tenths / 10, tenths % 10)
}

/// Reads yuan as fen: `116000`, `116000.00`, `11.6万`.
pub fn fen(text: &str) -> Option<i64> {
    let text = text.trim().replace([',', '，'], "");
    let (text, places) = match text.strip_suffix('万') {
        Some(wan) => (wan.to_owned(), 6),
        None => (text.strip_suffix('元').unwrap_or(&text).to_owned(), 2),
    };
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let sound = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if (whole.is_empty() && part.is_empty()) || !sound(whole) || !sound(part) {
        return None;
    }
    let padded = format!("{part:0<places$}");
    let (kept, rest) = padded.split_at(places);
    if rest.bytes().any(|b| b != b'0') {
        return None;
    }
    format!("{whole}{kept}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_write_them() {
        assert_eq!(fen("116000"), Some(11_600_000));
        assert_eq!(fen("11.6万"), Some(11_600_000));
        assert_eq!(fen("1,234.5元"), Some(123_450));
        assert_eq!(fen("0.005"), None, "no half fen");
        assert_eq!(fen("约三万"), None);
        assert_eq!(fen(""), None);
        assert_eq!(yuan(11_600_005), "116000.05");
    }

    #[test]
    fn lengths_are_written_in_few_figures() {
        assert_eq!(size(0), "0 B");
        assert_eq!(size(1536), "1.5 KB");
        assert_eq!(size(52_428_800), "50.0 MB");
        assert_eq!(size(u64::MAX), "17179869183.9 GB");
        assert_eq!(size(190_000_000), "181.1 MB");
        assert_eq!(size(3 << 30), "3.0 GB");
    }

    #[test]
    fn a_record_is_decided_only_when_all_of_it_is() {
        let mark = |saved, received, decided| Progress { saved, received, decided }.mark();
        assert_eq!(mark(3, 2, 2), Mark::Saved);
        assert_eq!(mark(3, 3, 2), Mark::Received);
        assert_eq!(mark(3, 3, 3), Mark::Decided);
    }
}
