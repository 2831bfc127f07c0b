#![allow(clippy::unwrap_used)]
use super::{
    read::{EVIDENCE_CLASSES, EVIDENCE_KINDS, by_name},
    *,
};
use crate::workflow::fault::FaultKind;

fn shipped() -> RulePack {
    RulePack::parse(SHIPPED_PACK).unwrap()
}

/// Tells whether the shipped pack, after one replacement, has this fault in the line changed.
fn check_fault(old: &str, new: &str, path: &str, code: &str) {
    let at = SHIPPED_PACK.find(old).expect(old);
    let line = u32::try_from(SHIPPED_PACK[..at].matches('\n').count() + 1).unwrap();
    let faults = RulePack::parse(&SHIPPED_PACK.replacen(old, new, 1)).unwrap_err();
    assert!(
        faults.iter().any(|f| f.line == line && f.path == path && f.kind.code() == code),
        "{new}: {faults:?}"
    );
}

#[test]
fn the_shipped_pack_has_every_limit_the_product_asks_for() {
    let pack = shipped();
    assert_eq!(pack.id, "rp-2026.1");
    assert!(pack.training, "a real round needs a pack somebody has checked");
    for id in rule_id::ALL {
        assert!(pack.deadline(id).is_some(), "{id}");
    }
    let limit = |id| pack.deadline(id).map(|rule| (rule.n, rule.unit)).unwrap();
    assert_eq!(limit(rule_id::RECEIPT_ACK), (2, Unit::WorkingDay));
    assert_eq!(limit(rule_id::PLAN_SET), (2, Unit::WorkingDay));
    assert_eq!(limit(rule_id::FACT_CONFIRM), (3, Unit::WorkingDay));
    assert_eq!(limit(rule_id::IMMEDIATE_FIX), (0, Unit::AtExit));
    assert_eq!(limit(rule_id::CONSULTATION_TRIAGE), (4, Unit::Hour));
    assert_eq!(limit(rule_id::CLUE_REPLY), (3, Unit::Month));
    assert_eq!(pack.alert, AlertRule { yellow_within: 3, red_after: 5, red_extensions: 2 });
    assert!(pack.deadlines.iter().all(|rule| !rule.source.is_empty()));
}

#[test]
fn closing_a_grave_matter_takes_effect_and_minutes_never_show_an_act() {
    let pack = shipped();
    assert_eq!(pack.severity(Severity::High).unwrap().closing_effects, 1);
    assert!(pack.severities.iter().all(|rule| rule.closing_acts >= 1), "domain §5.4 I3");
    assert!(!pack.allows_class(EvidenceKind::Record, EvidenceClass::Act));
    assert!(pack.allows_class(EvidenceKind::Record, EvidenceClass::Intent));
    assert!(pack.allows_class(EvidenceKind::Photo, EvidenceClass::Act));
    assert!(pack.allows_class(EvidenceKind::Photo, EvidenceClass::Base), "anything may support");
    assert_eq!(pack.theme("split_purchase").unwrap().parent.as_deref(), Some("procurement"));
}

#[test]
fn a_pack_survives_json() {
    let pack = shipped();
    let json = serde_json::to_string(&pack).unwrap();
    assert!(json.contains("\"+08:00\"") && json.contains("\"-50%\""));
    assert_eq!(serde_json::from_str::<RulePack>(&json).unwrap(), pack);
}

#[test]
fn names_of_evidence_in_files_are_those_of_the_records() {
    for name in EVIDENCE_KINDS {
        let kind = by_name::<EvidenceKind>(name).expect(name);
        assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{name}\""));
    }
    for name in EVIDENCE_CLASSES {
        assert!(by_name::<EvidenceClass>(name).is_some(), "{name}");
    }
}

#[test]
fn offsets_and_warnings_are_read_strictly() {
    for text in ["+08:00", "-03:30", "+00:00", "+14:00", "+05:45"] {
        assert_eq!(text.parse::<UtcOffset>().unwrap().to_string(), text);
    }
    for text in
        ["", "8", "08:00", "+8:00", "+08:60", "+15:00", "+0８:00", "Asia/Shanghai", "+-1:00"]
    {
        assert_eq!(text.parse::<UtcOffset>(), Err(NotAnOffset(text.into())));
    }
    for text in ["-50%", "-1%", "-3wd", "0"] {
        assert_eq!(text.parse::<Warn>().unwrap().to_string(), text);
    }
    for text in ["", "50%", "-100%", "-0wd", "-+3wd", "-3", "-3d", "-251wd", "-99999999wd", "-"] {
        assert_eq!(text.parse::<Warn>(), Err(NotAWarning(text.into())));
    }
}

