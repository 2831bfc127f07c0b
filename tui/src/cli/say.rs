//! The sentences of the command line; every word of them is in the locales.
mod failure;
mod next;

use std::fmt::Display;

use shared::workflow::TaskKind;

use super::doctor::State;
use crate::words::{Language, Words, t};

/// The language of what is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Lang {
    /// 中文
    Zh,
    /// English
    En,
}

impl Lang {
    /// Returns the language of the words.
    pub(super) const fn language(self) -> Language {
        match self {
            Self::Zh => Language::Zh,
            Self::En => Language::En,
        }
    }
}

/// Puts things into words.
#[derive(Debug)]
pub(super) struct Say {
    pub(super) words: Words,
}

macro_rules! sentences {
    ($($name:ident ( $($arg:ident),* ) $key:literal;)+) => {
        impl Say {
            $(pub(super) fn $name(&self $(, $arg: impl Display)*) -> String {
                t!(self.words, $key $(, $arg = $arg.to_string())*)
            })+
        }
    };
}

sentences! {
    passphrase_prompt() "cli-passphrase";
    new_passphrase_prompt() "cli-new-passphrase";
    again_prompt() "cli-passphrase-again";
    recovery_prompt() "cli-recovery-key";
    enrolled(name, pin) "cli-enrolled";
    recovery(key) "cli-recovery";
    device_name() "cli-device-name";
    training() "cli-training";
    request_written(file) "cli-request-written";
    synced(sent, got, undecided) "cli-synced";
    saved(number) "cli-saved";
    asked(number) "cli-asked";
    decided(number) "cli-decided";
    added(count) "cli-added";
    nothing() "cli-nothing";
    nothing_waits() "cli-nothing-waits";
    pending(count) "cli-pending";
    whole(spaces) "cli-whole";
    gate_green() "cli-gate-green";
    gate_red(count) "cli-gate-red";
    exported(file, count) "cli-exported";
    written(file) "cli-written";
    imported(count, known) "cli-imported";
    clock_off(hours) "cli-clock-off";
    aside(number, why) "cli-aside";
    malformed(number) "cli-malformed";
    files_moved(sent, got) "cli-files-moved";
    files_left(up, up_size, down, down_size) "cli-files-left";
    files_on_demand(count, size) "cli-files-on-demand";
    text_only() "cli-text-only";
    not_taken_quota(n, at) "not-taken-quota";
    not_taken_full(n, at) "not-taken-full";
    file_failed(name, code) "cli-file-failed";
    files_whole(whole, missing) "cli-files-whole";
    missing(count, who) "cli-missing";
    entries_missing(count) "cli-entries-missing";
    correction(statement, text) "cli-correction";
    signed(who, at) "cli-signed";
    signed_stale(who, at) "cli-signed-stale";
    late(who, envelope) "cli-late";
    returned(text) "cli-returned";
    comment(who, text) "cli-comment";
    exhibit(number, until) "cli-exhibit";
    exhibit_ended(number, how) "cli-exhibit-ended";
    exhibit_opened(who, at) "cli-exhibit-opened";
    on_paper(at, foot) "cli-on-paper";
    measure(number, act, owner, due, reports) "cli-measure";
    board_as_of(at) "cli-board-as-of";
    board_group(group, papers, notices, comments) "cli-board-group";
    board_silent(group, since) "cli-board-silent";
    board_gap(group, device, person, heard) "cli-board-gap";
    board_gap_never(group, device, person) "cli-board-gap-never";
    passphrase_set() "cli-passphrase-set";
    recovery_renewed(key) "cli-recovery-renewed";
    unlocked_by_recovery() "cli-unlocked-by-recovery";
    salvaged(rows, damage, dir) "cli-salvaged";
    damaged_row(what) "cli-damaged-row";
    handover_clean(count) "cli-handover-clean";
    handover_next(device) "cli-handover-next";
    handover_proof(held, device, head) "cli-handover-proof";
    handover_wiped() "cli-handover-wiped";
}

impl Say {
    /// Speaks this language.
    pub(super) fn new(lang: Lang) -> Self {
        Self { words: Words::new(lang.language()) }
    }

    /// Says how something stands.
    pub(super) fn state(&self, state: State) -> String {
        match state {
            State::Good => t!(self.words, "doctor-state-good"),
            State::Attention => t!(self.words, "doctor-state-attention"),
            State::Bad => t!(self.words, "doctor-state-bad"),
        }
    }

    /// Names something that waits to be done.
    pub(super) fn task(&self, kind: TaskKind) -> String {
        self.words.task(kind)
    }
}
