//! The sentences in which a difference is shown.
use jiff::civil::Date;
use shared::workflow::rule_pack::{DeadlineRule, Unit};

use super::diff::{Change, NamedAppointment, NamedEngagement};

impl Change {
    /// Returns the change as a sentence in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Self::OtherRound { from, to } => format!("不是同一轮次：{from} 与 {to}"),
            Self::TitleChanged { from, to } => format!("轮次名称由“{from}”改为“{to}”"),
            Self::KindChanged { from, to } => format!("轮次类型由{}改为{}", from.zh(), to.zh()),
            Self::StartMoved { from, to } => format!("本轮开始由 {from} 改为 {to}"),
            Self::EndMoved { from, to } => format!("本轮结束由 {from} 改为 {to}"),
            Self::UnitAdded { unit } => {
                format!("新增{}{}（{}）", unit.kind.zh(), unit.name, unit.code)
            }
            Self::UnitRemoved { unit } => {
                format!("去掉{}{}（{}）", unit.kind.zh(), unit.name, unit.code)
            }
            Self::UnitRenamed { code, from, to } => format!("单位 {code} 由“{from}”更名为“{to}”"),
            Self::UnitKindChanged { name, from, to } => {
                format!("{name}由{}改为{}", from.zh(), to.zh())
            }
            Self::GroupAdded { group } => format!("新增{}（{}）", group.name, group.code),
            Self::GroupRemoved { group } => format!("去掉{}（{}）", group.name, group.code),
            Self::GroupRenamed { code, from, to } => format!("组 {code} 由“{from}”更名为“{to}”"),
            Self::EngagementAdded { engagement } => {
                let NamedEngagement { engagement: it, group, unit } = engagement;
                format!("新增任务：{group}巡察{unit}，{} 进驻，{} 撤离", it.entry_on, it.exit_on)
            }
            Self::EngagementRemoved { engagement } => {
                format!("取消任务：{}巡察{}", engagement.group, engagement.unit)
            }
            Self::EngagementReassigned { from, to } => {
                let code = &to.engagement.code;
                format!(
                    "任务 {code} 由“{}巡察{}”改为“{}巡察{}”",
                    from.group, from.unit, to.group, to.unit
                )
            }
            Self::EntryMoved { engagement, from, to } => {
                let NamedEngagement { group, unit, .. } = engagement;
                format!("{group}进驻{unit}由 {from} 改为 {to}")
            }
            Self::ExitExtended { engagement, from, to } => {
                let NamedEngagement { group, unit, .. } = engagement;
                format!("{group}撤离{unit}由 {from} 延至 {to}")
            }
            Self::ExitBroughtForward { engagement, from, to } => {
                let NamedEngagement { group, unit, .. } = engagement;
                format!("{group}撤离{unit}由 {from} 提前至 {to}")
            }
            Self::PersonAdded { person } => format!("新增人员{}（{}）", person.name, person.code),
            Self::PersonRemoved { person } => format!("去掉人员{}（{}）", person.name, person.code),
            Self::PersonRenamed { code, from, to } => {
                format!("人员 {code} 由“{from}”更名为“{to}”")
            }
            Self::PostChanged { name, from, to } => {
                format!("{name}的职务由“{from}”改为“{to}”")
            }
            Self::AppointmentAdded { appointment } => {
                let it = &appointment.appointment;
                let until = it.until.map(|until| format!("至 {until}")).unwrap_or_default();
                format!("{}自 {} {until}", held_zh(appointment), it.from).trim_end().to_owned()
            }
            Self::AppointmentEnded { appointment, until, .. } => {
                format!("{}，{until} 止", held_zh(appointment))
            }
            Self::AppointmentProlonged { appointment, was, until } => match until {
                Some(until) => format!("{}由 {was} 延至 {until}", held_zh(appointment)),
                None => format!("{}由 {was} 止改为不限期", held_zh(appointment)),
            },
            Self::AppointmentStartMoved { appointment, from, to } => {
                format!("{}的起日由 {from} 改为 {to}", held_zh(appointment))
            }
            Self::AppointmentRemoved { appointment } => {
                format!("撤销任职：{}", held_zh(appointment))
            }
            Self::RulePackChanged { from, to } => format!("规则包由 {from} 换为 {to}"),
            Self::DeadlineAdded { rule } => format!("新增时限 {}：{}", rule.id, limit_zh(rule)),
            Self::DeadlineRemoved { rule } => format!("去掉时限 {}：{}", rule.id, limit_zh(rule)),
            Self::DeadlineChanged { from, to } => {
                let (old, new) = (limit_zh(from), limit_zh(to));
                if old == new {
                    format!("时限 {} 的提醒、暂停或出处有变", to.id)
                } else {
                    format!("时限 {} 由 {old}改为 {new}", to.id)
                }
            }
            Self::OtherRulesChanged => "规则包的其他内容有变".to_owned(),
            Self::CalendarChanged { from, to, days } => {
                format!("工作日历由 {from} 换为 {to}，{}", days_zh(days))
            }
        }
    }

    /// Returns the change as a sentence in English.
    pub fn en(&self) -> String {
        match self {
            Self::OtherRound { from, to } => format!("not the same round: {from} and {to}"),
            Self::TitleChanged { from, to } => format!("the title {from:?} becomes {to:?}"),
            Self::KindChanged { from, to } => format!("the kind of round {from} becomes {to}"),
            Self::StartMoved { from, to } => format!("the round starts on {to}, not {from}"),
            Self::EndMoved { from, to } => format!("the round ends on {to}, not {from}"),
            Self::UnitAdded { unit } => {
                format!("unit added: {} ({}, {})", unit.name, unit.code, unit.kind)
            }
            Self::UnitRemoved { unit } => format!("unit removed: {} ({})", unit.name, unit.code),
            Self::UnitRenamed { code, from, to } => format!("unit {code}: {from} becomes {to}"),
            Self::UnitKindChanged { name, from, to } => {
                format!("unit {name}: {from} becomes {to}")
            }
            Self::GroupAdded { group } => format!("group added: {} ({})", group.name, group.code),
            Self::GroupRemoved { group } => {
                format!("group removed: {} ({})", group.name, group.code)
            }
            Self::GroupRenamed { code, from, to } => format!("group {code}: {from} becomes {to}"),
            Self::EngagementAdded { engagement } => {
                let NamedEngagement { engagement: it, group, unit } = engagement;
                format!("{group} will inspect {unit}, from {} to {}", it.entry_on, it.exit_on)
            }
            Self::EngagementRemoved { engagement } => {
                format!("{} will not inspect {}", engagement.group, engagement.unit)
            }
            Self::EngagementReassigned { from, to } => {
                let code = &to.engagement.code;
                format!(
                    "engagement {code}: {} at {} becomes {} at {}",
                    from.group, from.unit, to.group, to.unit
                )
            }
            Self::EntryMoved { engagement, from, to } => {
                let NamedEngagement { group, unit, .. } = engagement;
                format!("{group} enters {unit} on {to}, not {from}")
            }
            Self::ExitExtended { engagement, from, to } => {
                let NamedEngagement { group, unit, .. } = engagement;
                format!("{group} stays at {unit} until {to}, extended from {from}")
            }
            Self::ExitBroughtForward { engagement, from, to } => {
                let NamedEngagement { group, unit, .. } = engagement;
                format!("{group} leaves {unit} on {to}, brought forward from {from}")
            }
            Self::PersonAdded { person } => {
                format!("person added: {} ({})", person.name, person.code)
            }
            Self::PersonRemoved { person } => {
                format!("person removed: {} ({})", person.name, person.code)
            }
            Self::PersonRenamed { code, from, to } => format!("person {code}: {from} becomes {to}"),
            Self::PostChanged { name, from, to } => {
                format!("the post of {name}: {from:?} becomes {to:?}")
            }
            Self::AppointmentAdded { appointment } => {
                let it = &appointment.appointment;
                let until = it.until.map(|until| format!(" to {until}")).unwrap_or_default();
                format!("{} from {}{until}", held_en(appointment), it.from)
            }
            Self::AppointmentEnded { appointment, until, .. } => {
                format!("{} ends on {until}", held_en(appointment))
            }
            Self::AppointmentProlonged { appointment, was, until } => match until {
                Some(until) => {
                    format!("{} is prolonged from {was} to {until}", held_en(appointment))
                }
                None => format!("{} no longer ends on {was}", held_en(appointment)),
            },
            Self::AppointmentStartMoved { appointment, from, to } => {
                format!("{} starts on {to}, not {from}", held_en(appointment))
            }
            Self::AppointmentRemoved { appointment } => {
                format!("{} is removed", held_en(appointment))
            }
            Self::RulePackChanged { from, to } => format!("rule pack {from} becomes {to}"),
            Self::DeadlineAdded { rule } => {
                format!("deadline {} added: {}", rule.id, limit_en(rule))
            }
            Self::DeadlineRemoved { rule } => {
                format!("deadline {} removed: {}", rule.id, limit_en(rule))
            }
            Self::DeadlineChanged { from, to } => {
                let (old, new) = (limit_en(from), limit_en(to));
                if old == new {
                    format!("deadline {}: its warnings, pauses or source change", to.id)
                } else {
                    format!("deadline {}: {old} becomes {new}", to.id)
                }
            }
            Self::OtherRulesChanged => "other parts of the rule pack change".to_owned(),
            Self::CalendarChanged { from, to, days } => {
                format!("calendar {from} becomes {to}; {}", days_en(days))
            }
        }
    }
}

