//! Forms on paper: F1, F2, F4 and F6 of domain §2.4 as A4 documents to print and sign.
//!
//! A form is laid out from the *text that was signed*, not from the document as it is now:
//! printing always offers the signed version, and the twelve digits at the foot of every page
//! are computed here from that very text. Whoever signs on paper signs what they name.
mod collect;
mod layout;
mod lines;

pub use collect::form_of;

use std::io::Cursor;

use shared::{
    crypto::hash,
    model::{Digest, DocKind},
};

/// One form, ready to be laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperForm {
    /// Which form.
    pub kind: FormKind,
    /// The rendered text that signatures pin, byte for byte.
    pub text: String,
    /// The number under which people speak of it, official if there is one.
    pub number: String,
    /// Who issues it: 某市委第三巡察组.
    pub issuer: String,
    /// Whether this version's signatures stand; a draft says so on every page.
    pub signed: bool,
    /// A training round (演练): said on every page.
    pub training: bool,
    /// Signatures given, in order.
    pub signatures: Vec<PaperSignature>,
    /// What else belongs on the paper: corrections, dissent, the reason of an override.
    pub remarks: Vec<String>,
}

/// The forms that can be printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormKind {
    /// F1 个别谈话记录.
    Interview,
    /// F2 问题底稿.
    Workpaper,
    /// F4 立行立改通知单.
    Notice,
    /// F6 即时会商纪要.
    Consultation,
}

impl From<DocKind> for FormKind {
    fn from(kind: DocKind) -> Self {
        match kind {
            DocKind::Interview => Self::Interview,
            DocKind::Workpaper => Self::Workpaper,
            DocKind::Notice => Self::Notice,
            DocKind::Consultation => Self::Consultation,
        }
    }
}

/// As what someone signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignedAs {
    /// 谈话人、记录人.
    Interviewer,
    /// 谈话对象.
    Interviewee,
    /// 承办人.
    Maker,
    /// 副组长.
    Deputy,
    /// 组长.
    Leader,
    /// 批准人: the leading group's delegate.
    Approver,
    /// 被巡察单位主要负责人.
    UnitHead,
    /// 参加会商人员.
    Participant,
}

/// One signature as it is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperSignature {
    /// As what.
    pub role: SignedAs,
    /// The name.
    pub name: String,
    /// When, in the zone of the place; empty if it is not known.
    pub at: String,
    /// How it was given.
    pub how: How,
    /// Why a stand-in signed in someone's place; none if nobody did.
    pub stand_in: Option<String>,
}

/// How a signature was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// With a device's key.
    Device,
    /// On paper, of which a scan is kept.
    OnPaper {
        /// Those who saw it.
        witnesses: Vec<String>,
    },
    /// Not signed, and why; said neutrally.
    Not {
        /// 谈话对象未签名.
        why: String,
    },
}

impl PaperForm {
    /// Returns the hash of the text, as signatures pin it.
    pub fn digest(&self) -> Digest {
        hash::rendering(&self.text)
    }
}

/// Lays a form out as an office document (`.docx`).
///
/// Fonts are named, not carried: 宋体 (SimSun) and 仿宋 (FangSong), the fonts of official
/// papers. A machine without them takes its own fonts for Chinese.
pub fn docx(form: &PaperForm) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    // Writing to memory does not fail.
    match layout::document(form).pack(&mut out) {
        Ok(()) => out.into_inner(),
        Err(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
