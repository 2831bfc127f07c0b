//! The cross-group consultation (即时会商), form F6 of domain §2.4.
use serde::{Deserialize, Serialize};

use super::{ItemId, PersonId};

/// What one participant says to the question; kept beside the others', never voted away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Its identity.
    pub id: ItemId,
    /// Who holds it, as written; the journal confirms it by the actor.
    pub person: Option<PersonId>,
    /// The position.
    pub text: String,
    /// The actor that opened it, in hexadecimal.
    pub actor: String,
    /// Why it was taken out; the item stays visible, struck through (domain §5.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed: Option<String>,
}

/// Something someone is to do after the consultation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionItem {
    /// Its identity.
    pub id: ItemId,
    /// Who.
    pub who: String,
    /// What.
    pub what: String,
    /// By when, as entered.
    pub due: String,
    /// Why it was taken out; the item stays visible, struck through (domain §5.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed: Option<String>,
}

/// What a consultation document says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ConsultationReading {
    /// The matter, in one line.
    pub title: String,
    /// The question put.
    pub question: String,
    /// Positions, in the order all devices agree on.
    pub positions: Vec<Position>,
    /// Rules that apply.
    pub rules: String,
    /// The label the session arrives at (定性). A judgement field.
    pub characterisation: String,
    /// Whether the evidence suffices. A judgement field.
    pub sufficiency: String,
    /// What is to be done. A judgement field.
    pub disposition: String,
    /// The minutes' free text.
    pub minutes: String,
    /// Actions agreed.
    pub actions: Vec<ActionItem>,
}