/// `孙某任第三组组员`.
fn held_zh(named: &NamedAppointment) -> String {
    let role = named.appointment.role.zh();
    // Titles of the office say where they are held.
    let seat = if role.starts_with(&named.seat) { "" } else { &named.seat };
    format!("{}任{seat}{role}", named.person)
}

/// `孙某 as member at 第三组`.
fn held_en(named: &NamedAppointment) -> String {
    format!("{} as {} at {}", named.person, named.appointment.role, named.seat)
}

fn limit_zh(rule: &DeadlineRule) -> String {
    match (rule.unit, rule.n) {
        (Unit::AtExit, _) => "撤离前".to_owned(),
        (Unit::Day, 0) => "当日".to_owned(),
        (unit, n) => format!("{n} {}", unit.zh()),
    }
}

fn limit_en(rule: &DeadlineRule) -> String {
    match (rule.unit, rule.n) {
        (Unit::AtExit, _) => "at exit".to_owned(),
        (Unit::Day, 0) => "the same day".to_owned(),
        (Unit::WorkingDay, n) => format!("{n} working days"),
        (Unit::Day, n) => format!("{n} days"),
        (Unit::Month, n) => format!("{n} months"),
        (Unit::Hour, n) => format!("{n} hours"),
    }
}

fn days_zh(days: &[Date]) -> String {
    if days.is_empty() {
        return "工作日无变化".to_owned();
    }
    let days: Vec<_> = days.iter().map(Date::to_string).collect();
    format!("变化的日子：{}", days.join("、"))
}

fn days_en(days: &[Date]) -> String {
    if days.is_empty() {
        return "no working day changes".to_owned();
    }
    let days: Vec<_> = days.iter().map(Date::to_string).collect();
    format!("days that change: {}", days.join(", "))
}
