//! Arguments that name fields and values.
use shared::{
    doc::{
        Edit,
        schema::{self, Address, FieldType, ScalarType},
    },
    model::{DocKind, FieldPath, Value},
};

use super::failure::Failure;

/// Splits `FIELD=VALUE`.
pub(super) fn pair(text: &str) -> Result<(String, String), Failure> {
    match text.split_once('=') {
        Some((field, value)) => Ok((field.trim().to_owned(), value.to_owned())),
        None => Err(Failure::Unreadable { what: "FIELD=VALUE", text: text.to_owned() }),
    }
}

/// Makes the edit that sets a field of a kind of document; sets take one member each time.
pub(super) fn set(kind: DocKind, field: &str, text: &str) -> Result<Edit, Failure> {
    let path = FieldPath(field.to_owned());
    let unreadable =
        || Failure::Unreadable { what: "FIELD=VALUE", text: format!("{field}={text}") };
    let found = match schema::address(kind, &path) {
        Some(Address::Top(f) | Address::ItemField(_, _, f)) => f,
        _ => return Err(unreadable()),
    };
    Ok(match found.ty {
        FieldType::Text => Edit::ReplaceText { field: path, text: text.to_owned() },
        FieldType::Set(_) => Edit::AddMember { field: path, member: text.to_owned() },
        FieldType::Scalar(ty) | FieldType::Judgement(ty) => {
            Edit::SetField { field: path, value: value(ty, text).ok_or_else(unreadable)? }
        }
        FieldType::List(_) => return Err(unreadable()),
    })
}

/// Reads a scalar value; an empty text clears the field.
pub(super) fn value(ty: ScalarType, text: &str) -> Option<Value> {
    if text.is_empty() {
        return Some(Value::Empty);
    }
    match ty {
        ScalarType::Int => text.parse().ok().map(Value::Int),
        ScalarType::Bool => text.parse().ok().map(Value::Bool),
        ScalarType::Choice(names) => names.contains(&text).then(|| Value::Text(text.to_owned())),
        ScalarType::Text | ScalarType::Id => Some(Value::Text(text.to_owned())),
    }
}

/// Reads an amount in yuan, with at most two decimals, as fen.
pub(super) fn fen(yuan: &str) -> Result<i64, Failure> {
    let unreadable = || Failure::Unreadable { what: "YUAN", text: yuan.to_owned() };
    let (whole, part) = yuan.split_once('.').unwrap_or((yuan, ""));
    if part.len() > 2 || whole.starts_with('-') {
        return Err(unreadable());
    }
    let whole: i64 = whole.parse().map_err(|_| unreadable())?;
    let part: i64 = format!("{part:0<2}").parse().map_err(|_| unreadable())?;
    whole.checked_mul(100).and_then(|f| f.checked_add(part)).ok_or_else(unreadable)
}

/// Reads an ISO date.
pub(super) fn date(text: &str) -> Result<jiff::civil::Date, String> {
    text.parse().map_err(|e: jiff::Error| e.to_string())
}

/// Reads a moment with its offset: 2026-05-13T18:00:00+08:00.
pub(super) fn moment(text: &str) -> Result<shared::model::Timestamp, String> {
    let at: jiff::Timestamp = text.parse().map_err(|e: jiff::Error| e.to_string())?;
    Ok(shared::model::Timestamp(at.as_millisecond()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn amounts_are_read_to_the_fen() {
        assert_eq!(fen("116000").unwrap(), 11_600_000);
        assert_eq!(fen("0.5").unwrap(), 50);
        assert_eq!(fen("3.21").unwrap(), 321);
        for bad in ["", "-1", "1.234", "十", "9223372036854775807"] {
            assert!(fen(bad).is_err(), "{bad}");
        }
    }
}
