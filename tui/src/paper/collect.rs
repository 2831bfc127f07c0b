//! From what a space's journal says about a record to its form.
use shared::{
    crypto::hash,
    model::{DocId, DocKind, PersonId, Timestamp},
    workflow::{
        Matter, SpaceState, Step,
        command::{OnPaper, ReviewOutcome},
        deadline::{local_day, start_of_day},
        event::Meaning,
        record::Record,
    },
};

use super::{FormKind, How, PaperForm, PaperSignature, SignedAs};

/// Gathers the form of a record: its standing signed version or, where there is none, `draft`,
/// the rendering of the document as it is. `None` if the record has no form on paper, or
/// there is neither.
pub fn form_of(state: &SpaceState, doc: DocId, draft: Option<&str>) -> Option<PaperForm> {
    let record = state.record(doc)?;
    let kind = match &record.matter {
        Matter::Interview(_) => FormKind::Interview,
        Matter::Workpaper(_) => FormKind::Workpaper,
        Matter::Notice(_) | Matter::Desk(_) => FormKind::Notice,
        Matter::Consultation(_) => FormKind::Consultation,
        Matter::Edition(e) => e.edition.kind.into(),
        _ => return None,
    };
    let shown = match &record.matter {
        Matter::Desk(d) => Some(&d.notice.edition),
        Matter::Edition(e) => Some(&e.edition),
        _ => None,
    };
    let standing = record.standing();
    let (text, signed) = match (shown, standing) {
        // A masked edition is not what was signed.
        (Some(e), _) => (e.rendering.clone(), hash::rendering(&e.rendering) == e.rendering_hash),
        (None, Some(version)) => (version.text.clone(), true),
        (None, None) => (draft?.to_owned(), false),
    };
    let number = match &record.matter {
        Matter::Desk(d) => Some(d.notice.number.clone()),
        Matter::Edition(e) => Some(e.edition.number.clone()),
        _ => record.official.clone().or_else(|| record.provisional.clone()),
    };
    let gather = Gather { state, record };
    Some(PaperForm {
        number: number.unwrap_or_default(),
        signed,
        signatures: gather.signatures(),
        remarks: gather.remarks(),
        ..blank(state, kind, text)
    })
}

impl PaperForm {
    /// Makes the form of a document that is no record of its space yet.
    pub fn draft(state: &SpaceState, kind: DocKind, text: String) -> Self {
        blank(state, kind.into(), text)
    }
}

/// A form that nobody has signed and that has no number.
fn blank(state: &SpaceState, kind: FormKind, text: String) -> PaperForm {
    let info = state.info.as_ref();
    PaperForm {
        kind,
        text,
        number: String::new(),
        issuer: info.and_then(|i| i.group.as_ref()).map(|g| g.name.clone()).unwrap_or_default(),
        signed: false,
        training: info.and_then(|i| i.round.as_ref()).is_some_and(|r| r.training),
        signatures: Vec::new(),
        remarks: Vec::new(),
    }
}

struct Gather<'a> {
    state: &'a SpaceState,
    record: &'a Record,
}

