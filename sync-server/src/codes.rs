//! One-time enrolment codes.
//!
//! Twenty letters and digits: the first four find the code, the other sixteen (80 bits) are
//! secret and kept only as a hash. So a wrong guess costs a try of the code it was meant for,
//! and of no other.
use data_encoding::BASE32;
use shared::{
    crypto::{Context, hash::hash},
    model::{Digest, PersonId, Timestamp},
};

use crate::store::Code;

const SECRET: Context = Context("xunji enrolment code");
/// How long a code is good for.
pub const LIFE_MILLIS: i64 = 10 * 60 * 1000;
/// How many wrong guesses a code bears.
pub const TRIES: u32 = 5;
const SELECTOR: usize = 4;
const LENGTH: usize = 20;

/// Draws a code. Returns the text for the person and the row for the store.
///
/// # Errors
/// When the system gives no random bytes.
pub fn draw(person: PersonId, now: Timestamp) -> Result<(String, Code), getrandom::Error> {
    // 100 bits of 104 are used.
    let mut random = [0; 13];
    getrandom::fill(&mut random)?;
    let signs: String = BASE32.encode(&random).chars().take(LENGTH).collect();
    let (selector, secret) = signs.split_at(SELECTOR);
    let code = Code {
        selector: selector.to_owned(),
        secret: hash(SECRET, &[secret.as_bytes()]),
        person,
        expires: now.plus_millis(LIFE_MILLIS),
        tries: TRIES,
    };
    let groups: Vec<&str> = (0..LENGTH / 4).map(|i| &signs[i * 4..i * 4 + 4]).collect();
    Ok((groups.join("-"), code))
}

/// Reads what a person typed: capitals or not, with or without hyphens and spaces. Returns
/// both halves, the second as a hash; `None` if it cannot be a code.
pub fn read(text: &str) -> Option<(String, Digest)> {
    let signs: String = text
        .chars()
        .filter(|c| !matches!(c, '-' | ' '))
        .take(LENGTH + 1)
        .map(|c| c.to_ascii_uppercase())
        .collect();
    let whole = signs.len() == LENGTH && signs.is_ascii();
    let (selector, secret) = whole.then(|| signs.split_at(SELECTOR))?;
    Some((selector.to_owned(), hash(SECRET, &[secret.as_bytes()])))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let (text, code) = draw(PersonId::from_bytes([1; 16]), Timestamp(0)).unwrap();
        assert_eq!(text.len(), 24);
        let wanted = Some((code.selector, code.secret));
        assert_eq!(read(&text), wanted);
        assert_eq!(read(&text.to_lowercase().replace('-', " ")), wanted);
        assert_eq!(read(&text[1..]), None);
        assert_eq!(read(&format!("{text}A")), None);
        assert_eq!(read("谈话谈话谈话谈话谈话谈话谈话谈话谈话谈话"), None);
    }
}
