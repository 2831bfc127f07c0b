//! The rendering: the text of a record that signatures pin.
//!
//! Every field in the fixed order of its form, in the form's own words. No locale, no time,
//! no layout that depends on a screen. What was signed is the bytes, kept with the version;
//! checking never renders again, so a new version may change anything.
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{
    Body, Conflict, Digest, EvidenceId, PersonId, Reading, RemovedMember, Value,
    consultation::ConsultationReading,
    interview::{InterviewReading, StatementTag},
    notice::NoticeReading,
    workpaper::{Severity, WorkpaperReading},
};

/// The version of the rendering made here. Raise it with any change of its bytes.
pub const VERSION: u16 = 1;

/// Names and numbers that a document does not hold itself. What is missing shows as its id.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Labels {
    /// The record's number, provisional or official.
    pub number: String,
    /// The inspected organisation.
    pub unit: String,
    /// Names of persons.
    pub persons: BTreeMap<PersonId, String>,
    /// Numbers of evidence.
    pub evidence: BTreeMap<EvidenceId, String>,
}

/// The rendered text of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendering {
    /// The renderer's version.
    pub version: u16,
    /// The text: UTF-8, lines ended by a line feed.
    pub text: String,
}

impl Rendering {
    /// Returns the hash that a signature pins. The version stands in the text's last line, so
    /// the hash covers it.
    pub fn digest(&self) -> Digest {
        crate::crypto::hash::rendering(&self.text)
    }
}

/// Renders what a document says.
pub fn render(reading: &Reading, labels: &Labels) -> Rendering {
    let mut page = Page { out: String::new(), labels };
    match &reading.body {
        Body::Interview(r) => page.interview(r),
        Body::Workpaper(r) => page.workpaper(r),
        Body::Consultation(r) => page.consultation(r),
        Body::Notice(r) => page.notice(r),
    }
    page.removed(&reading.removed);
    page.conflicts(&reading.conflicts);
    page.raw(&format!("（格式 {VERSION}）"));
    Rendering { version: VERSION, text: page.out }
}

struct Page<'a> {
    out: String,
    labels: &'a Labels,
}

