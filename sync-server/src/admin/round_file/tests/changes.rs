use jiff::civil::date;
use shared::model::round::Role;

use super::*;

/// The changes from the example to an edited example, in Chinese; English must exist too.
fn told(edits: &[(&str, &str)]) -> Vec<String> {
    let changes = difference(&example(), &edited(edits));
    for change in &changes {
        assert!(!change.en().is_empty() && change.en() != change.zh());
        assert!(serde_json::to_string(change).is_ok());
    }
    changes.iter().map(Change::zh).collect()
}

#[test]
fn the_same_file_changes_nothing_and_every_change_has_its_way_back() {
    assert_eq!(difference(&example(), &example()), []);
    let renamed = edited(&[("name = \"孙某\"", "name = \"孙某某\"")]);
    let back = difference(&renamed, &example());
    let code = "sunmou".to_owned();
    let (from, to) = ("孙某某".to_owned(), "孙某".to_owned());
    assert_eq!(back, [Change::PersonRenamed { code, from, to }]);
}

#[test]
fn a_member_swapped_is_one_ended_and_one_added() {
    let person = "[[people]]\ncode = \"hemou\"";
    let new_person = format!("[[people]]\ncode = \"shimou\"\nname = \"施某\"\n\n{person}");
    let leaving = "person = \"zhoumou\"\nrole = \"member\"\nat = \"G3\"\n";
    let coming = "[[appointments]]\nperson = \"shimou\"\nrole = \"member\"\nat = \"G3\"\n";
    let swap = format!("{leaving}until = 2026-05-15\n\n{coming}from = 2026-05-16\n");
    let edits = [(person, new_person.as_str()), (leaving, swap.as_str())];
    assert_eq!(
        told(&edits),
        [
            "新增人员施某（shimou）",
            "周某任第三组组员，2026-05-15 止",
            "施某任第三组组员自 2026-05-16 至 2026-05-29",
        ]
    );
    let changes = difference(&example(), &edited(&edits));
    let Change::AppointmentEnded { appointment, was, until } = &changes[1] else {
        panic!("{changes:?}")
    };
    assert_eq!(appointment.appointment.role, Role::Member);
    assert_eq!((*was, *until), (Some(date(2026, 5, 29)), date(2026, 5, 15)));
    assert_eq!(changes[2].en(), "施某 as member at 第三组 from 2026-05-16 to 2026-05-29");
}

#[test]
fn a_longer_stay_is_an_exit_extended() {
    // The round and its first engagement end a week later; the roles of the stay follow.
    let edits = [
        ("ends = 2026-05-29", "ends = 2026-06-05"),
        ("exit_on = 2026-05-29", "exit_on = 2026-06-05"),
    ];
    let changes = difference(&example(), &edited(&edits));
    let (from, to) = (date(2026, 5, 29), date(2026, 6, 5));
    assert_eq!(changes[0], Change::EndMoved { from, to });
    let Change::ExitExtended { engagement, .. } = &changes[1] else { panic!("{changes:?}") };
    assert_eq!(engagement.engagement.code, "G3-JIA");
    assert_eq!(changes[1].zh(), "第三组撤离甲局由 2026-05-29 延至 2026-06-05");
    assert!(changes[2..].iter().all(|c| matches!(c, Change::AppointmentProlonged { .. })));
    assert_eq!(changes.len(), 2 + 10, "nine in the groups and one expert");
    let back = difference(&edited(&edits), &example());
    assert!(back.iter().any(|change| matches!(change, Change::ExitBroughtForward { .. })));
}