impl Gather<'_> {
    fn name(&self, person: PersonId) -> String {
        let member = self.state.members.get(&person).map(|m| m.name.clone());
        let guest = || {
            self.state.office_people().iter().find(|g| g.person == person).map(|g| g.name.clone())
        };
        member.or_else(guest).unwrap_or_else(|| person.to_string())
    }

    /// The moment in the zone of the place, to the minute; in UTC before there are rules.
    fn at(&self, at: Timestamp) -> String {
        let zone = self.state.rule_pack.as_ref().map(|pack| pack.utc_offset);
        let local = zone.and_then(|zone| {
            let day = local_day(at, zone).ok()?;
            let minutes = at.since(start_of_day(day, zone).ok()?) / 60_000;
            Some(format!("{day} {:02}:{:02}", minutes / 60, minutes % 60))
        });
        local.unwrap_or_else(|| at.to_string())
    }

    fn sign(&self, role: SignedAs, person: PersonId, at: Timestamp) -> PaperSignature {
        let (name, at) = (self.name(person), self.at(at));
        PaperSignature { role, name, at, how: How::Device, stand_in: None }
    }

    fn on_paper(&self, paper: &OnPaper) -> How {
        How::OnPaper { witnesses: paper.witnesses.iter().map(|p| self.name(*p)).collect() }
    }

    fn signatures(&self) -> Vec<PaperSignature> {
        let given = self.record.standing().map_or(&[][..], |v| &v.signatures);
        let mut signatures: Vec<PaperSignature> = given
            .iter()
            .map(|s| {
                let role = match s.meaning {
                    Meaning::Interviewer => SignedAs::Interviewer,
                    Meaning::Step(Step::Maker) => SignedAs::Maker,
                    Meaning::Step(Step::Deputy) => SignedAs::Deputy,
                    Meaning::Step(Step::Leader) | Meaning::Proposal => SignedAs::Leader,
                    Meaning::Minutes => SignedAs::Participant,
                };
                let signature = self.sign(role, s.person, s.at);
                PaperSignature { stand_in: s.stand_in.clone(), ..signature }
            })
            .collect();
        match &self.record.matter {
            Matter::Interview(talk) => {
                let standing = self.record.standing().map(|v| v.rendering);
                let review = talk.review.as_ref().filter(|r| standing == Some(r.rendering));
                signatures.extend(review.map(|r| PaperSignature {
                    role: SignedAs::Interviewee,
                    name: String::new(),
                    at: self.at(r.at),
                    how: match (&r.on_paper, r.outcome) {
                        (Some(paper), _) => self.on_paper(paper),
                        (None, ReviewOutcome::Declined) => {
                            How::Not { why: "谈话对象未签名".into() }
                        }
                        (None, ReviewOutcome::NotApplicable) => {
                            How::Not { why: "未能交谈话对象核对".into() }
                        }
                        (None, ReviewOutcome::Signed) => {
                            How::Not { why: "已核对，签名见原件".into() }
                        }
                        (None, ReviewOutcome::Corrected) => {
                            How::Not { why: "已核对并更正，签名见原件".into() }
                        }
                    },
                    stand_in: None,
                }));
            }
            Matter::Notice(notice) => {
                let approved = notice.approved.as_ref();
                signatures
                    .extend(approved.map(|(by, _, at)| self.sign(SignedAs::Approver, *by, *at)));
            }
            Matter::Desk(desk) => {
                let leader = desk.notice.issued_by;
                signatures.push(self.sign(SignedAs::Leader, leader, desk.issued_at));
                signatures.extend(desk.acknowledged.as_ref().map(|a| match &a.on_paper {
                    // The paper shows who signed; here only who saw it is known.
                    Some(paper) => PaperSignature {
                        name: String::new(),
                        how: self.on_paper(paper),
                        ..self.sign(SignedAs::UnitHead, a.by, a.at)
                    },
                    None => self.sign(SignedAs::UnitHead, a.by, a.at),
                }));
            }
            _ => {}
        }
        signatures
    }

    fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        match &self.record.matter {
            Matter::Interview(talk) => {
                for c in &talk.corrections {
                    let (by, at) = (self.name(c.by), self.at(c.at));
                    let text = &c.correction.text;
                    remarks.push(format!("谈话对象更正：{text}（{by} 记，{at}）"));
                }
            }
            Matter::Consultation(talk) => {
                for (by, at, text) in &talk.dissents {
                    remarks.push(format!(
                        "保留意见：{text}（{}，{}）",
                        self.name(*by),
                        self.at(*at)
                    ));
                }
            }
            _ => {}
        }
        if let Some(version) = self.record.standing() {
            for s in &version.signatures {
                if let Some(reason) = &s.gate_override {
                    let by = self.name(s.person);
                    remarks.push(format!("证据要件未齐而签署，理由：{reason}（{by}）"));
                }
            }
        }
        remarks
    }
}
