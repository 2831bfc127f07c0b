//! Takes a rule-pack file apart, noting every fault.
use serde::{Deserialize, de::IntoDeserializer};

use super::{
    AlertRule, Anchor, DeadlineRule, Escalation, EscalationStep, EvidenceKindRule, Minimums,
    NotAWarning, PauseCause, RulePack, RuleStatus, SeverityRule, Theme, Unit, UtcOffset, rule_id,
};
use crate::{
    model::{evidence::EvidenceKind, workpaper::Severity},
    workflow::{
        fault::FaultKind,
        rule_file::{Faults, Node},
    },
};

/// The longest count of any deadline: ten years of days.
const LONGEST: i64 = 3660;

fn codes<T: Copy>(all: &[T], code: fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().map(|one| code(*one)).collect()
}

/// Reads a plain enum by the name it has in JSON.
pub(super) fn by_name<'a, T: Deserialize<'a>>(text: &'a str) -> Option<T> {
    let name: serde::de::value::StrDeserializer<'a, serde::de::value::Error> =
        text.into_deserializer();
    T::deserialize(name).ok()
}

pub(super) const EVIDENCE_KINDS: &[&str] = &[
    "document",
    "record",
    "data_extract",
    "photo",
    "statement",
    "survey",
    "site_note",
    "third_party",
    "scan",
];
pub(super) const EVIDENCE_CLASSES: &[&str] = &["base", "intent", "act", "effect"];

/// Notes every value that an earlier item already had.
fn once<'n>(seen: &mut Vec<String>, what: &str, node: &Node<'n, '_>, faults: &mut Faults<'_>) {
    if seen.iter().any(|earlier| earlier == what) {
        let kind = FaultKind::Repeated { what: what.to_owned() };
        faults.note(&node.span, node.path.clone(), kind);
    }
    seen.push(what.to_owned());
}

pub(super) fn read_pack(root: &Node<'_, '_>, faults: &mut Faults<'_>) -> Option<RulePack> {
    root.only(
        faults,
        &[
            "id",
            "version",
            "title",
            "utc_offset",
            "training",
            "deadlines",
            "escalation",
            "alert",
            "severities",
            "themes",
            "evidence_kinds",
            "minimums",
        ],
    );
    let id = root.text(faults, "id");
    let version = root.number(faults, "version", 1, i64::from(u32::MAX));
    let title = root.text(faults, "title");
    let utc_offset = root.text(faults, "utc_offset").and_then(|text| {
        let read = text.parse::<UtcOffset>().ok();
        if read.is_none() {
            let kind = FaultKind::WrongForm { text, form: "+08:00" };
            faults.note(&root.span_of("utc_offset"), root.path_of("utc_offset"), kind);
        }
        read
    });
    let training = root.bool(faults, "training");

    let mut seen = Vec::new();
    let deadlines = root.nodes(faults, "deadlines", |node, faults| {
        let rule = read_deadline(node, faults)?;
        once(&mut seen, &rule.id, node, faults);
        Some(rule)
    });
    // Deadlines with faults of their own are not also reported as missing.
    if let Some(deadlines) = &deadlines {
        for id in rule_id::ALL.iter().copied() {
            if !deadlines.iter().any(|rule| rule.id == id) {
                let span = root.span_of("deadlines");
                faults.note(&span, root.path_of("deadlines"), FaultKind::RuleMissing { id });
            }
        }
    }
    let escalation = root.nodes(faults, "escalation", |node, faults| {
        node.only(faults, &["after", "to"]);
        let after = small(node, faults, "after", 1);
        let to = node.choice(faults, "to", &codes(Escalation::ALL, Escalation::code));
        Some(EscalationStep { after: after?, to: to? })
    });
    let alert = root.node(faults, "alert").and_then(|node| {
        node.only(faults, &["yellow_within", "red_after", "red_extensions"]);
        let yellow_within = small(&node, faults, "yellow_within", 0);
        let red_after = small(&node, faults, "red_after", 0);
        let red_extensions = small(&node, faults, "red_extensions", 1);
        Some(AlertRule {
            yellow_within: yellow_within?,
            red_after: red_after?,
            red_extensions: red_extensions?,
        })
    });
    let severities = read_severities(root, faults);
    let themes = read_themes(root, faults);
    let evidence_kinds = read_evidence_kinds(root, faults);
    let minimums = root.node(faults, "minimums").and_then(|node| read_minimums(&node, faults));

    let mut escalation = escalation?;
    escalation.sort_by_key(|step| step.after);
    Some(RulePack {
        id: id?,
        version: u32::try_from(version?).ok()?,
        title: title?,
        utc_offset: utc_offset?,
        training: training?,
        deadlines: deadlines?,
        escalation,
        alert: alert?,
        severities: severities?,
        themes: themes?,
        evidence_kinds: evidence_kinds?,
        minimums: minimums?,
    })
}

/// Reads a count of at most a working year.
fn small(node: &Node<'_, '_>, faults: &mut Faults<'_>, field: &str, min: i64) -> Option<u16> {
    node.number(faults, field, min, 250).and_then(|read| u16::try_from(read).ok())
}

