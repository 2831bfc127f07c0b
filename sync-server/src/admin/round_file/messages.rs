//! The messages of problems, in Chinese and in English.
use shared::{
    model::round::{Role, SeatKind},
    workflow::fault::{Expected, FaultKind},
};

use super::{
    problem::{Problem, ProblemKind as Kind, Wanted},
    raw::Place,
    schema::Section,
};

impl Problem {
    /// Returns the message in Chinese, without the place.
    pub fn zh(&self) -> String {
        match &self.kind {
            Kind::Unreadable { detail } => format!("文件无法读取：{detail}"),
            Kind::TooLong { max } => format!("文件过大，最多读取 {max} 字节"),
            Kind::Syntax { detail } => format!("不是正确的 TOML：{detail}"),
            Kind::UnknownSection { name } => format!("没有名为“{name}”的部分"),
            Kind::MissingSection { section } => {
                format!("缺少“{}”部分（{}）", section.sheet(), section.key())
            }
            Kind::NotATable { section } => format!("“{}”的每一项都应是表", section.sheet()),
            Kind::NotAList { section } => {
                format!("“{}”应逐项写成 [[{}]]", section.sheet(), section.key())
            }
            Kind::TooManyRows { section, max } => {
                format!("“{}”超过 {max} 行", section.sheet())
            }
            Kind::UnknownField { section, name } => {
                format!("“{}”没有名为“{name}”的栏目", section.sheet())
            }
            Kind::MissingHeading { section, field } => {
                format!("“{}”缺少“{}”一列", section.sheet(), section.heading(field))
            }
            Kind::RepeatedHeading { section, field } => {
                format!("“{}”有两列“{}”", section.sheet(), section.heading(field))
            }
            Kind::NoHeading { text } => format!("“{text}”所在的列没有标题"),
            Kind::NotOneRound { rows } => format!("轮次应恰有一行，现有 {rows} 行"),
            Kind::MissingField { section, field } => {
                format!("“{}”的“{}”未填", section.sheet(), section.heading(field))
            }
            Kind::WrongType { section, field, expected, .. } => {
                let (sheet, heading) = (section.sheet(), section.heading(field));
                format!("“{sheet}”的“{heading}”应填{}", wanted_zh(*expected))
            }
            Kind::NotADate { text } => format!("“{text}”不是日期，应写成 2026-05-06"),
            Kind::NotAChoice { text, allowed } => {
                format!("“{text}”不在可选范围内：{}", allowed.join("、"))
            }
            Kind::NotACode { text } => {
                format!("“{text}”不能作代码：字母开头，只用字母、数字、-、_，至多 32 个")
            }
            Kind::OutOfRange { value, min, max } => format!("{value} 不在 {min} 至 {max} 之间"),
            Kind::TextTooLong { length, max } => format!("文字过长：{length} 字，至多 {max} 字"),
            Kind::NotOneLine { section, field } => {
                let (sheet, heading) = (section.sheet(), section.heading(field));
                format!("“{sheet}”的“{heading}”只能有一行文字")
            }
            Kind::DuplicateCode { code, first } => {
                format!("代码“{code}”重复，首次出现在 {first}")
            }
            Kind::UnknownCode { code, section } => {
                format!("“{}”中没有代码“{code}”", section.sheet())
            }
            Kind::UnknownSeat { code } => {
                format!("“{code}”既不是组或单位的代码，也不是 office")
            }
            Kind::ReservedCode { code } => format!("“{code}”专指巡察办，不能作代码"),
            Kind::GroupCode { code, no } => {
                format!("组的代码“{code}”与组号不符，应为 G{no}")
            }
            Kind::RoundDates { starts, ends } => {
                format!("本轮自 {starts} 至 {ends} 不是一年以内的一段时间")
            }
            Kind::ExitNotAfterEntry { entry_on, exit_on } => {
                format!("撤离日 {exit_on} 不在进驻日 {entry_on} 之后")
            }
            Kind::OutsideRound { date, starts, ends } => {
                format!("{date} 不在本轮 {starts} 至 {ends} 之内")
            }
            Kind::UntilBeforeFrom { from, until } => {
                format!("止 {until} 早于起 {from}")
            }
            Kind::UnitNotInspected { code } => format!("“{code}”不是被巡察单位"),
            Kind::EngagementRepeated { first } => {
                format!("同一组对同一单位的任务重复，首次出现在 {first}")
            }
            Kind::RoleElsewhere { role } => {
                format!("“{}”只能设在{}", role.zh(), seat_zh(role.seat_kind()))
            }
            Kind::AppointmentRepeated { first } => {
                format!("同一任职在同一时间重复，首次出现在 {first}")
            }
            Kind::TwoGroupRoles { person, first } => {
                format!("{person}同一时间在组内有两个职务，另一处在 {first}")
            }
            Kind::NoLeader { group, on } => format!("{group} 在 {on} 没有组长"),
            Kind::TwoLeaders { group, on } => format!("{group} 在 {on} 有两名以上组长"),
            Kind::TooFewMembers { group, on, has, needs } => {
                format!("{group} 在 {on} 只有 {has} 名组员，至少应有 {needs} 名")
            }
            Kind::DeskIncomplete { unit, role, on } => {
                format!("{unit} 在 {on} 没有{}", role.zh())
            }
            Kind::BothSides { person, unit } => {
                format!("{person}既在 {unit} 任职，又在巡察 {unit} 的组内")
            }
            Kind::NotAFileName { name } => {
                format!("“{name}”应只写文件名，文件与轮次文件放在同一文件夹")
            }
            Kind::FileNotFound { name, detail } => format!("找不到文件“{name}”：{detail}"),
            Kind::InRuleFile { path, fault } => format!("{path}：{}", fault_zh(fault)),
            Kind::TrainingOnly { name } => {
                format!("“{name}”是演练用的虚构数据，正式轮次不能使用")
            }
        }
    }

