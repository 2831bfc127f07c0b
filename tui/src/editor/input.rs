//! Cleans what comes from a keyboard or a clipboard.

use std::borrow::Cow;

/// Makes typed or pasted text fit for a note: every line end becomes a line feed; control
/// characters, marks of byte order and the invisible marks that turn the direction of writing are
/// left out, so that a reader sees all there is in the order it is stored. Tabs stay.
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| fate(c) == Fate::Stays) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match fate(c) {
            Fate::Stays => out.push(c),
            Fate::EndsLine => {
                if c == '\r' {
                    chars.next_if_eq(&'\n');
                }
                out.push('\n');
            }
            Fate::Goes => {}
        }
    }
    Cow::Owned(out)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Stays,
    EndsLine,
    Goes,
}

fn fate(c: char) -> Fate {
    match c {
        '\n' | '\t' => Fate::Stays,
        '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Fate::EndsLine,
        '\u{feff}' | '\u{fff9}'..='\u{fffb}' => Fate::Goes,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => Fate::Goes,
        c if c.is_control() => Fate::Goes,
        _ => Fate::Stays,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_end_becomes_a_line_feed() {
        assert_eq!(clean("问：\r\n答：\r补充\u{2028}完"), "问：\n答：\n补充\n完");
        assert_eq!(clean("甲\r\r\n乙"), "甲\n\n乙");
    }

    #[test]
    fn invisible_characters_are_left_out() {
        assert_eq!(clean("\u{feff}张\u{1b}[31m某\0\u{202e}"), "张[31m某");
    }

    #[test]
    fn plain_text_is_not_copied() {
        assert!(matches!(clean("一、基本情况\n\t（一）👨‍👩‍👧"), Cow::Borrowed(_)));
    }
}