impl Page<'_> {
    fn title(&mut self, form: &str) {
        self.raw(form);
        let labels = self.labels;
        self.field("编号", &labels.number);
        self.field("被巡察单位", &labels.unit);
    }

    fn raw(&mut self, line: &str) {
        self.out.push_str(line);
        self.out.push('\n');
    }

    /// Writes a field: on one line if it has one, else each line indented, so that no
    /// content can pass for a heading.
    fn field(&mut self, name: &str, text: &str) {
        self.indented(0, name, text);
    }

    fn sub(&mut self, name: &str, text: &str) {
        self.indented(1, name, text);
    }

    fn indented(&mut self, depth: usize, name: &str, text: &str) {
        let margin = "　".repeat(depth);
        let text: String = text.replace("\r\n", "\n").replace('\r', "\n");
        if text.contains('\n') {
            self.raw(&format!("{margin}{name}："));
            for line in text.split('\n') {
                self.raw(&format!("{margin}　　{line}"));
            }
        } else {
            self.raw(&format!("{margin}{name}：{text}"));
        }
    }

    fn list(&mut self, depth: usize, name: &str, entries: &[String]) {
        self.indented(depth, name, &entries.join("；"));
    }

    /// Heads an item with its place and id, and says if it was taken out.
    fn item(&mut self, name: &str, index: usize, id: &impl std::fmt::Display, gone: Option<&str>) {
        self.raw(&format!("{name}{} [{id}]", index + 1));
        if let Some(reason) = gone {
            self.sub("已撤下，理由", reason);
        }
    }

    fn person(&self, id: &PersonId) -> String {
        self.labels.persons.get(id).map_or_else(|| format!("[{id}]"), |n| format!("{n} [{id}]"))
    }

    fn evidence(&self, ids: &[EvidenceId]) -> Vec<String> {
        let name = |id: &EvidenceId| self.labels.evidence.get(id);
        ids.iter()
            .map(|id| name(id).map_or_else(|| format!("[{id}]"), |n| format!("{n} [{id}]")))
            .collect()
    }

    fn interview(&mut self, r: &InterviewReading) {
        self.title("个别谈话记录");
        self.field("谈话对象", &r.interviewee.name);
        self.field("职务", &r.interviewee.post);
        self.field("单位及科室", &r.interviewee.section);
        let people: Vec<_> = r.interviewers.iter().map(|p| self.person(p)).collect();
        self.list(0, "谈话及记录人员", &people);
        self.field("谈话地点", &r.place);
        self.field("开始时间", &r.started);
        self.field("结束时间", &r.ended);
        self.field("谈话提纲", &r.outline);
        self.field("已告知事项", if r.notice_read { "是" } else { "否" });
        self.field("谈话目的", &r.purpose);
        self.field("记录", &r.note);
        for (i, s) in r.statements.iter().enumerate() {
            self.item("陈述", i, &s.id, s.removed.as_deref());
            self.sub("类别", s.tag.map_or("", tag));
            self.sub("内容", &s.text);
            self.sub("何人", &s.who);
            self.sub("何事", &s.what);
            self.sub("何时", &s.when);
            self.sub("何地", &s.place);
            self.sub("如何得知", &s.how_known);
            let refs = self.evidence(&s.refs);
            self.list(1, "佐证材料", &refs);
        }
    }

    fn workpaper(&mut self, r: &WorkpaperReading) {
        self.title("问题底稿");
        self.field("名称", &r.title);
        self.list(0, "问题来源", &r.source);
        self.field("事实概述", &r.condition);
        for (i, c) in r.criteria.iter().enumerate() {
            self.item("依据", i, &c.id, c.removed.as_deref());
            self.sub("文件", &c.instrument);
            self.sub("条款", &c.article);
            self.sub("版本", &c.version);
        }
        self.field("原因", &r.cause);
        self.field("影响后果", &r.effect);
        for (i, f) in r.facts.iter().enumerate() {
            self.item("具体事实", i, &f.id, f.removed.as_deref());
            self.sub("内容", &f.text);
            let evidence = self.evidence(&f.evidence);
            self.list(1, "佐证材料", &evidence);
            self.list(1, "谈话陈述", &f.statements);
        }
        self.field("责任主体", &r.responsible);
        self.field("相对方", &r.party);
        self.field("时间", &r.when);
        self.field("地点", &r.place);
        self.field("了解方式", &r.method);
        self.field("金额", &r.amount_fen.map(yuan).unwrap_or_default());
        self.field("有利情况", &r.exculpatory);
        self.field("举一反三", &r.extent_check);
        self.field("与主要负责人沟通情况", &r.communication);
        self.field("严重程度", r.severity.map_or("", severity));
        self.field("定性", &r.characterisation);
        self.list(0, "问题类别", &r.themes);
        let evidence = self.evidence(&r.evidence);
        self.list(0, "佐证材料", &evidence);
    }

    fn consultation(&mut self, r: &ConsultationReading) {
        self.title("即时会商纪要");
        self.field("事项", &r.title);
        self.field("会商问题", &r.question);
        for (i, p) in r.positions.iter().enumerate() {
            self.item("意见", i, &p.id, p.removed.as_deref());
            let who = p.person.as_ref().map(|p| self.person(p)).unwrap_or_default();
            self.sub("发表人", &who);
            self.sub("内容", &p.text);
        }
        self.field("适用依据", &r.rules);
        self.field("定性结论", &r.characterisation);
        self.field("证据是否充分", &r.sufficiency);
        self.field("处置意见", &r.disposition);
        self.field("会商记录", &r.minutes);
        for (i, a) in r.actions.iter().enumerate() {
            self.item("后续事项", i, &a.id, a.removed.as_deref());
            self.sub("责任人", &a.who);
            self.sub("内容", &a.what);
            self.sub("时限", &a.due);
        }
    }

    fn notice(&mut self, r: &NoticeReading) {
        self.title("立行立改通知单");
        self.field("事项", &r.title);
        self.field("发现问题", &r.matter);
        self.field("违反规定", &r.rule_breached);
        self.field("整改要求", &r.request);
        self.field("联系人", &r.contact);
        // The unit is given this text, and never learns which papers are behind it (domain §1
        // M14); the leader's proposal names them.
    }

    fn removed(&mut self, removed: &[RemovedMember]) {
        for r in removed.iter().filter(|r| r.field.root() != "workpapers") {
            self.field("已撤下", &format!("{} {}", r.field.0, r.member));
            self.sub("理由", &r.reason);
        }
    }

    fn conflicts(&mut self, conflicts: &[Conflict]) {
        for c in conflicts {
            self.raw(&format!("待裁定 {}", c.field.0));
            for v in &c.values {
                let text = match &v.value {
                    Value::Empty => "（空）".to_owned(),
                    Value::Text(t) => t.clone(),
                    Value::Int(n) => n.to_string(),
                    Value::Bool(b) => if *b { "是" } else { "否" }.to_owned(),
                };
                self.sub(&v.op, &text);
            }
        }
    }
}

const fn tag(tag: StatementTag) -> &'static str {
    match tag {
        StatementTag::Fact => "事实",
        StatementTag::Hearsay => "听说",
        StatementTag::Opinion => "看法",
        StatementTag::Pointer => "线索指向",
        StatementTag::Procedural => "程序",
    }
}

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "较轻",
        Severity::Medium => "一般",
        Severity::High => "严重",
    }
}

/// Writes an amount in yuan, with both decimals.
fn yuan(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let fen = fen.unsigned_abs();
    format!("{sign}{}.{:02} 元", fen / 100, fen % 100)
}
