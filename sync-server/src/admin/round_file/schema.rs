//! The sections of a round file and their fields, for both of its forms.
//!
//! A section is a TOML table and a sheet; a field is a TOML key and a column. Reading either
//! form, writing the template and naming a field in a message all follow these lists.

/// A section of a round file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// The round itself: one row.
    Round,
    /// Inspected units and bodies.
    Units,
    /// Groups.
    Groups,
    /// Which group inspects which unit.
    Engagements,
    /// People with an account.
    People,
    /// Who is what, where, how long.
    Appointments,
}

/// A field of a section.
#[derive(Debug)]
pub(super) struct Field {
    /// The TOML key.
    pub(super) key: &'static str,
    /// The heading of the column.
    pub(super) heading: &'static str,
    /// What to write there; second row of the template.
    pub(super) note: &'static str,
}

const fn field(key: &'static str, heading: &'static str, note: &'static str) -> Field {
    Field { key, heading, note }
}

impl Section {
    /// Every section, in the order in which the template shows them.
    pub const ALL: [Self; 6] = [
        Self::Round,
        Self::Units,
        Self::Groups,
        Self::Engagements,
        Self::People,
        Self::Appointments,
    ];

    /// Returns the name of the TOML table.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Round => "round",
            Self::Units => "units",
            Self::Groups => "groups",
            Self::Engagements => "engagements",
            Self::People => "people",
            Self::Appointments => "appointments",
        }
    }

    /// Returns the name of the sheet.
    pub const fn sheet(self) -> &'static str {
        match self {
            Self::Round => "轮次",
            Self::Units => "单位",
            Self::Groups => "巡察组",
            Self::Engagements => "任务",
            Self::People => "人员",
            Self::Appointments => "任职",
        }
    }

    /// Returns the fields, in the order of the template's columns.
    pub(super) const fn fields(self) -> &'static [Field] {
        match self {
            Self::Round => {
                const {
                    &[
                        field("year", "年度", "说明：四位年份"),
                        field("no", "轮次", "当年第几轮，从 1 起"),
                        field("kind", "类型", "从列表选"),
                        field("title", "名称", "全称"),
                        field("starts", "开始", "2026-05-06"),
                        field("ends", "结束", "驻点最后一日"),
                        field("training", "演练", "是 / 否；演练轮次不与正式轮次混用"),
                        field("rule_pack", "规则包", "同一文件夹中的文件名"),
                        field("calendar", "工作日历", "同一文件夹中的文件名"),
                    ]
                }
            }
            Self::Units => {
                const {
                    &[
                        field("code", "代码", "说明：字母开头，只用字母、数字、-、_"),
                        field("name", "单位名称", "全称或通称"),
                        field("kind", "类别", "被巡察单位 / 协作单位"),
                    ]
                }
            }
            Self::Groups => {
                const {
                    &[
                        field("code", "代码", "说明：G 加组号，如 G3"),
                        field("no", "组号", "数字"),
                        field("name", "组名", "如 第三组"),
                    ]
                }
            }
            Self::Engagements => {
                const {
                    &[
                        field("code", "代码", "说明：自定，如 G3-JIA"),
                        field("group", "巡察组", "组的代码"),
                        field("unit", "被巡察单位", "单位的代码"),
                        field("entry_on", "进驻", "2026-05-06"),
                        field("exit_on", "撤离", "驻点最后一日，晚于进驻日"),
                    ]
                }
            }
            Self::People => {
                const {
                    &[
                        field(
                            "code",
                            "代码",
                            "说明：字母开头，只用字母、数字、-、_；代码不变即同一人",
                        ),
                        field("name", "姓名", "显示用"),
                        field("post", "职务", "可空"),
                    ]
                }
            }
            Self::Appointments => {
                const {
                    &[
                        field("person", "人员", "说明：人员的代码"),
                        field("role", "职责", "从列表选"),
                        field("at", "所在", "组或单位的代码；巡察办填 office"),
                        field("from", "起", "可空：本轮开始"),
                        field("until", "止", "可空：组内职务和专家为本轮结束，其余不限"),
                    ]
                }
            }
        }
    }

    /// Returns the heading of a field, or its key if it has none.
    pub(super) fn heading(self, key: &'static str) -> &'static str {
        self.fields().iter().find(|field| field.key == key).map_or(key, |field| field.heading)
    }
}