    /// Returns the message in English, without the place.
    pub fn en(&self) -> String {
        match &self.kind {
            Kind::Unreadable { detail } => format!("the file cannot be read: {detail}"),
            Kind::TooLong { max } => format!("the file is too long; at most {max} bytes are read"),
            Kind::Syntax { detail } => format!("not TOML: {detail}"),
            Kind::UnknownSection { name } => format!("there is no section {name:?}"),
            Kind::MissingSection { section } => {
                format!("the section {} ({}) is missing", section.key(), section.sheet())
            }
            Kind::NotATable { section } => {
                format!("every item of {} must be a table", section.key())
            }
            Kind::NotAList { section } => {
                format!("{0} must be a list: [[{0}]] for each", section.key())
            }
            Kind::TooManyRows { section, max } => {
                format!("{} has more than {max} rows", section.key())
            }
            Kind::UnknownField { section, name } => {
                format!("{} has no field {name:?}", section.key())
            }
            Kind::MissingHeading { section, field } => {
                let heading = section.heading(field);
                format!("{} has no column {heading} ({field})", section.key())
            }
            Kind::RepeatedHeading { section, field } => {
                let heading = section.heading(field);
                format!("{} has two columns {heading} ({field})", section.key())
            }
            Kind::NoHeading { text } => format!("{text:?} stands in a column without a heading"),
            Kind::NotOneRound { rows } => format!("there must be one round, not {rows}"),
            Kind::MissingField { section, field } => {
                format!("{}.{field} is missing", section.key())
            }
            Kind::WrongType { section, field, expected, found } => {
                let wanted = wanted_en(*expected);
                format!("{}.{field} must be {wanted}, not a {found}", section.key())
            }
            Kind::NotADate { text } => format!("{text:?} is no date; write 2026-05-06"),
            Kind::NotAChoice { text, allowed } => {
                format!("{text:?} is none of: {}", allowed.join(", "))
            }
            Kind::NotACode { text } => {
                format!("{text:?} is no code: a letter, then letters, digits, - and _, at most 32")
            }
            Kind::OutOfRange { value, min, max } => {
                format!("{value} is not between {min} and {max}")
            }
            Kind::TextTooLong { length, max } => {
                format!("the text has {length} characters, at most {max} are allowed")
            }
            Kind::NotOneLine { section, field } => {
                format!("{}.{field} must be one line of text", section.key())
            }
            Kind::DuplicateCode { code, first } => {
                format!("the code {code:?} is used again; first at {first}")
            }
            Kind::UnknownCode { code, section } => {
                format!("no {} has the code {code:?}", one_of(*section))
            }
            Kind::UnknownSeat { code } => {
                format!("{code:?} is neither a group's nor a unit's code, nor office")
            }
            Kind::ReservedCode { code } => {
                format!("{code:?} means the office and cannot be a code")
            }
            Kind::GroupCode { code, no } => {
                format!("the group's code {code:?} does not fit its number: G{no}")
            }
            Kind::RoundDates { starts, ends } => {
                format!("from {starts} to {ends} is not a period within a year")
            }
            Kind::ExitNotAfterEntry { entry_on, exit_on } => {
                format!("the exit on {exit_on} is not after the entry on {entry_on}")
            }
            Kind::OutsideRound { date, starts, ends } => {
                format!("{date} is outside the round, {starts} to {ends}")
            }
            Kind::UntilBeforeFrom { from, until } => format!("until {until} is before from {from}"),
            Kind::UnitNotInspected { code } => format!("{code:?} is not an inspected unit"),
            Kind::EngagementRepeated { first } => {
                format!("this group is already sent to this unit at {first}")
            }
            Kind::RoleElsewhere { role } => {
                format!("the role {role} is held {}", seat_en(role.seat_kind()))
            }
            Kind::AppointmentRepeated { first } => {
                format!("the same appointment at the same time stands at {first}")
            }
            Kind::TwoGroupRoles { person, first } => {
                format!(
                    "{person} has two roles in groups at the same time; the other is at {first}"
                )
            }
            Kind::NoLeader { group, on } => format!("{group} has no leader on {on}"),
            Kind::TwoLeaders { group, on } => format!("{group} has more than one leader on {on}"),
            Kind::TooFewMembers { group, on, has, needs } => {
                format!("{group} has {has} members on {on}, and needs {needs}")
            }
            Kind::DeskIncomplete { unit, role, on } => {
                let role = if *role == Role::UnitHead { "head" } else { "liaison" };
                format!("the desk of {unit} has no {role} on {on}")
            }
            Kind::BothSides { person, unit } => {
                format!("{person} sits at the desk of {unit} and in the group that inspects it")
            }
            Kind::NotAFileName { name } => {
                format!("{name:?} must be the name of a file beside the round file")
            }
            Kind::FileNotFound { name, detail } => format!("no file {name:?}: {detail}"),
            Kind::InRuleFile { path, fault } => format!("{path}: {fault}"),
            Kind::TrainingOnly { name } => {
                format!("{name:?} holds values invented for training; a real round cannot use it")
            }
        }
    }