#[test]
fn each_kind_of_change_is_told() {
    let staff = "person = \"zhengmou\"\nrole = \"office_staff\"\nat = \"office\"\n";
    let cases: &[(&str, &str, &str)] = &[
        (
            "第二轮巡察（演练）",
            "第二轮（演练）",
            "轮次名称由“某市2026年第二轮巡察（演练）”改为“某市2026年第二轮（演练）”",
        ),
        ("kind = \"routine\"", "kind = \"cross\"", "轮次类型由常规巡察改为交叉巡察"),
        ("name = \"乙镇\"", "name = \"乙街道\"", "单位 YI 由“乙镇”更名为“乙街道”"),
        ("name = \"第五组\"", "name = \"第五巡察组\"", "组 G5 由“第五组”更名为“第五巡察组”"),
        (
            "entry_on = 2026-05-06",
            "entry_on = 2026-05-07",
            "第三组进驻甲局由 2026-05-06 改为 2026-05-07",
        ),
        (
            "exit_on = 2026-05-29",
            "exit_on = 2026-05-28",
            "第三组撤离甲局由 2026-05-29 提前至 2026-05-28",
        ),
        (
            "post = \"甲局局长\"",
            "post = \"甲局党组书记\"",
            "王某的职务由“甲局局长”改为“甲局党组书记”",
        ),
        (
            staff,
            "person = \"zhengmou\"\nrole = \"office_staff\"\nat = \"office\"\nuntil = 2026-12-31\n",
            "郑某任巡察办干部，2026-12-31 止",
        ),
        (
            staff,
            "person = \"zhengmou\"\nrole = \"office_staff\"\nat = \"office\"\nfrom = 2026-05-08\n",
            "郑某任巡察办干部的起日由 2026-05-06 改为 2026-05-08",
        ),
        (
            staff,
            "person = \"zhengmou\"\nrole = \"administrator\"\nat = \"office\"\n",
            "撤销任职：郑某任巡察办干部",
        ),
        (
            "code = \"CZJ\"\nname = \"市财政局\"\nkind = \"body\"",
            "code = \"CZJ\"\nname = \"市财政局\"\nkind = \"inspected\"",
            "市财政局由协作单位改为被巡察单位",
        ),
        (
            "[[groups]]\ncode = \"G5\"",
            "[[units]]\ncode = \"BING\"\nname = \"丙局\"\nkind = \"inspected\"\n\n[[groups]]\ncode = \"G5\"",
            "新增被巡察单位丙局（BING）",
        ),
        (
            "[[units]]\ncode = \"CZJ\"\nname = \"市财政局\"\nkind = \"body\"\n",
            "",
            "去掉协作单位市财政局（CZJ）",
        ),
        ("code = \"G5-YI\"", "code = \"G5-YI-2\"", "取消任务：第五组巡察乙镇"),
        (
            "code = \"G5-YI\"",
            "code = \"G5-YI-2\"",
            "新增任务：第五组巡察乙镇，2026-05-06 进驻，2026-05-29 撤离",
        ),
        (
            "[[people]]\ncode = \"hemou\"",
            "[[people]]\ncode = \"yanmou\"\nname = \"严某\"\n\n[[people]]\ncode = \"hemou\"",
            "新增人员严某（yanmou）",
        ),
    ];
    for (old, new, sentence) in cases {
        let found = told(&[(old, new)]);
        assert!(found.iter().any(|told| told == sentence), "{sentence}: {found:?}");
    }
}

#[test]
fn changed_rules_are_told_one_by_one() {
    let beside = |name: &str| {
        beside(name).map(|text| match name {
            SHIPPED_PACK_NAME => text
                .replace("version = 1", "version = 2")
                .replacen("n = 3\nunit = \"working_day\"", "n = 5\nunit = \"working_day\"", 1)
                .replace("red_after = 5", "red_after = 6")
                .replace("id = \"self_check\"", "id = \"self_check_2\""),
            _ => text.replace("  { on = 2026-05-09, name = \"劳动节\" },\n", ""),
        })
    };
    let new = check("round.toml", EXAMPLE.as_bytes(), &beside).unwrap();
    let told: Vec<_> = difference(&example(), &new).iter().map(Change::zh).collect();
    assert_eq!(
        told,
        [
            "规则包由 rp-2026.1 v1 换为 rp-2026.1 v2",
            "时限 fact_confirm 由 3 工作日改为 5 工作日",
            "去掉时限 self_check：30 日",
            "新增时限 self_check_2：30 日",
            "规则包的其他内容有变",
            "工作日历由 calendar-2026 换为 calendar-2026，变化的日子：2026-05-09",
        ]
    );
}

#[test]
fn another_round_is_not_compared() {
    let other = edited(&[("no = 2", "no = 3")]);
    let (from, to) = ("2026R2".to_owned(), "2026R3".to_owned());
    assert_eq!(difference(&example(), &other), [Change::OtherRound { from, to }]);
}
