//! `--help` and what is said of a wrong command line, in the language in force.
//!
//! The English stands in the comments of the commands; [`crate::words`] has the Chinese. Only
//! who asks for help, or types what cannot be read, pays for the translation.
use std::{ffi::OsString, io::Write, process::ExitCode};

use clap::{
    Arg, Command, CommandFactory,
    builder::StyledStr,
    error::{ContextKind, ContextValue, ErrorKind},
};

use super::Cli;
use crate::words::{
    Language,
    help::{self, Wrong},
};

/// Prints why the command line was not taken, or the help that it asks for, and returns the
/// exit code: 0 for help, 2 for usage.
pub(super) fn print(error: &clap::Error, args: &[OsString]) -> ExitCode {
    let code = ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
    // Nothing is left to do if the terminal is gone.
    let _ = match language(args) {
        Language::En => error.print(),
        Language::Zh => in_chinese(args),
    };
    code
}

fn in_chinese(args: &[OsString]) -> std::io::Result<()> {
    match translated().try_get_matches_from(args) {
        Err(e) if is_wrong(e.kind()) => writeln!(std::io::stderr(), "{}", said(&e)),
        Err(help) => help.print(),
        // What was refused a moment ago is not taken now.
        Ok(_) => Ok(()),
    }
}

/// Finds the language where the command line itself was not taken.
fn language(args: &[OsString]) -> Language {
    let english = |pair: &[OsString]| pair[0] == "--lang" && pair[1] == "en";
    match args.windows(2).any(english) || args.iter().any(|a| a == "--lang=en") {
        true => Language::En,
        false => Language::Zh,
    }
}

const fn is_wrong(kind: ErrorKind) -> bool {
    use ErrorKind::{DisplayHelp, DisplayHelpOnMissingArgumentOrSubcommand, DisplayVersion};
    !matches!(kind, DisplayHelp | DisplayHelpOnMissingArgumentOrSubcommand | DisplayVersion)
}

/// Returns the whole command line with its help in Chinese.
fn translated() -> Command {
    let mut command = Cli::command();
    // Now the flags and the command that print help are there, too.
    command.build();
    translate(command)
}

fn translate(command: Command) -> Command {
    let about = command.get_about().map(chinese);
    let template = format!(
        "{{before-help}}{{about-with-newline}}\n{} {{usage}}\n\n{{all-args}}{{after-help}}",
        help::USAGE
    );
    let mut command = command
        .help_template(template)
        .subcommand_help_heading(help::COMMANDS)
        .subcommand_value_name(help::COMMANDS)
        .mut_args(argument)
        .mut_subcommands(translate);
    if let Some(about) = about {
        command = command.about(about);
    }
    let usage = usage(&command.render_usage()).replace("[OPTIONS]", help::ANY_OPTIONS);
    command.override_usage(usage)
}

fn argument(arg: Arg) -> Arg {
    let heading = if arg.is_positional() { help::ARGUMENTS } else { help::OPTIONS };
    let short = arg.get_help().map(chinese).unwrap_or_default();
    let long = arg.get_long_help().map_or_else(|| short.clone(), chinese);
    let (mut names, mut explained, mut notes) = (Vec::new(), String::new(), String::new());
    if arg.get_action().takes_values() {
        for value in arg.get_possible_values().iter().filter(|v| !v.is_hide_set()) {
            names.push(value.get_name().to_owned());
            if let Some(means) = value.get_help() {
                explained.push('\n');
                explained.push_str(&help::value(value.get_name(), &chinese(means)));
            }
        }
        let default: Vec<_> =
            arg.get_default_values().iter().map(|v| v.to_string_lossy()).collect();
        if !default.is_empty() {
            notes.push(' ');
            notes.push_str(&help::default(&default.join(" ")));
        }
    }
    if let Some(name) = arg.get_env() {
        notes.push(' ');
        notes.push_str(&help::variable(&name.to_string_lossy()));
    }
    let one_of = match names.is_empty() {
        true => String::new(),
        false => format!(" [{}]", help::values(&names)),
    };
    let long = match explained.is_empty() {
        true => format!("{long}{one_of}{notes}"),
        false => format!("{long}{notes}{explained}"),
    };
    arg.help(format!("{short}{one_of}{notes}"))
        .long_help(long)
        .help_heading(heading)
        .hide_possible_values(true)
        .hide_default_value(true)
        .hide_env(true)
}

/// Returns a sentence in Chinese; what has none stays as it is.
fn chinese(english: &StyledStr) -> String {
    let english = english.to_string();
    help::chinese(&english).map_or(english, str::to_owned)
}

/// Returns how the command is used, without the English word before it.
fn usage(said: &StyledStr) -> String {
    let said = said.to_string();
    said.strip_prefix("Usage:").unwrap_or(&said).trim().to_owned()
}

