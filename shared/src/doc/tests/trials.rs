//! What is kept between trials changes no report.
use super::*;
use crate::doc::{TrialReport, TrialRequest, Trials, trial::Bytes, try_batch};

/// Tries with what is kept and without anything, and returns the report of both.
fn both(trials: &mut Trials, request: &TrialRequest) -> TrialReport {
    let kept = trials.try_batch(request).unwrap();
    let fresh = try_batch(request).unwrap();
    assert_eq!((&kept.per, &kept.heads), (&fresh.per, &fresh.heads));
    assert_eq!((&kept.reading, &kept.rendering), (&fresh.reading, &fresh.rendering));
    let read = |saved: &Bytes| Document::load(&saved.0).unwrap().reading();
    assert_eq!(read(&kept.saved), read(&fresh.saved));
    kept
}

fn request(base: Option<&Bytes>, later: &[Bytes], batch: &[Bytes]) -> TrialRequest {
    let (base, later, batch) = (base.cloned(), later.to_vec(), batch.to_vec());
    TrialRequest { base, later, batch, ..TrialRequest::default() }
}

#[test]
fn a_kept_document_answers_as_one_that_is_loaded() {
    let (mut first, birth) = workpaper();
    let mut second = on(&first, 2);
    let mut trials = Trials::default();
    let mut later: Vec<Bytes> = Vec::new();
    let mut base: Option<Bytes> = None;
    let mut batch = vec![Bytes(birth)];
    for n in 0..30 {
        let report = both(&mut trials, &request(base.as_ref(), &later, &batch));
        assert!(report.per.iter().all(Result::is_ok));
        later.append(&mut batch);
        // The server keeps a save now and then, and goes on from that.
        if n % 7 == 6 {
            (base, later) = (Some(report.saved), Vec::new());
        }
        // Two write at once, and see each other's only now and then.
        let one = edit(&mut first, &[splice("effect", 0, 0, "影响"), set("party", &n.to_string())]);
        let two = edit(&mut second, &[splice("effect", n / 3, 0, "较坏")]);
        if n % 5 == 4 {
            first.apply(&[&two]).unwrap();
            second.apply(&[&one]).unwrap();
            let delete = edit(&mut first, &[splice("effect", 0, 2, "")]);
            second.apply(&[&delete]).unwrap();
            batch.extend([one, two, delete].map(Bytes));
        } else {
            batch.extend([one, two].map(Bytes));
            let (other, own) = (batch[1].clone(), batch[0].clone());
            first.apply(&[other]).unwrap();
            second.apply(&[own]).unwrap();
        }
    }
}

#[test]
fn what_was_not_taken_in_is_not_gone_on_from() {
    let (doc, birth) = workpaper();
    let mut trials = Trials::default();
    let birth = Bytes(birth);
    both(&mut trials, &request(None, &[], std::slice::from_ref(&birth)));
    let [one, two] = [2, 3].map(|n| {
        let mut doc = on(&doc, n);
        [0, 1].map(|_| Bytes(edit(&mut doc, &[splice("effect", 0, 0, &n.to_string())])))
    });
    // The second is set aside by a rule, which the sandbox does not know.
    let tried = [one[0].clone(), two[0].clone()];
    both(&mut trials, &request(None, std::slice::from_ref(&birth), &tried));
    let later = [birth, one[0].clone()];
    let report = both(&mut trials, &request(None, &later, &one[1..]));
    assert!(report.per[0].is_ok());
    // What rests on it has nothing to rest on; neither has junk.
    for faulty in [two[1].clone(), Bytes(b"junk".to_vec())] {
        let report = both(&mut trials, &request(None, &later, &[one[1].clone(), faulty]));
        assert!(report.per[0].is_ok() && report.per[1].is_err());
    }
    let report = both(&mut trials, &request(None, &later, &one[1..]));
    assert_eq!(paper(&report.reading.unwrap()).effect, "22");
}

#[test]
fn documents_tried_by_turns_are_not_mistaken_for_each_other() {
    let mut trials = Trials::default();
    let mut open: Vec<(Document, Vec<Bytes>)> = (0..6u8)
        .map(|n| {
            let birth = Birth::new().text("title", &format!("问题{n}"));
            let (doc, raw) = Document::born(DocKind::Workpaper, actor(n), &birth).unwrap();
            both(&mut trials, &request(None, &[], &[Bytes(raw.clone())]));
            (doc, vec![Bytes(raw)])
        })
        .collect();
    for n in 0..24 {
        let at = if n % 2 == 0 { 0 } else { n % open.len() };
        let (doc, later) = &mut open[at];
        let body = Bytes(edit(doc, &[set("party", &n.to_string())]));
        let report = both(&mut trials, &request(None, later, std::slice::from_ref(&body)));
        assert_eq!(report.reading, Some(doc.reading()));
        later.push(body);
    }
}

#[test]
fn a_brief_report_says_the_same_of_the_batch() {
    let (_, birth) = workpaper();
    let whole = request(None, &[], &[Bytes(birth)]);
    let brief = TrialRequest { brief: true, ..whole.clone() };
    let (whole, brief) = (try_batch(&whole).unwrap(), try_batch(&brief).unwrap());
    assert_eq!((brief.per, brief.saved, brief.heads), (whole.per, whole.saved, whole.heads));
    assert_eq!((brief.reading, brief.rendering), (None, None));
}
