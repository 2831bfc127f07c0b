//! The round and who does what in it: what the office settles before anybody enters a unit.
//!
//! People, groups and units carry a short *code* (`sunmou`, `G3`, `JIA`) beside their id. The
//! code is what a person types in a round file or a command; the id is what everything else
//! refers to. Dates are civil dates in the zone of the round's rule pack.
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{EngagementId, GroupId, PersonId, RoundId, UnitId};

/// A word that names none of the choices of a field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not one of the choices: {0}")]
pub struct UnknownChoice(pub String);

/// Declares an enum of plain choices, each with its code and its Chinese name.
macro_rules! choices {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $code:literal, $zh:literal;)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// Every choice, in the order in which people list them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Returns the code used in files and on the wire.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// Returns the Chinese name, as the glossary has it.
            pub const fn zh(self) -> &'static str {
                match self { $(Self::$variant => $zh,)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.code())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::model::round::UnknownChoice;
            /// Reads the code or the Chinese name.
            fn from_str(text: &str) -> Result<Self, $crate::model::round::UnknownChoice> {
                Self::ALL
                    .iter()
                    .copied()
                    .find(|choice| choice.code() == text || choice.zh() == text)
                    .ok_or_else(|| $crate::model::round::UnknownChoice(text.to_owned()))
            }
        }
    };
}
pub(crate) use choices;

choices!(
    /// The kind of a round (domain §5.2).
    RoundKind {
        /// 常规: the ordinary cycle.
        Routine = "routine", "常规巡察";
        /// 专项: one subject.
        Special = "special", "专项巡察";
        /// 回头看: a formal second inspection.
        LookBack = "look_back", "回头看";
        /// 机动式: sent where it is needed.
        Flexible = "flexible", "机动巡察";
        /// 交叉: groups of one place inspect another.
        Cross = "cross", "交叉巡察";
        /// 上下联动: together with the level above.
        Linked = "linked", "联动巡察";
        /// 提级: the level above inspects.
        Upgraded = "upgraded", "提级巡察";
    }
);

choices!(
    /// What an organisation is to the round.
    UnitKind {
        /// An organisation that is, or may be, inspected; it may have a desk.
        Inspected = "inspected", "被巡察单位";
        /// A body that receives transfers or lends experts (纪委监委, 审计局, 财政局).
        Body = "body", "协作单位";
    }
);

choices!(
    /// What a person may be appointed to be (domain §5.5).
    Role {
        /// Leads a group; authorised for this round only (一次一授权).
        GroupLeader = "group_leader", "组长";
        /// Reviews the group's workpapers.
        DeputyLeader = "deputy_leader", "副组长";
        /// Interviews, collects evidence, makes workpapers.
        Member = "member", "组员";
        /// Heads the office: decides for it.
        OfficeDirector = "office_director", "巡察办主任";
        /// Merges, comments, supervises; never edits a group's text.
        OfficeStaff = "office_staff", "巡察办干部";
        /// Approves notices, reports and transfers for the leading group.
        Delegate = "delegate", "领导小组授权人";
        /// First person responsible for a unit's rectification (主要负责人).
        UnitHead = "unit_head", "单位主要负责人";
        /// A unit's contact, who keeps its desk.
        Liaison = "liaison", "联络员";
        /// Invited to consultations from a body; sees what is granted, while it is granted.
        Expert = "expert", "专家";
        /// Operates devices, keys and backups; sees no content.
        Administrator = "administrator", "系统管理员";
    }
);

/// Where a role is held.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SeatKind {
    /// In an inspection group.
    Group,
    /// At the desk of an inspected unit.
    Unit,
    /// In the office.
    Office,
    /// At a body that receives transfers or lends experts.
    Body,
}

impl Role {
    /// Returns where this role is held; a role has one place only.
    pub const fn seat_kind(self) -> SeatKind {
        match self {
            Self::GroupLeader | Self::DeputyLeader | Self::Member => SeatKind::Group,
            Self::OfficeDirector | Self::OfficeStaff | Self::Delegate | Self::Administrator => {
                SeatKind::Office
            }
            Self::UnitHead | Self::Liaison => SeatKind::Unit,
            Self::Expert => SeatKind::Body,
        }
    }
}

/// One authorised wave of inspections (轮次).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Round {
    /// The round.
    pub id: RoundId,
    /// The year it is counted in.
    pub year: i16,
    /// Its number within the year, from 1.
    pub no: u16,
    /// Its kind.
    pub kind: RoundKind,
    /// What people call it: 某市2026年第二轮巡察.
    pub title: String,
    /// First day on which a group may enter.
    pub starts: Date,
    /// Last day of the stay.
    pub ends: Date,
    /// A training round (演练): marked on every screen, never mixed with a real one.
    pub training: bool,
}

impl Round {
    /// Returns the prefix of the round's numbers: `2026R2` (domain §2.5).
    pub fn code(&self) -> String {
        format!("{}R{}", self.year, self.no)
    }
}

