//! Identities, born on the device that first needs them.
//!
//! An id is 128 bits, sortable by time of birth (UUID version 7) and never reused. Numbers
//! that people read ([`super::number`]) are labels: nothing is ever keyed by them.
use std::{fmt, str::FromStr};

use minicbor::{Decode, Decoder, Encode, Encoder};
use rand_core::Rng;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Timestamp;

/// An id that does not have the form of one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an id: {0}")]
pub struct IdError(pub String);

macro_rules! id_type {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Draws a new id, sortable by `now`.
            pub fn mint<R: Rng + ?Sized>(now: Timestamp, rng: &mut R) -> Self {
                let mut random = [0u8; 10];
                rng.fill_bytes(&mut random);
                Self(uuid::Builder::from_unix_timestamp_millis(now.unix_millis(), &random).into_uuid())
            }

            /// Takes the 16 bytes of an id.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// Returns the 16 bytes of the id.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0.simple())
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Uuid::parse_str(text).map(Self).map_err(|_| IdError(text.to_owned()))
            }
        }

        impl<C> Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self,
                e: &mut Encoder<W>,
                _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.bytes(self.as_bytes())?.ok()
            }
        }

        impl<'b, C> Decode<'b, C> for $name {
            fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
                super::digest::fixed(d).map(Self::from_bytes)
            }
        }
    };
}

id_type!(
    /// One authorised wave of inspections (轮次).
    RoundId
);
id_type!(
    /// An inspected organisation (被巡察单位).
    UnitId
);
id_type!(
    /// A team authorised for the round (巡察组).
    GroupId
);
id_type!(
    /// One group inspecting one unit in one round (巡察任务).
    EngagementId
);
id_type!(
    /// A person with an account.
    PersonId
);
id_type!(
    /// The audience a document belongs to (知悉范围).
    SpaceId
);
id_type!(
    /// A record: an Automerge document, or a matter that lives in events alone.
    DocId
);
id_type!(
    /// One item of a list inside a record: a statement, a fact, a position, a measure.
    ItemId
);
id_type!(
    /// One piece of evidence (佐证材料).
    EvidenceId
);

/// A device, named by the first 16 bytes of the hash of its public key.
///
/// Unlike the other ids it is not drawn: a device cannot choose another's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeviceId(Uuid);

impl DeviceId {
    /// Takes the 16 bytes of a device id.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// Returns the 16 bytes of the id.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// Returns the short tag people see beside provisional numbers (three base-32 signs).
    pub fn tag(&self) -> String {
        data_encoding::BASE32_NOPAD.encode(self.as_bytes()).chars().take(3).collect()
    }
}

impl fmt::Display for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.simple())
    }
}

impl fmt::Debug for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeviceId({})", self.0.simple())
    }
}

impl FromStr for DeviceId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        Uuid::parse_str(text).map(Self).map_err(|_| IdError(text.to_owned()))
    }
}

impl<C> Encode<C> for DeviceId {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.bytes(self.as_bytes())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for DeviceId {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        super::digest::fixed(d).map(Self::from_bytes)
    }
}
