//! Others' text on a terminal: what a terminal would obey is shown as something it cannot.
//!
//! A title or a name may hold what redraws the screen, writes the clipboard (OSC 52) or turns
//! the direction in which the rest of the line is read.
use std::borrow::Cow;

/// What stands for a character that a terminal would obey.
const SHOWN: char = '\u{fffd}';

/// Returns text for people, with U+FFFD for every control character other than a tab or the
/// end of a line, and for every one that turns the direction of writing.
pub fn plain(text: &str) -> Cow<'_, str> {
    match text.contains(obeyed) {
        false => Cow::Borrowed(text),
        true => Cow::Owned(text.chars().map(|c| if obeyed(c) { SHOWN } else { c }).collect()),
    }
}

/// Returns JSON that reads the same, with every control character escaped that JSON itself
/// leaves as it is: a terminal obeys some of those too.
pub fn plain_json(json: &str) -> Cow<'_, str> {
    // Outside strings JSON knows none of them.
    match json.contains(above_ascii) {
        false => Cow::Borrowed(json),
        true => {
            let escaped = |c: char| match above_ascii(c) {
                true => format!("\\u{:04x}", u32::from(c)),
                false => c.to_string(),
            };
            Cow::Owned(json.chars().map(escaped).collect())
        }
    }
}

fn obeyed(c: char) -> bool {
    let turns = matches!(c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || (c.is_control() && !matches!(c, '\t' | '\n'))
}

/// Tells a control character that JSON does not escape: U+007F to U+009F.
fn above_ascii(c: char) -> bool {
    c.is_control() && c >= '\u{7f}'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_shown_and_the_rest_stays() {
        let title = "甲局\u{1b}]52;c;5LmZ\u{7}\u{9b}2J\u{202e}案\r\t一\n二";
        assert_eq!(
            plain(title),
            "甲局\u{fffd}]52;c;5LmZ\u{fffd}\u{fffd}2J\u{fffd}案\u{fffd}\t一\n二"
        );
        assert!(matches!(plain("甲局采购问题"), Cow::Borrowed(_)));
    }

    #[test]
    fn json_says_the_same_and_holds_no_control_character() {
        let said = serde_json::json!({ "title": "甲\u{1b}[2J\u{7f}\u{9b}2J\u{85}乙" });
        let shown = plain_json(&said.to_string()).into_owned();
        assert!(!shown.contains(char::is_control), "{shown}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).ok(), Some(said));
    }
}
