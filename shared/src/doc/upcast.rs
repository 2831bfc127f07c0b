//! Old shapes, read as they are.
//!
//! History is never migrated: a document keeps the shape in which it was born. A field that
//! the shape lacks reads as empty and cannot be written as long as it needs a container,
//! for a container made later by two laptops at once would hide one of two texts.
use super::schema::{Field, FieldType};

/// Returns whether a document born in shape `schema` has a place for `field`.
///
/// Scalars need none: their key appears when first set, in any shape.
pub fn has_place(schema: u32, field: &Field) -> bool {
    match field.ty {
        FieldType::Text | FieldType::Set(_) | FieldType::List(_) => field.since <= schema,
        FieldType::Scalar(_) | FieldType::Judgement(_) => true,
    }
}
