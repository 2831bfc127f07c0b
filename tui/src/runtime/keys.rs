//! From terminal events to messages, one at a time.
//!
//! A key may open a dialogue or a field, so what the next one means is asked only when it has
//! been answered: what is typed ahead of a slow screen goes where its writer meant it.
use std::collections::VecDeque;

use crossterm::event::{Event as Raw, KeyCode, KeyEvent, KeyModifiers};

use crate::{
    app::Message,
    input::{self, Context, Key},
};

/// Terminal events that are not answered yet.
#[derive(Debug)]
pub(super) struct Keys {
    waiting: VecDeque<Raw>,
    from: Source,
}

/// What a terminal sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// Bytes: a paste has brackets, and Alt is an Esc in front of the key. So a key that
    /// follows Esc at once looks like Alt; nothing here is bound to Alt, so it is meant as two.
    Bytes,
    /// Key events, as Windows has them: a paste comes as keys. Then an Enter between plain
    /// characters is a line end, never an answer to a dialogue.
    Events,
}

impl Keys {
    /// Makes an empty queue.
    pub(super) const fn new(from: Source) -> Self {
        Self { waiting: VecDeque::new(), from }
    }

    /// Puts an event behind the others.
    pub(super) fn push(&mut self, raw: Raw) {
        match raw {
            Raw::Key(key) if self.from == Source::Bytes && is_alt(&key) => {
                let modifiers = key.modifiers.difference(KeyModifiers::ALT);
                self.waiting.push_back(Raw::Key(KeyCode::Esc.into()));
                self.waiting.push_back(Raw::Key(KeyEvent::new(key.code, modifiers)));
            }
            raw => self.waiting.push_back(raw),
        }
    }

    /// Takes the next message, as it is meant in `context`. Characters that belong together
    /// are one text: input methods commit words as bursts.
    pub(super) fn next(&mut self, context: Context) -> Option<Message> {
        while let Some(raw) = self.waiting.pop_front() {
            let key = match raw {
                Raw::Paste(text) => return Some(Message::Paste(text)),
                ref other => match pressed(other) {
                    Some(key) => key,
                    None => continue,
                },
            };
            if context.takes_text()
                && let Some(text) = self.run(key)
            {
                let pasted = text.contains('\n');
                return Some(if pasted { Message::Paste(text) } else { Message::Text(text) });
            }
            if let Some(action) = input::resolve(context, key) {
                return Some(Message::Act(action));
            }
        }
        None
    }

    /// Takes the run of plain characters that begins with a key; none if it is no text.
    fn run(&mut self, first: Key) -> Option<String> {
        let mut text = String::new();
        match input::text_of(first) {
            Some(c) => text.push(c),
            None if self.ends_line(first) => text.push('\n'),
            None => return None,
        }
        while let Some(key) = self.waiting.front().and_then(pressed) {
            match input::text_of(key) {
                Some(c) => text.push(c),
                None if self.from == Source::Events && key == ENTER => text.push('\n'),
                None => break,
            }
            self.waiting.pop_front();
        }
        // One Enter after some characters is how people leave a field.
        if text.ends_with('\n') && text.matches('\n').count() == 1 && text.chars().count() > 1 {
            text.pop();
            self.waiting.push_front(Raw::Key(KeyCode::Enter.into()));
        }
        Some(text)
    }

    /// Tells whether an Enter at the front is a line end of a paste.
    fn ends_line(&self, key: Key) -> bool {
        let next = self.waiting.front().and_then(pressed).and_then(input::text_of);
        self.from == Source::Events && key == ENTER && next.is_some()
    }
}

const ENTER: Key = Key::plain(KeyCode::Enter);

fn is_alt(key: &KeyEvent) -> bool {
    key.modifiers.contains(KeyModifiers::ALT)
        && matches!(key.code, KeyCode::Char(_) | KeyCode::Enter | KeyCode::Tab)
}

fn pressed(raw: &Raw) -> Option<Key> {
    match raw {
        Raw::Key(key) => Key::from_event(key),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays keys; the context becomes `then` with the first action.
    fn played(from: Source, contexts: [Context; 2], codes: &[KeyCode]) -> String {
        let mut keys = Keys::new(from);
        codes.iter().for_each(|code| keys.push(Raw::Key((*code).into())));
        let mut out = String::new();
        let mut at = contexts[0];
        while let Some(message) = keys.next(at) {
            if matches!(message, Message::Act(_)) {
                at = contexts[1];
            }
            out += &format!("{message:?};");
        }
        out
    }

    use KeyCode::{Char, Enter};

    #[test]
    fn a_burst_of_characters_is_one_text() {
        let codes = [Char('会'), Char('议'), Char('纪')];
        assert_eq!(played(Source::Bytes, [Context::Text; 2], &codes), "Text(\"会议纪\");");
    }

    #[test]
    fn what_is_typed_ahead_goes_into_the_field_that_a_key_opens() {
        let codes = [Char('n'), Char('张'), Char('n'), Enter];
        let said = played(Source::Bytes, [Context::List, Context::DialogLine], &codes);
        assert_eq!(said, "Act(New);Text(\"张n\");Act(Enter);");
    }

    #[test]
    fn where_a_paste_comes_as_keys_an_enter_in_it_answers_no_dialogue() {
        let codes = [Char('问'), Enter, Char('答')];
        assert_eq!(played(Source::Events, [Context::DialogLine; 2], &codes), "Paste(\"问\\n答\");");
        let alone = played(Source::Events, [Context::DialogLine; 2], &[Enter]);
        assert_eq!(alone, "Act(Enter);");
        let left = played(Source::Events, [Context::DialogLine; 2], &[Char('问'), Enter]);
        assert_eq!(left, "Text(\"问\");Act(Enter);");
    }

    #[test]
    fn elsewhere_fast_typing_leaves_a_field_with_enter() {
        let codes = [Char('张'), Enter, Char('科')];
        let said = played(Source::Bytes, [Context::DialogLine; 2], &codes);
        assert_eq!(said, "Text(\"张\");Act(Enter);Text(\"科\");");
    }

    #[test]
    fn a_key_right_after_esc_is_not_lost() {
        let mut keys = Keys::new(Source::Bytes);
        keys.push(Raw::Key(KeyEvent::new(Char('6'), KeyModifiers::ALT)));
        keys.push(Raw::Key(KeyEvent::new(Char('l'), KeyModifiers::ALT | KeyModifiers::CONTROL)));
        let mut said = |at| keys.next(at).map(|m| format!("{m:?}")).unwrap_or_default();
        assert_eq!(said(Context::Text), "Act(Back)");
        assert_eq!(said(Context::Sheet), "Act(Screen(6))");
        assert_eq!(said(Context::List), "Act(Back)");
        assert_eq!(said(Context::List), "Act(Lock)");
    }

    #[test]
    fn outside_texts_characters_are_keys() {
        let codes = [Char('n'), Char('n')];
        assert_eq!(played(Source::Bytes, [Context::List; 2], &codes), "Act(New);Act(New);");
    }
}