#[test]
fn each_fault_is_said_with_its_line() {
    let cases: &[(&str, &str, &str, &str)] = &[
        ("utc_offset = \"+08:00\"", "utc_offset = \"北京\"", "utc_offset", "wrong_form"),
        ("version = 1", "version = 0", "version", "out_of_range"),
        ("training = true", "training = \"yes\"", "training", "wrong_type"),
        ("training = true", "training = true; x", "file", "syntax"),
        ("title = ", "titel = ", "titel", "unknown_field"),
        ("n = 2", "n = -2", "deadlines[2].n", "out_of_range"),
        ("n = 2", "n = 99999999999999999999999", "deadlines[2].n", "out_of_range"),
        ("n = 2", "n = \"two\"", "deadlines[2].n", "wrong_type"),
        (
            "n = 0\nunit = \"at_exit\"",
            "n = 3\nunit = \"at_exit\"",
            "deadlines[1].n",
            "count_at_exit",
        ),
        ("unit = \"hour\"", "unit = \"week\"", "deadlines[6].unit", "not_a_choice"),
        ("warn = [\"-1wd\", \"0\"]", "warn = [\"1wd\"]", "deadlines[2].warn[1]", "wrong_form"),
        ("warn = [\"-1wd\", \"0\"]", "warn = [0]", "deadlines[2].warn[1]", "wrong_type"),
        (
            "pausable_by = [\"force_majeure\"]",
            "pausable_by = [\"rain\"]",
            "deadlines[2].pausable_by[1]",
            "not_a_choice",
        ),
        ("id = \"receipt_ack\"", "id = \"收文\"", "deadlines[2].id", "wrong_form"),
        ("anchor = \"exit\"", "anchor = \"whenever\"", "deadlines[9].anchor", "not_a_choice"),
        ("status = \"partial\"", "status = \"sure\"", "deadlines[10].status", "not_a_choice"),
        ("source = \"建议值\"", "source = \" \"", "deadlines[2].source", "missing"),
        ("yellow_within = 3 ", "yellow_within = 300 ", "alert.yellow_within", "out_of_range"),
        ("to = \"owner\"", "to = \"boss\"", "escalation[1].to", "not_a_choice"),
        ("closing_acts = 1", "closing_acts = 0", "severities[1].closing_acts", "out_of_range"),
        ("level = \"low\"", "level = \"tiny\"", "severities[1].level", "not_a_choice"),
        ("parent = \"finance\"", "parent = \"money\"", "themes[4].parent", "undeclared"),
        ("kind = \"photo\"", "kind = \"film\"", "evidence_kinds[4].kind", "not_a_choice"),
        (
            "classes = [\"effect\"]",
            "classes = [\"wish\"]",
            "evidence_kinds[6].classes[1]",
            "not_a_choice",
        ),
        ("interviewers = 2 ", "interviewers = 0 ", "minimums.interviewers", "out_of_range"),
    ];
    for (old, new, path, code) in cases {
        check_fault(old, new, path, code);
    }
}

#[test]
fn what_is_missing_or_there_twice_is_said() {
    let parse = |text: &str| -> Vec<_> {
        let faults = RulePack::parse(text).unwrap_err();
        faults.into_iter().map(|fault| fault.kind).collect()
    };
    let renamed = SHIPPED_PACK.replace("id = \"clue_reply\"", "id = \"clue_answer\"");
    assert_eq!(parse(&renamed), [FaultKind::RuleMissing { id: "clue_reply" }]);
    let twice = SHIPPED_PACK.replace("id = \"self_check\"", "id = \"plan_due\"");
    assert_eq!(parse(&twice), [FaultKind::Repeated { what: "plan_due".into() }]);
    let degrees = SHIPPED_PACK.replace("level = \"low\"", "level = \"medium\"");
    let faults = parse(&degrees);
    assert!(faults.contains(&FaultKind::Repeated { what: "medium".into() }));
    assert!(faults.contains(&FaultKind::Undeclared { code: "low".into(), list: "severities" }));
    assert!(parse("").iter().all(|kind| matches!(
        kind,
        FaultKind::Missing | FaultKind::RuleMissing { .. } | FaultKind::Undeclared { .. }
    )));
    assert_eq!(
        parse("alert = 3\nid = \"x\"").iter().filter(|k| k.code() == "wrong_type").count(),
        1
    );
}
