//! The table of keys.
use crossterm::event::KeyCode::{
    BackTab, Backspace, Char, Delete, Down, End, Enter, Esc, F, Home, Left, PageDown, PageUp,
    Right, Tab, Up,
};

use super::{
    Action,
    keymap::{
        Binding,
        Context::{
            self, Dialog, DialogLine, DialogText, Filter, Help, History, Line, List, Menu, Search,
            Sheet, Text, Unlock,
        },
        Key,
    },
};

const EVERYWHERE: &[Context] = &Context::ALL;
const INSIDE: &[Context] =
    &[Filter, Search, Sheet, Text, Line, Menu, History, Dialog, DialogLine, DialogText, Help];
const MAIN: &[Context] = &[List, Sheet];
const MOVES: &[Context] = &[List, Sheet, Menu, History, Help];
const READ: &[Context] = &[Sheet, History, Help];
const TYPING: &[Context] = &[Text, Line, DialogLine, DialogText];
const LONG: &[Context] = &[Text, DialogText];
const DIALOGS: &[Context] = &[Dialog, DialogLine, DialogText];

const fn shown(key: Key, action: Action, contexts: &'static [Context]) -> Binding {
    Binding { key, action, contexts, footer: true }
}

const fn quiet(key: Key, action: Action, contexts: &'static [Context]) -> Binding {
    Binding { key, action, contexts, footer: false }
}

const fn plain(code: crossterm::event::KeyCode) -> Key {
    Key::plain(code)
}

/// Every key, in the order in which footer and help name them.
pub const BINDINGS: &[Binding] = &[
    shown(
        plain(Enter),
        Action::Enter,
        &[List, Search, Sheet, Menu, Dialog, DialogLine, Line, Unlock],
    ),
    quiet(plain(Enter), Action::Enter, &[Filter, Text, DialogText]),
    shown(plain(Esc), Action::Back, &[Filter, Search, Sheet, Text, Line, Menu, History, Help]),
    shown(plain(Esc), Action::Back, DIALOGS),
    quiet(plain(Esc), Action::Back, &[List, Unlock]),
    shown(plain(Char('n')), Action::New, &[List]),
    shown(plain(Char('a')), Action::Steps, MAIN),
    shown(plain(Char('n')), Action::AddItem, &[Sheet]),
    shown(plain(Char('x')), Action::RemoveItem, &[Sheet]),
    shown(plain(Tab), Action::Panel, &[Sheet]),
    // Elsewhere Enter goes on, and the footer says so.
    shown(plain(Tab), Action::NextField, &[DialogText]),
    quiet(plain(Tab), Action::NextField, &[Dialog, DialogLine]),
    quiet(plain(BackTab), Action::PrevField, DIALOGS),
    shown(plain(Char(' ')), Action::Toggle, &[Dialog]),
    shown(plain(Char('e')), Action::Export, &[List]),
    shown(plain(Char('i')), Action::Import, &[List]),
    shown(plain(Char('t')), Action::TextOnly, &[List]),
    shown(plain(Char('s')), Action::Sync, MAIN),
    shown(plain(Char('/')), Action::Filter, &[List]),
    shown(Key::ctrl(Char('f')), Action::Search, MAIN),
    shown(Key::ctrl(Char('z')), Action::Undo, TYPING),
    quiet(Key::ctrl(Char('y')), Action::Redo, TYPING),
    quiet(plain(Up), Action::Up, MOVES),
    quiet(plain(Down), Action::Down, MOVES),
    quiet(plain(Up), Action::Up, &[Filter, Search, Text, Line, Dialog, DialogLine, DialogText]),
    quiet(plain(Down), Action::Down, &[Filter, Search, Text, Line, Dialog, DialogLine, DialogText]),
    quiet(plain(Char('k')), Action::Up, MOVES),
    quiet(plain(Char('j')), Action::Down, MOVES),
    shown(plain(PageUp), Action::PageUp, READ),
    shown(plain(PageDown), Action::PageDown, READ),
    quiet(plain(PageUp), Action::PageUp, &[List, Menu]),
    quiet(plain(PageDown), Action::PageDown, &[List, Menu]),
    quiet(plain(PageUp), Action::PageUp, &[Search]),
    quiet(plain(PageDown), Action::PageDown, &[Search]),
    quiet(plain(PageUp), Action::PageUp, LONG),
    quiet(plain(PageDown), Action::PageDown, LONG),
    quiet(plain(Home), Action::First, MOVES),
    quiet(plain(End), Action::Last, MOVES),
    quiet(plain(Home), Action::First, TYPING),
    quiet(plain(End), Action::Last, TYPING),
    quiet(plain(Left), Action::Left, TYPING),
    quiet(plain(Right), Action::Right, TYPING),
    shown(plain(Right), Action::Right, &[Dialog]),
    shown(plain(Left), Action::Left, &[Dialog]),
    quiet(Key::ctrl(Left), Action::WordLeft, TYPING),
    quiet(Key::ctrl(Right), Action::WordRight, TYPING),
    quiet(Key::shift(Left), Action::SelectLeft, TYPING),
    quiet(Key::shift(Right), Action::SelectRight, TYPING),
    quiet(Key::shift(Up), Action::SelectUp, LONG),
    quiet(Key::shift(Down), Action::SelectDown, LONG),
    quiet(plain(Backspace), Action::Backspace, TYPING),
    quiet(plain(Backspace), Action::Backspace, &[Filter, Search, Unlock]),
    quiet(plain(Delete), Action::Delete, TYPING),
    quiet(Key::ctrl(Char('w')), Action::DeleteWord, TYPING),
    quiet(Key::ctrl(Char('c')), Action::Copy, TYPING),
    quiet(Key::ctrl(Char('x')), Action::Cut, TYPING),
    quiet(plain(Char('1')), Action::Screen(1), MAIN),
    quiet(plain(Char('2')), Action::Screen(2), MAIN),
    quiet(plain(Char('3')), Action::Screen(3), MAIN),
    quiet(plain(Char('4')), Action::Screen(4), MAIN),
    quiet(plain(Char('5')), Action::Screen(5), MAIN),
    quiet(plain(Char('6')), Action::Screen(6), MAIN),
    quiet(plain(Char('7')), Action::Screen(7), MAIN),
    quiet(Key::ctrl(Char('l')), Action::Lock, MAIN),
    shown(Key::ctrl(Char('q')), Action::Quit, &[List, Unlock]),
    quiet(Key::ctrl(Char('q')), Action::Quit, INSIDE),
    quiet(plain(Char('?')), Action::Help, &[List, Sheet, Menu, Dialog, History, Help]),
    shown(plain(F(1)), Action::Help, EVERYWHERE),
];