/// An organisation that is inspected, receives transfers or lends experts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Unit {
    /// The unit.
    pub id: UnitId,
    /// Its short code: `JIA`.
    pub code: String,
    /// Its name: 甲局.
    pub name: String,
    /// What it is to the round.
    pub kind: UnitKind,
}

/// A team authorised for the round (巡察组).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Group {
    /// The group.
    pub id: GroupId,
    /// Its number, from 1.
    pub no: u16,
    /// Its code, as numbers print it: `G3`.
    pub code: String,
    /// Its name: 第三组.
    pub name: String,
}

/// One group inspecting one unit in one round (巡察任务).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Engagement {
    /// The engagement.
    pub id: EngagementId,
    /// Its short code: `G3-JIA`.
    pub code: String,
    /// The group that inspects.
    pub group: GroupId,
    /// The unit that is inspected.
    pub unit: UnitId,
    /// The day the group enters (进驻).
    pub entry_on: Date,
    /// The last day of the stay; what is due "at exit" is due at the end of it.
    pub exit_on: Date,
}

/// A person with an account; as little as the work needs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Person {
    /// The person.
    pub id: PersonId,
    /// A short code: `sunmou`.
    pub code: String,
    /// The name to show.
    pub name: String,
    /// The post held at home, or nothing.
    pub post: String,
}

/// Where an appointment is held.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "at", content = "id")]
pub enum Seat {
    /// In this group.
    Group(GroupId),
    /// At the desk of this inspected unit.
    Unit(UnitId),
    /// In the office.
    Office,
    /// At this body.
    Body(UnitId),
}

impl Seat {
    /// Returns the kind of place this is.
    pub const fn kind(self) -> SeatKind {
        match self {
            Self::Group(_) => SeatKind::Group,
            Self::Unit(_) => SeatKind::Unit,
            Self::Office => SeatKind::Office,
            Self::Body(_) => SeatKind::Body,
        }
    }
}

/// A person holding a role somewhere, for a time.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Appointment {
    /// Who.
    pub person: PersonId,
    /// As what.
    pub role: Role,
    /// Where.
    pub seat: Seat,
    /// The first day.
    pub from: Date,
    /// The last day; none while the role goes on after the stay (office, unit desk).
    pub until: Option<Date>,
}

impl Appointment {
    /// Tells whether the role is held on `day`.
    pub fn holds_on(&self, day: Date) -> bool {
        self.from <= day && self.until.is_none_or(|last| day <= last)
    }

    /// Tells whether there is a day on which both are held.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.until.is_none_or(|last| other.from <= last)
            && other.until.is_none_or(|last| self.from <= last)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_role_is_read_by_code_and_by_its_chinese_name() {
        for role in Role::ALL {
            assert_eq!(role.code().parse::<Role>().unwrap(), *role);
            assert_eq!(role.zh().parse::<Role>().unwrap(), *role);
            let json = serde_json::to_string(role).unwrap();
            assert_eq!(json, format!("\"{}\"", role.code()), "files and events use one word");
        }
        assert_eq!("队长".parse::<Role>(), Err(UnknownChoice("队长".into())));
    }

    #[test]
    fn an_appointment_holds_on_its_first_and_last_day() {
        let held = Appointment {
            person: PersonId::from_bytes([1; 16]),
            role: Role::Member,
            seat: Seat::Group(GroupId::from_bytes([2; 16])),
            from: date(2026, 5, 6),
            until: Some(date(2026, 5, 29)),
        };
        assert!(held.holds_on(date(2026, 5, 6)) && held.holds_on(date(2026, 5, 29)));
        assert!(!held.holds_on(date(2026, 5, 5)) && !held.holds_on(date(2026, 5, 30)));
        let next = Appointment { from: date(2026, 5, 30), until: None, ..held.clone() };
        assert!(!held.overlaps(&next) && !next.overlaps(&held));
        assert!(held.overlaps(&Appointment { from: date(2026, 5, 29), ..next }));
    }

    #[test]
    fn records_survive_json() {
        let round = Round {
            id: RoundId::from_bytes([7; 16]),
            year: 2026,
            no: 2,
            kind: RoundKind::Routine,
            title: "某市2026年第二轮巡察".into(),
            starts: date(2026, 5, 6),
            ends: date(2026, 5, 29),
            training: true,
        };
        assert_eq!(round.code(), "2026R2");
        let json = serde_json::to_string(&round).unwrap();
        assert!(json.contains("\"2026-05-06\""));
        assert_eq!(serde_json::from_str::<Round>(&json).unwrap(), round);
        for seat in [Seat::Office, Seat::Body(UnitId::from_bytes([3; 16]))] {
            let json = serde_json::to_string(&seat).unwrap();
            assert_eq!(serde_json::from_str::<Seat>(&json).unwrap(), seat);
        }
    }
}
