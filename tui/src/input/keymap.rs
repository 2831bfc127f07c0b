//! From a key to its meaning in a place.
use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::{Action, BINDINGS};

/// Where the model is, as far as keys differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Context {
    /// The unlock screen.
    Unlock,
    /// A list.
    List,
    /// Typing what a list is narrowed to.
    Filter,
    /// A record's fields.
    Sheet,
    /// Inside a long text.
    Text,
    /// Inside a field of one line.
    Line,
    /// In a dialogue, on a choice or a button.
    Dialog,
    /// In a dialogue, in a field of one line.
    DialogLine,
    /// In a dialogue, in a long text.
    DialogText,
    /// In a menu of what may be done.
    Menu,
    /// In the search.
    Search,
    /// On the page of what happened to a record.
    History,
    /// On the help page.
    Help,
}

impl Context {
    /// Every place, in the order in which the help page has them.
    pub const ALL: [Self; 13] = [
        Self::List,
        Self::Filter,
        Self::Search,
        Self::Sheet,
        Self::Text,
        Self::Line,
        Self::Menu,
        Self::History,
        Self::Dialog,
        Self::DialogLine,
        Self::DialogText,
        Self::Unlock,
        Self::Help,
    ];

    /// Tells whether plain characters are text here.
    pub const fn takes_text(self) -> bool {
        matches!(
            self,
            Self::Unlock
                | Self::Filter
                | Self::Search
                | Self::Text
                | Self::Line
                | Self::DialogLine
                | Self::DialogText
        )
    }
}

/// A key with its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    /// The key.
    pub code: KeyCode,
    /// Control, Alt and Shift, as far as they matter.
    pub modifiers: KeyModifiers,
}

impl Key {
    /// A key alone.
    pub const fn plain(code: KeyCode) -> Self {
        Self { code, modifiers: KeyModifiers::NONE }
    }

    /// A key with Control.
    pub const fn ctrl(code: KeyCode) -> Self {
        Self { code, modifiers: KeyModifiers::CONTROL }
    }

    /// A key with Shift.
    pub const fn shift(code: KeyCode) -> Self {
        Self { code, modifiers: KeyModifiers::SHIFT }
    }

    /// Reads a key event; releases and repeats by release are nothing.
    ///
    /// A character that Shift makes is that character; the terminal may or may not name the
    /// modifier beside it.
    pub fn from_event(event: &KeyEvent) -> Option<Self> {
        if event.kind != KeyEventKind::Press {
            return None;
        }
        let mut modifiers =
            event.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
        if matches!(event.code, KeyCode::Char(_) | KeyCode::BackTab) {
            modifiers.remove(KeyModifiers::SHIFT);
        }
        Some(Self { code: event.code, modifiers })
    }
}

/// What a key does in some places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding {
    /// The key.
    pub key: Key,
    /// What it does.
    pub action: Action,
    /// Where.
    pub contexts: &'static [Context],
    /// Whether the footer names it; the help page names all.
    pub footer: bool,
}

/// Returns what is bound in a place, in the order of the table.
pub fn bindings(context: Context) -> impl Iterator<Item = &'static Binding> {
    BINDINGS.iter().filter(move |b| b.contexts.contains(&context))
}

/// A row of the help page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HelpRow {
    /// Heads the keys of a place.
    Place(Context),
    /// What a key does there, and its name.
    Key(Action, Context, String),
    /// The keys that show the main screens.
    Screens,
}

/// Returns the help page: every place with its keys. The screens' keys share one row.
pub fn help_rows() -> Vec<HelpRow> {
    let mut rows = Vec::new();
    for context in Context::ALL {
        rows.push(HelpRow::Place(context));
        rows.extend(bindings(context).filter_map(|b| match b.action {
            Action::Screen(1) => Some(HelpRow::Screens),
            Action::Screen(_) => None,
            action => Some(HelpRow::Key(action, context, key_name(b.key))),
        }));
    }
    rows
}

/// Returns what a key means in a place.
pub fn resolve(context: Context, key: Key) -> Option<Action> {
    bindings(context).find(|b| b.key == key).map(|b| b.action)
}

/// Returns the text of a key that stands for itself.
pub fn text_of(key: Key) -> Option<char> {
    match key.code {
        KeyCode::Char(c) if key.modifiers.is_empty() => Some(c),
        _ => None,
    }
}

/// Names a key as keyboards do: the same in every language.
pub fn key_name(key: Key) -> String {
    let name = match key.code {
        KeyCode::Char(' ') => "Space".to_owned(),
        KeyCode::Char(c) if key.modifiers.contains(KeyModifiers::CONTROL) => {
            c.to_ascii_uppercase().to_string()
        }
        KeyCode::Char(c) => c.to_string(),
        KeyCode::Enter => "Enter".to_owned(),
        KeyCode::Esc => "Esc".to_owned(),
        KeyCode::Tab => "Tab".to_owned(),
        KeyCode::BackTab => "Shift+Tab".to_owned(),
        KeyCode::Backspace => "Backspace".to_owned(),
        KeyCode::Delete => "Delete".to_owned(),
        KeyCode::Up => "Up".to_owned(),
        KeyCode::Down => "Down".to_owned(),
        KeyCode::Left => "Left".to_owned(),
        KeyCode::Right => "Right".to_owned(),
        KeyCode::Home => "Home".to_owned(),
        KeyCode::End => "End".to_owned(),
        KeyCode::PageUp => "PgUp".to_owned(),
        KeyCode::PageDown => "PgDn".to_owned(),
        KeyCode::F(n) => format!("F{n}"),
        other => format!("{other}"),
    };
    let mut prefix = String::new();
    for (modifier, word) in [
        (KeyModifiers::CONTROL, "Ctrl+"),
        (KeyModifiers::ALT, "Alt+"),
        (KeyModifiers::SHIFT, "Shift+"),
    ] {
        if key.modifiers.contains(modifier) {
            prefix.push_str(word);
        }
    }
    prefix + &name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things_in_one_place() {
        for context in Context::ALL {
            let all: Vec<_> = bindings(context).collect();
            for (i, a) in all.iter().enumerate() {
                let again = all[..i].iter().find(|b| b.key == a.key);
                assert!(again.is_none(), "{} in {context:?}", key_name(a.key));
            }
        }
    }

    #[test]
    fn where_text_is_typed_no_plain_character_is_a_command() {
        for context in Context::ALL.into_iter().filter(|c| c.takes_text()) {
            for binding in bindings(context) {
                assert_eq!(text_of(binding.key), None, "{context:?}");
            }
        }
    }

    #[test]
    fn help_and_back_are_one_key_away_everywhere() {
        let esc = Key::plain(KeyCode::Esc);
        for context in Context::ALL {
            assert_eq!(resolve(context, Key::plain(KeyCode::F(1))), Some(Action::Help));
            assert!(resolve(context, esc).is_some(), "{context:?}");
        }
    }

    #[test]
    fn only_presses_count() {
        let mut event = KeyEvent::new(KeyCode::Char('甲'), KeyModifiers::NONE);
        assert_eq!(Key::from_event(&event).and_then(text_of), Some('甲'));
        event.kind = KeyEventKind::Release;
        assert_eq!(Key::from_event(&event), None);
    }
}