    /// Returns the place and the message in Chinese: one line of a report.
    pub fn line_zh(&self) -> String {
        line(&self.place, &self.zh(), self.kind.code())
    }

    /// Returns the place and the message in English: one line of a report.
    pub fn line_en(&self) -> String {
        line(&self.place, &self.en(), self.kind.code())
    }
}

fn line(place: &Place, message: &str, code: &str) -> String {
    format!("{place}: {message} [{code}]")
}

fn one_of(section: Section) -> &'static str {
    match section {
        Section::Round => "round",
        Section::Units => "unit",
        Section::Groups => "group",
        Section::Engagements => "engagement",
        Section::People => "person",
        Section::Appointments => "appointment",
    }
}

fn wanted_zh(wanted: Wanted) -> &'static str {
    match wanted {
        Wanted::Text => "文字",
        Wanted::Number => "整数",
        Wanted::Bool => "是或否",
        Wanted::Date => "日期",
    }
}

fn wanted_en(wanted: Wanted) -> &'static str {
    match wanted {
        Wanted::Text => "a text",
        Wanted::Number => "a whole number",
        Wanted::Bool => "true or false",
        Wanted::Date => "a date",
    }
}

fn seat_zh(kind: SeatKind) -> &'static str {
    match kind {
        SeatKind::Group => "巡察组",
        SeatKind::Unit => "被巡察单位",
        SeatKind::Office => "巡察办（office）",
        SeatKind::Body => "协作单位",
    }
}

fn seat_en(kind: SeatKind) -> &'static str {
    match kind {
        SeatKind::Group => "in a group",
        SeatKind::Unit => "at an inspected unit",
        SeatKind::Office => "at the office",
        SeatKind::Body => "at a body",
    }
}

fn fault_zh(fault: &FaultKind) -> String {
    match fault {
        FaultKind::TooLong { max, .. } => format!("文件过大，最多读取 {max} 字节"),
        FaultKind::Syntax { detail } => format!("不是正确的 TOML：{detail}"),
        FaultKind::UnknownField => "没有这个栏目".into(),
        FaultKind::Missing => "未填".into(),
        FaultKind::WrongType { expected, .. } => {
            let wanted = match expected {
                Expected::Text => "文字",
                Expected::Number => "整数",
                Expected::Bool => "true 或 false",
                Expected::Date => "日期",
                Expected::List => "列表",
                Expected::Table => "表",
            };
            format!("应为{wanted}")
        }
        FaultKind::NotADate { text } => format!("“{text}”不是日期，应写成 2026-05-06"),
        FaultKind::NotAChoice { text, allowed } => {
            format!("“{text}”不在可选范围内：{}", allowed.join("、"))
        }
        FaultKind::WrongForm { text, form } => format!("“{text}”写法不对，应如 {form}"),
        FaultKind::OutOfRange { value, min, max } => format!("{value} 不在 {min} 至 {max} 之间"),
        FaultKind::Repeated { what } => format!("“{what}”重复"),
        FaultKind::OtherYear { date, year } => format!("{date} 不在 {year} 年"),
        FaultKind::BadPeriod { from, to } => format!("{from} 至 {to} 不是 1 至 31 日的一段时间"),
        FaultKind::OffAndWorking { date } => format!("{date} 既放假又上班"),
        FaultKind::AlreadyWorking { date } => format!("{date} 本来就是工作日"),
        FaultKind::NoWorkingDay => "一周没有工作日".into(),
        FaultKind::CountAtExit { n } => format!("撤离前到期的规则 n 应为 0，不是 {n}"),
        FaultKind::Undeclared { code, list } => format!("{list} 中没有“{code}”"),
        FaultKind::RuleMissing { id } => format!("缺少时限“{id}”，系统需要它"),
    }
}
