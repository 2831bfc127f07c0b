//! Bytes that must never change by themselves: disk and wire format.
use super::*;
use crate::{
    doc::{Labels, Rendering, TrialReport, TrialRequest, chunk, render, try_batch},
    model::{ChangeHash, Digest},
};

#[test]
fn births_are_pinned() {
    let cases = [
        (DocKind::Interview, "ab253155a3accec96971c26a6efe1c36fccdec9474edef4961ab7c6aee029f81"),
        (DocKind::Workpaper, "aa6b93561678f19d4123f6b773f4b77b89f47a88dcbe393431296c38ce406a4a"),
        (DocKind::Consultation, "7c75461e3d5fd3df2ea5f8a1c6ad816aa9c80eca270c9ce8e7653995079071e5"),
        (DocKind::Notice, "57a5ebea6c7842c7975472d8cdbbe43e4be3c85e6cd6743dba30213a39dbef31"),
    ];
    for (kind, hash) in cases {
        let (doc, raw) = Document::born(kind, actor(1), &Birth::new()).unwrap();
        assert_eq!(doc.heads()[0].to_string(), hash, "{kind:?}");
        assert_eq!(chunk::parse(&raw).unwrap().len(), 1);
    }
}

#[test]
fn large_changes_stay_uncompressed() {
    let (mut doc, _) = workpaper();
    let raw = edit(&mut doc, &[splice("condition", 0, 0, &"某市甲局违规。".repeat(500))]);
    assert_eq!(raw[8], 1, "type 1 is a plain change, 2 a compressed one");
    assert_eq!(doc.changes_since(&[])[1].raw, raw);
    let again = Document::load(&doc.save()).unwrap();
    assert_eq!(again.changes_since(&[])[1].raw, raw);
}

fn filled() -> Document {
    let (mut doc, _) = workpaper();
    let fields = [("instrument", "某市采购限额办法"), ("article", "第九条"), ("version", "v2024")]
        .map(|(k, v)| (k.to_owned(), crate::doc::Initial::Value(Value::Text(v.to_owned()))))
        .into();
    edit(
        &mut doc,
        &[
            splice("condition", 0, 0, "甲局把一个项目拆成三个。\n均未招标。"),
            Edit::AddItem { list: top("criteria"), id: item(2), fields },
            Edit::SetField { field: top("amount_fen"), value: Value::Int(3_200_005) },
            set("severity", "high"),
        ],
    );
    doc
}

#[test]
fn the_rendering_is_pinned() {
    let rendering = render(&filled().reading(), &Labels::default());
    assert_eq!(
        rendering.text,
        "问题底稿
编号：
被巡察单位：
名称：某市甲局采购拆分问题
问题来源：谈话
事实概述：
　　甲局把一个项目拆成三个。
　　均未招标。
依据1 [02020202020202020202020202020202]
　文件：某市采购限额办法
　条款：第九条
　版本：v2024
原因：
影响后果：
责任主体：
相对方：
时间：
地点：
了解方式：
金额：32000.05 元
有利情况：
举一反三：
与主要负责人沟通情况：
严重程度：严重
定性：
问题类别：
佐证材料：
（格式 1）
"
    );
    assert_eq!(
        rendering.digest().to_string(),
        "37130ca99d94606c79e379b5e6b6e0cf9bf171b59bc02896b410de3014c9e455"
    );
    let other =
        Rendering { text: rendering.text.replace("格式 1", "格式 2"), ..rendering.clone() };
    assert_ne!(other.digest(), rendering.digest());
    assert_ne!(Digest::default(), rendering.digest());
}

#[test]
fn content_cannot_pass_for_a_heading() {
    let (mut doc, _) = workpaper();
    edit(&mut doc, &[splice("cause", 0, 0, "不明\r\n定性：违纪\r责任主体：李某")]);
    let text = render(&doc.reading(), &Labels::default()).text;
    assert_eq!(text.lines().filter(|l| l.starts_with("定性：")).collect::<Vec<_>>(), ["定性："]);
    assert!(!text.contains('\r'));
}

#[test]
fn request_and_report_survive_the_pipe() {
    let doc = filled();
    let mut later = on(&doc, 2);
    let main = edit(&mut later, &[set("place", "某市")]);
    let body = edit(&mut later, &[set("party", "某公司")]);
    let request = TrialRequest {
        base: Some(doc.save().into()),
        later: vec![main.into()],
        batch: vec![body.into(), b"junk".to_vec().into()],
        ..TrialRequest::default()
    };
    let request = TrialRequest::from_cbor(&request.to_cbor().unwrap()).unwrap();
    let report = try_batch(&request).unwrap();
    assert!(report.per[0].is_ok() && report.per[1].is_err());
    assert_eq!(report.heads, later.heads());
    assert_eq!(report.reading, Some(later.reading()));
    assert_eq!(Document::load(&report.saved.0).unwrap().reading(), later.reading());
    assert_eq!(TrialReport::from_cbor(&report.to_cbor().unwrap()).unwrap(), report);
    assert_ne!(report.heads, [ChangeHash::default()]);
}

#[test]
fn any_automerge_library_opens_the_export() {
    use automerge::{Automerge, ROOT, ReadDoc};
    let am = Automerge::load(&filled().plain_automerge()).unwrap();
    let (_, condition) = am.get(ROOT, "condition").unwrap().unwrap();
    assert!(am.text(&condition).unwrap().starts_with("甲局"));
}
