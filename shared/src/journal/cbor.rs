//! CBOR helpers: indexed frames by `minicbor`, named records by `minicbor-serde`.
//!
//! Frames, headers and entries are indexed arrays: compact, and evolvable by adding fields at
//! the end. Commands, events, refusals and readings are named maps: they change more often,
//! and the same types print as JSON.
use minicbor::Encode;
use serde::{Serialize, de::DeserializeOwned};

/// Encodes a frame, header or entry.
pub fn to_vec<T: Encode<()>>(value: &T) -> Vec<u8> {
    let mut out = Vec::new();
    minicbor::encode(value, &mut out).expect("writing to memory cannot fail");
    out
}

/// Encodes a named record.
pub fn to_named<T: Serialize>(value: &T) -> Vec<u8> {
    minicbor_serde::to_vec(value).expect("our own records have a CBOR form")
}

/// Decodes a named record.
///
/// # Errors
/// The decoder's message when the bytes are not one.
pub fn from_named<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    minicbor_serde::from_slice(bytes).map_err(|e| e.to_string())
}

/// Decodes a frame, header or entry.
///
/// # Errors
/// The decoder's message when the bytes are not one.
pub fn from_slice<T: for<'b> minicbor::Decode<'b, ()>>(bytes: &[u8]) -> Result<T, String> {
    minicbor::decode(bytes).map_err(|e| e.to_string())
}