fn read_deadline(node: &Node<'_, '_>, faults: &mut Faults<'_>) -> Option<DeadlineRule> {
    node.only(faults, &["id", "anchor", "n", "unit", "warn", "pausable_by", "source", "status"]);
    let id = node.code(faults, "id");
    let anchor = node.choice(faults, "anchor", &codes(Anchor::ALL, Anchor::code));
    let n = node.number(faults, "n", 0, LONGEST).and_then(|n| u32::try_from(n).ok());
    let unit = node.choice(faults, "unit", &codes(Unit::ALL, Unit::code));
    let warn = node.texts(faults, "warn", |text| {
        let form = "-50%, -3wd or 0";
        text.parse().map_err(|NotAWarning(text)| FaultKind::WrongForm { text, form })
    });
    let pausable_by = node.texts(faults, "pausable_by", |text| {
        text.parse::<PauseCause>().map_err(|_| FaultKind::NotAChoice {
            text: text.to_owned(),
            allowed: codes(PauseCause::ALL, PauseCause::code),
        })
    });
    let source = node.text(faults, "source");
    let status = node.choice(faults, "status", &codes(RuleStatus::ALL, RuleStatus::code));
    if let (Some(Unit::AtExit), Some(n @ 1..)) = (unit, n) {
        faults.note(&node.span_of("n"), node.path_of("n"), FaultKind::CountAtExit { n });
    }
    Some(DeadlineRule {
        id: id?,
        anchor: anchor?,
        n: n?,
        unit: unit?,
        warn: warn?,
        pausable_by: pausable_by?,
        source: source?,
        status: status?,
    })
}

fn read_severities(root: &Node<'_, '_>, faults: &mut Faults<'_>) -> Option<Vec<SeverityRule>> {
    let mut seen = Vec::new();
    let severities = root.nodes(faults, "severities", |node, faults| {
        node.only(faults, &["level", "zh", "en", "closing_acts", "closing_effects"]);
        let level = node.word(faults, "level", &Severity::ALL.map(Severity::name), |text| {
            Severity::from_name(text)
        });
        let (zh, en) = (node.text(faults, "zh"), node.text(faults, "en"));
        let acts = small(node, faults, "closing_acts", 1);
        let effects = small(node, faults, "closing_effects", 0);
        let level = level?;
        once(&mut seen, level.name(), node, faults);
        Some(SeverityRule {
            level,
            zh: zh?,
            en: en?,
            closing_acts: acts?,
            closing_effects: effects?,
        })
    })?;
    for level in Severity::ALL {
        if !severities.iter().any(|rule| rule.level == level) {
            let kind = FaultKind::Undeclared { code: level.name().into(), list: "severities" };
            faults.note(&root.span_of("severities"), root.path_of("severities"), kind);
        }
    }
    Some(severities)
}

fn read_themes(root: &Node<'_, '_>, faults: &mut Faults<'_>) -> Option<Vec<Theme>> {
    let mut seen = Vec::new();
    // A parent stands above its children, which also rules out rings.
    root.nodes(faults, "themes", |node, faults| {
        node.only(faults, &["code", "parent", "zh", "en"]);
        let code = node.code(faults, "code");
        let parent = if node.has("parent") {
            let parent = node.code(faults, "parent")?;
            if !seen.contains(&parent) {
                let kind = FaultKind::Undeclared { code: parent.clone(), list: "themes" };
                faults.note(&node.span_of("parent"), node.path_of("parent"), kind);
            }
            Some(parent)
        } else {
            None
        };
        let (zh, en) = (node.text(faults, "zh"), node.text(faults, "en"));
        let code = code?;
        once(&mut seen, &code, node, faults);
        Some(Theme { code, parent, zh: zh?, en: en? })
    })
}

fn read_evidence_kinds(
    root: &Node<'_, '_>,
    faults: &mut Faults<'_>,
) -> Option<Vec<EvidenceKindRule>> {
    let mut seen = Vec::new();
    root.nodes(faults, "evidence_kinds", |node, faults| {
        node.only(faults, &["kind", "classes"]);
        let kind = node.word(faults, "kind", EVIDENCE_KINDS, |text| {
            by_name::<EvidenceKind>(text).map(|kind| (kind, text.to_owned()))
        });
        let classes = node.texts(faults, "classes", |text| {
            by_name(text).ok_or_else(|| FaultKind::NotAChoice {
                text: text.to_owned(),
                allowed: EVIDENCE_CLASSES.to_vec(),
            })
        });
        let (kind, name) = kind?;
        once(&mut seen, &name, node, faults);
        Some(EvidenceKindRule { kind, classes: classes? })
    })
}

fn read_minimums(node: &Node<'_, '_>, faults: &mut Faults<'_>) -> Option<Minimums> {
    node.only(
        faults,
        &["independent_items", "conclusive_items", "interviewers", "makers", "checkers", "members"],
    );
    let independent_items = small(node, faults, "independent_items", 1);
    let conclusive_items = small(node, faults, "conclusive_items", 1);
    let interviewers = small(node, faults, "interviewers", 1);
    let makers = small(node, faults, "makers", 1);
    let checkers = small(node, faults, "checkers", 1);
    let members = small(node, faults, "members", 0);
    Some(Minimums {
        independent_items: independent_items?,
        conclusive_items: conclusive_items?,
        interviewers: interviewers?,
        makers: makers?,
        checkers: checkers?,
        members: members?,
    })
}