/// Says what is wrong with a command line, and how it is used.
fn said(error: &clap::Error) -> String {
    let all = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(all)) => all.clone(),
        _ => Vec::new(),
    };
    let of = |kind| all(kind).join("、");
    let what = of(ContextKind::InvalidArg);
    let value = of(ContextKind::InvalidValue);
    let wrong = match error.kind() {
        ErrorKind::UnknownArgument => Wrong::Unknown(what),
        ErrorKind::InvalidSubcommand => Wrong::NoCommand(of(ContextKind::InvalidSubcommand)),
        ErrorKind::MissingRequiredArgument => Wrong::Missing(what),
        ErrorKind::MissingSubcommand => Wrong::MissingCommand,
        ErrorKind::InvalidValue if value.is_empty() => Wrong::NoValue(what),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => Wrong::Value(what, value),
        ErrorKind::ArgumentConflict => Wrong::Conflict(what, of(ContextKind::PriorArg)),
        ErrorKind::TooManyValues
        | ErrorKind::TooFewValues
        | ErrorKind::WrongNumberOfValues
        | ErrorKind::NoEquals => Wrong::Count(what),
        ErrorKind::InvalidUtf8 => Wrong::NotText,
        _ => Wrong::Other(error.to_string()),
    };
    let mut lines = vec![wrong.to_string()];
    let values = all(ContextKind::ValidValue);
    if !values.is_empty() {
        lines.push(help::values(&values));
    }
    let suggested =
        [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    lines.extend(suggested.map(of).iter().filter(|s| !s.is_empty()).map(|s| help::meant(s)));
    if let Some(ContextValue::StyledStr(how)) = error.get(ContextKind::Usage) {
        lines.push(format!("{} {}", help::USAGE, usage(how)));
    }
    lines.push(help::MORE.to_owned());
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeSet;

    use super::*;
    use crate::words::help::ALL;

    /// Every sentence of the help, in English, with the command it belongs to.
    fn sentences(command: &Command, path: &str, all: &mut Vec<(String, String)>) {
        let mut say = |text: Option<&StyledStr>| {
            all.extend(text.map(|t| (path.to_owned(), t.to_string())));
        };
        say(command.get_about());
        say(command.get_long_about());
        for arg in command.get_arguments() {
            say(arg.get_help());
            say(arg.get_long_help());
            if arg.get_action().takes_values() {
                arg.get_possible_values().iter().for_each(|v| say(v.get_help()));
            }
        }
        for sub in command.get_subcommands() {
            sentences(sub, &format!("{path} {}", sub.get_name()), all);
        }
    }

    fn english() -> Vec<(String, String)> {
        let mut command = Cli::command();
        command.build();
        let mut all = Vec::new();
        sentences(&command, "xunji", &mut all);
        all
    }

    fn run(args: &[&str]) -> clap::Error {
        let args = ["xunji"].iter().chain(args);
        translated().try_get_matches_from(args).unwrap_err()
    }

    #[test]
    fn every_sentence_of_the_help_has_its_chinese() {
        let missing: BTreeSet<_> =
            english().into_iter().filter(|(_, text)| help::chinese(text).is_none()).collect();
        assert!(missing.is_empty(), "{missing:#?}");
    }

    #[test]
    #[cfg(feature = "demo")]
    fn no_translation_is_of_something_that_is_not_said() {
        let said: BTreeSet<String> = english().into_iter().map(|(_, text)| text).collect();
        // What clap says depends on how much help there is.
        let stale: Vec<_> = ALL
            .iter()
            .filter(|(en, _)| !en.starts_with("Print help") && !said.contains(*en))
            .collect();
        assert!(stale.is_empty(), "{stale:#?}");
    }

    #[test]
    fn help_is_in_chinese_from_its_headings_to_its_values() {
        let help = run(&["workpaper", "sign", "--help"]).to_string();
        for said in [
            "三审签字",
            "用法：",
            "[选项]",
            "参数",
            "哪一审",
            "- deputy：副组长",
            "本机数据目录",
            "XUNJI_HOME",
        ] {
            assert!(help.contains(said), "{said}: {help}");
        }
        for english in
            ["Usage", "Options", "Arguments", "Possible values", "default:", "env:", "Print"]
        {
            assert!(!help.contains(english), "{english}: {help}");
        }
        let all = run(&["--help"]).to_string();
        assert!(all.contains("命令") && all.contains("立行立改通知单"), "{all}");
        assert!(!all.contains("Commands") && !all.contains("Print this"), "{all}");
    }

    #[test]
    fn what_is_wrong_is_said_in_chinese() {
        let cases: &[(&[&str], &str)] = &[
            (&["--nowhere"], "没有这个选项：--nowhere"),
            (&["statsu"], "没有这个命令：statsu"),
            (&["statsu"], "status"),
            (&["interview", "show"], "缺少：<"),
            (&["--lang", "fr"], "不能是“fr”"),
            (&["--lang", "fr"], "可选：zh、en"),
            (&["--home"], "没有写值"),
        ];
        for (args, expected) in cases {
            let error = run(args);
            let text = said(&error);
            assert!(text.contains(expected), "{args:?}: {text}");
            assert!(is_wrong(error.kind()) && error.exit_code() == 2, "{args:?}");
            assert!(!text.contains("Usage") && !text.contains("error"), "{text}");
        }
    }

    #[test]
    fn the_language_is_found_though_the_rest_does_not_read() {
        let args = |all: &[&str]| all.iter().map(OsString::from).collect::<Vec<_>>();
        assert_eq!(language(&args(&["xunji", "statsu"])), Language::Zh);
        assert_eq!(language(&args(&["xunji", "--lang", "en", "statsu"])), Language::En);
        assert_eq!(language(&args(&["xunji", "statsu", "--lang=en"])), Language::En);
    }
}
