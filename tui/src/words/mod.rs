//! All words that people read, in both languages.
//!
//! Every text is a key of `locales/*/tui.ftl`, checked when the program is compiled; the
//! functions here put a value into words by an exhaustive match, so that a new refusal
//! cannot be without its sentence. The loader is passed along, never global: tests in two
//! languages run side by side.
mod dialog;
mod event;
mod field;
pub(crate) mod help;
mod keys;
mod refusal;
mod said;
mod stage;

use std::{borrow::Cow, fmt};

use i18n_embed::{
    I18nAssets, LanguageLoader,
    fluent::{FluentLanguageLoader, fluent_language_loader},
};
use shared::model::PersonId;
use unic_langid::LanguageIdentifier;

use crate::app::Snapshot;

/// Puts a key of the locales into words.
macro_rules! t {
    ($words:expr, $($rest:tt)*) => { i18n_embed_fl::fl!($words.loader, $($rest)*) };
}
pub(crate) use t;

/// A language of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// Simplified Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

impl Language {
    /// Chooses by the value of `LANG` or `LC_ALL`: English where it says so, else Chinese.
    pub fn of_locale(locale: &str) -> Self {
        if locale.starts_with("en") { Self::En } else { Self::Zh }
    }

    fn id(self) -> LanguageIdentifier {
        let name = match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        };
        name.parse().unwrap_or_default()
    }
}

/// The words of one language.
pub struct Words {
    pub(crate) loader: FluentLanguageLoader,
    /// Which language.
    pub language: Language,
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Words").field(&self.language).finish()
    }
}

/// Languages that are built into the program.
struct Locales;

impl I18nAssets for Locales {
    fn get_files(&self, file_path: &str) -> Vec<Cow<'_, [u8]>> {
        let text: &'static [u8] = match file_path {
            "zh-CN/tui.ftl" => include_bytes!("../../locales/zh-CN/tui.ftl"),
            "en/tui.ftl" => include_bytes!("../../locales/en/tui.ftl"),
            _ => return Vec::new(),
        };
        vec![Cow::Borrowed(text)]
    }

    fn filenames_iter(&self) -> Box<dyn Iterator<Item = String> + '_> {
        Box::new(["zh-CN/tui.ftl", "en/tui.ftl"].into_iter().map(str::to_owned))
    }
}

impl Words {
    /// Names a person; one whom this laptop does not know by the start of their id.
    pub fn person(&self, known: &Snapshot, person: PersonId) -> String {
        known.name(person).map_or_else(|| self.unknown(&person.to_string()), str::to_owned)
    }

    /// Names somebody of whom only the id is known.
    pub fn unknown(&self, id: &str) -> String {
        let start: String = id.chars().take(4).collect();
        t!(self, "person-unknown-id", id = start)
    }

    /// Puts a remark behind something, in the brackets of the language.
    pub fn bracketed(&self, what: impl Into<String>, note: impl Into<String>) -> String {
        t!(self, "bracketed", what = what.into(), note = note.into())
    }

    /// Loads a language. What English lacks would be said in Chinese; a test keeps it whole.
    pub fn new(language: Language) -> Self {
        let loader = fluent_language_loader!();
        // Both files are part of the program: what fails here fails in every test.
        let loaded = loader.load_languages(&Locales, &[language.id()]);
        debug_assert!(loaded.is_ok(), "{loaded:?}");
        loader.set_use_isolating(false);
        Self { loader, language }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    /// The arguments of each key.
    fn keys(ftl: &str) -> BTreeMap<String, Vec<String>> {
        let lines = ftl.lines().filter(|l| !l.starts_with('#'));
        lines
            .filter_map(|l| l.split_once(" = "))
            .map(|(key, text)| {
                let mut used: Vec<String> = text
                    .split('$')
                    .skip(1)
                    .map(|t| t.chars().take_while(char::is_ascii_alphanumeric).collect())
                    .collect();
                used.sort();
                used.dedup();
                (key.to_owned(), used)
            })
            .collect()
    }

    #[test]
    fn english_is_english() {
        let han = |c: &char| ('\u{4e00}'..='\u{9fff}').contains(c);
        let left: Vec<&str> = include_str!("../../locales/en/tui.ftl")
            .lines()
            .filter(|l| l.chars().any(|c| han(&c)))
            .collect();
        assert!(left.is_empty(), "{left:?}");
    }

    #[test]
    fn english_says_all_that_chinese_says() {
        let zh = keys(include_str!("../../locales/zh-CN/tui.ftl"));
        let en = keys(include_str!("../../locales/en/tui.ftl"));
        assert_eq!(zh, en);
        assert!(zh.len() > 600);
    }
}
