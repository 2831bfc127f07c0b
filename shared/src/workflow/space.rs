//! What a space is: its audience, the round, group, unit and stay it belongs to.
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::command::Guest;
use crate::model::{EngagementId, GroupId, PersonId, RoundId, SpaceId, UnitId};

/// The audience a space is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpaceKind {
    /// One person's certificates, memberships and grants.
    Control {
        /// Whose.
        person: PersonId,
    },
    /// The office, with the leading group's delegate: editions and comments.
    Office,
    /// A group's own.
    Group,
    /// One group at one unit.
    Engagement,
    /// A protected interview: its interviewers and the leader.
    Protected,
    /// A consultation and its participants.
    Consultation,
    /// A unit's desk and the group that sends it notices.
    UnitDesk,
}

/// The round a space belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoundInfo {
    /// The round.
    pub id: RoundId,
    /// Its code: `2026R2`.
    pub code: String,
    /// A training round (演练).
    pub training: bool,
}

/// The group a space belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupInfo {
    /// The group.
    pub id: GroupId,
    /// Its code: `G3`.
    pub code: String,
    /// Its name: 第三组.
    pub name: String,
}

/// The unit a space is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitInfo {
    /// The unit.
    pub id: UnitId,
    /// Its code: `JIA`.
    pub code: String,
    /// Its name: 甲局.
    pub name: String,
}

/// The stay a space belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngagementInfo {
    /// The engagement.
    pub id: EngagementId,
    /// First day of the stay.
    pub entry_on: Date,
    /// Last day of the stay.
    pub exit_on: Date,
}

/// Spaces that decisions here put something into.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Links {
    /// The office.
    #[serde(default)]
    pub office: Option<SpaceId>,
    /// The group's own space.
    #[serde(default)]
    pub group: Option<SpaceId>,
    /// The unit's desk.
    #[serde(default)]
    pub desk: Option<SpaceId>,
    /// The engagements served: all of them for the office, those at the unit for a desk, the
    /// one it comes from for a consultation or a protected interview.
    #[serde(default)]
    pub engagements: Vec<SpaceId>,
}

/// What a space is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpaceInfo {
    /// The space.
    pub id: SpaceId,
    /// Its audience.
    pub kind: SpaceKind,
    /// What people call it: 第三组·甲局.
    pub title: String,
    /// The round; `None` for a control space.
    #[serde(default)]
    pub round: Option<RoundInfo>,
    /// The prefix of its numbers: `2026R2-G3`. Counters are per space, so no two spaces of a
    /// round share a prefix in which the same kind of record is numbered.
    #[serde(default)]
    pub prefix: String,
    /// The group.
    #[serde(default)]
    pub group: Option<GroupInfo>,
    /// The unit.
    #[serde(default)]
    pub unit: Option<UnitInfo>,
    /// The stay.
    #[serde(default)]
    pub engagement: Option<EngagementInfo>,
    /// Other spaces.
    #[serde(default)]
    pub links: Links,
    /// The office's people, who are made members of consultations raised here.
    #[serde(default)]
    pub office_people: Vec<Guest>,
}
