//! A program on a terminal: its screen, its keys.
use std::{
    io::{Read, Write},
    num::NonZeroU16,
    os::unix::fs::FileExt,
    sync::{Arc, Condvar, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use vt100::{Callbacks, Parser};

/// How long anything may take; only a failure waits for it.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// A terminal smaller than this is none.
const LEAST: u16 = 2;

/// What the terminal answers and keeps beside the screen.
#[derive(Default)]
struct Terminal {
    replies: Vec<u8>,
    /// Whether a frame has begun that is not whole yet.
    drawing: bool,
}

/// The mode in which programs draw frames that are to be seen whole.
const WHOLE_FRAMES: &[u16] = &[2026];

impl Callbacks for Terminal {
    fn unhandled_csi(
        &mut self,
        screen: &mut vt100::Screen,
        mode: Option<u8>,
        _: Option<u8>,
        params: &[&[u16]],
        command: char,
    ) {
        if mode == Some(b'?') && params == [WHOLE_FRAMES] {
            self.drawing = command == 'h';
        }
        // "Where is the cursor?"
        if command == 'n' && params == [&[6][..]] {
            let (row, column) = screen.cursor_position();
            self.replies.extend(format!("\x1b[{};{}R", row + 1, column + 1).into_bytes());
        }
    }
}

struct Shown {
    parser: Parser<Terminal>,
    /// The program has closed the terminal.
    over: bool,
}

type Shared = Arc<(Mutex<Shown>, Condvar)>;
type Writer = Arc<Mutex<Box<dyn Write + Send>>>;

/// A program on a terminal of its own.
pub(crate) struct Screen {
    /// Whose it is, for failures.
    who: String,
    shown: Shared,
    writer: Writer,
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
}

impl Screen {
    /// Starts a program on a terminal of `(columns, rows)`.
    pub(crate) fn start(who: &str, command: CommandBuilder, size: (u16, u16)) -> Self {
        let (columns, rows) = (size.0.max(LEAST), size.1.max(LEAST));
        let pty = native_pty_system()
            .openpty(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 })
            .expect("a terminal");
        let child = pty.slave.spawn_command(command).expect("the program starts");
        // The terminal ends when the program does, not when we do.
        drop(pty.slave);
        let parser =
            Parser::new_with_callbacks(at_least(rows), at_least(columns), 0, Terminal::default());
        let shown: Shared = Arc::new((Mutex::new(Shown { parser, over: false }), Condvar::new()));
        let reader = pty.master.try_clone_reader().expect("a reader");
        let writer: Writer = Arc::new(Mutex::new(pty.master.take_writer().expect("a writer")));
        listen(reader, Arc::clone(&shown), Arc::clone(&writer));
        Self { who: who.to_owned(), shown, writer, master: pty.master, child }
    }

    /// Tells whether the program's memory holds a text; nothing where the system does not let
    /// us read it.
    pub(crate) fn holds(&self, text: &str) -> Option<bool> {
        let process = std::path::PathBuf::from(format!("/proc/{}", self.child.process_id()?));
        let maps = std::fs::read_to_string(process.join("maps")).ok()?;
        let memory = std::fs::File::open(process.join("mem")).ok()?;
        let mut read = false;
        for line in maps.lines().filter(|l| l.contains(" rw")) {
            let (from, to) = line.split_whitespace().next()?.split_once('-')?;
            let from = u64::from_str_radix(from, 16).ok()?;
            let to = u64::from_str_radix(to, 16).ok()?;
            let mut bytes = vec![0; usize::try_from(to - from).ok()?];
            // What is unmapped meanwhile holds nothing.
            if memory.read_exact_at(&mut bytes, from).is_err() {
                continue;
            }
            read = true;
            if bytes.windows(text.len()).any(|w| w == text.as_bytes()) {
                return Some(true);
            }
        }
        read.then_some(false)
    }

    /// Types text, as a keyboard or an input method does.
    pub(crate) fn type_text(&mut self, text: &str) -> &mut Self {
        self.send(text.as_bytes())
    }

    /// Pastes text, as a terminal with bracketed paste does.
    pub(crate) fn paste(&mut self, text: &str) -> &mut Self {
        self.send(format!("\x1b[200~{text}\x1b[201~").as_bytes())
    }

    /// Presses keys by name, parted by blanks: `Enter`, `Esc`, `Tab`, `Up`, `Ctrl+Z`, `F1`, or
    /// the character itself.
    pub(crate) fn press(&mut self, keys: &str) -> &mut Self {
        for key in keys.split_whitespace() {
            let bytes = sequence(key);
            self.send(&bytes);
        }
        self
    }

    fn send(&mut self, bytes: &[u8]) -> &mut Self {
        let mut writer = self.writer.lock().expect("no writer panicked");
        writer.write_all(bytes).and_then(|()| writer.flush()).expect("the terminal takes keys");
        drop(writer);
        self
    }

    /// Makes the terminal another size, in `(columns, rows)`.
    pub(crate) fn resize(&mut self, size: (u16, u16)) -> &mut Self {
        let (columns, rows) = (size.0.max(LEAST), size.1.max(LEAST));
        self.lock().parser.set_size(at_least(rows), at_least(columns));
        self.master
            .resize(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 })
            .expect("the terminal takes a size");
        self
    }

    /// Waits until all these texts are on the screen at once.
    pub(crate) fn wait_for_all(&mut self, texts: &[&str]) -> &mut Self {
        let sought: Vec<String> = texts.iter().map(|t| squeezed(t)).collect();
        self.wait(&format!("{texts:?}"), |screen| {
            let seen = squeezed(&screen.contents());
            sought.iter().all(|t| seen.contains(t))
        })
    }

    /// Waits until a text is on the screen.
    pub(crate) fn wait_for(&mut self, text: &str) -> &mut Self {
        self.wait_for_all(&[text])
    }

    /// Waits until a text is gone from the screen.
    pub(crate) fn wait_gone(&mut self, text: &str) -> &mut Self {
        let sought = squeezed(text);
        self.wait(&format!("no {text:?}"), |s| !squeezed(&s.contents()).contains(&sought))
    }

    /// Waits until the screen is as `holds` has it; `what` names that in a failure.
    pub(crate) fn wait(&mut self, what: &str, holds: impl Fn(&vt100::Screen) -> bool) -> &mut Self {
        let (lock, changed) = &*Arc::clone(&self.shown);
        let until = Instant::now() + PATIENCE;
        let mut shown = lock.lock().expect("no reader panicked");
        while shown.parser.callbacks().drawing || !holds(shown.parser.screen()) {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || shown.over {
                let why = if shown.over { "the program ended" } else { "too long" };
                let dump = dump(shown.parser.screen());
                drop(shown);
                panic!("{}: waited for {what}: {why}\n{dump}", self.who);
            }
            shown = changed.wait_timeout(shown, left).expect("no reader panicked").0;
        }
        drop(shown);
        self
    }

    /// Returns the text of the screen, row by row.
    pub(crate) fn text(&self) -> String {
        self.lock().parser.screen().contents()
    }

    /// Returns the cursor as `(column, row)`, both from 0; none while it is hidden.
    pub(crate) fn cursor(&self) -> Option<(u16, u16)> {
        let shown = self.lock();
        let screen = shown.parser.screen();
        let (row, column) = screen.cursor_position();
        (!screen.hide_cursor()).then_some((column, row))
    }

    /// Returns the row with the cursor; empty while it is hidden.
    pub(crate) fn here(&self) -> String {
        row_of(self.lock().parser.screen())
    }

    /// Presses a key that takes the cursor to another place, and waits until it is there: what
    /// looks at the cursor next must not see where it was.
    pub(crate) fn advance(&mut self, key: &str) -> &mut Self {
        let place = self.cursor();
        self.press(key);
        self.wait(&format!("{key} to move the cursor"), |screen| {
            let (row, column) = screen.cursor_position();
            place != Some((column, row))
        })
    }

    /// Presses a key until the row with the cursor holds a text. Each press must change it.
    pub(crate) fn press_until(&mut self, key: &str, text: &str) -> &mut Self {
        let sought = squeezed(text);
        loop {
            let (place, row) = (self.cursor(), self.here());
            if squeezed(&row).contains(&sought) {
                return self;
            }
            self.press(key);
            self.wait(&format!("{key} to move towards {text:?}"), |screen| {
                let (y, x) = screen.cursor_position();
                place != Some((x, y)) || row_of(screen) != row
            });
        }
    }

    /// Goes to the row that holds a text: up if it is seen above the cursor, else down.
    pub(crate) fn go_to(&mut self, text: &str) -> &mut Self {
        let sought = squeezed(text);
        let above = {
            let shown = self.lock();
            let screen = shown.parser.screen();
            let (row, _) = screen.cursor_position();
            let (_, columns) = screen.size();
            let mut seen = screen.rows(0, columns.get()).take(row.into());
            seen.any(|line| squeezed(&line).contains(&sought))
        };
        self.press_until(if above { "Up" } else { "Down" }, text)
    }

    /// Chooses in the menu of steps: opens the dialogue of a step that is granted, or has the
    /// reason said for which it is not.
    pub(crate) fn step(&mut self, name: &str) -> &mut Self {
        self.press("a").wait_for("可办事项").go_to(name).press("Enter").wait_gone("可办事项")
    }

    /// Waits until the program has ended, and returns its exit code.
    pub(crate) fn wait_end(&mut self) -> u32 {
        let (lock, changed) = &*Arc::clone(&self.shown);
        let until = Instant::now() + PATIENCE;
        let mut shown = lock.lock().expect("no reader panicked");
        while !shown.over {
            let left = until.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "{}: does not end\n{}", self.who, dump(shown.parser.screen()));
            shown = changed.wait_timeout(shown, left).expect("no reader panicked").0;
        }
        drop(shown);
        self.child.wait().expect("it can be waited for").exit_code()
    }

    /// Returns what is shown, once it is a whole frame.
    fn lock(&self) -> MutexGuard<'_, Shown> {
        let (lock, changed) = &*self.shown;
        let mut shown = lock.lock().expect("no reader panicked");
        while shown.parser.callbacks().drawing && !shown.over {
            shown = changed.wait_timeout(shown, PATIENCE).expect("no reader panicked").0;
        }
        shown
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // A failed test leaves nothing running.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads what the program writes until it closes the terminal, and answers what it asks.
fn listen(mut reader: Box<dyn Read + Send>, shown: Shared, writer: Writer) {
    std::thread::spawn(move || {
        let (lock, changed) = &*shown;
        let mut buffer = [0; 16 * 1024];
        loop {
            let n = reader.read(&mut buffer).unwrap_or(0);
            let Ok(mut now) = lock.lock() else { return };
            if n == 0 {
                now.over = true;
                changed.notify_all();
                return;
            }
            now.parser.process(&buffer[..n]);
            let replies = std::mem::take(&mut now.parser.callbacks_mut().replies);
            drop(now);
            changed.notify_all();
            if !replies.is_empty()
                && let Ok(mut writer) = writer.lock()
            {
                // A program that has gone needs no answer.
                let _ = writer.write_all(&replies).and_then(|()| writer.flush());
            }
        }
    });
}

fn at_least(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n.max(LEAST)).expect("at least two")
}

fn row_of(screen: &vt100::Screen) -> String {
    let (row, _) = screen.cursor_position();
    let (_, columns) = screen.size();
    let text = screen.rows(0, columns.get()).nth(row.into()).unwrap_or_default();
    if screen.hide_cursor() { String::new() } else { text }
}

/// A text without blanks and frames: what is long wraps between them.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !('\u{2500}'..='\u{259f}').contains(c)).collect()
}

fn dump(screen: &vt100::Screen) -> String {
    let (rows, columns) = screen.size();
    let (row, column) = screen.cursor_position();
    let mut out = format!("--- {columns}x{rows}, cursor {column},{row} ---\n");
    for line in screen.contents().lines() {
        out.push_str(line);
        out.push('\n');
    }
    out.push_str("---\n");
    out
}

/// Returns what a terminal sends for a key.
fn sequence(key: &str) -> Vec<u8> {
    let plain = |text: &str| text.as_bytes().to_vec();
    match key {
        "Enter" => plain("\r"),
        "Esc" => plain("\x1b"),
        "Tab" => plain("\t"),
        "Shift+Tab" => plain("\x1b[Z"),
        "Space" => plain(" "),
        "Backspace" => plain("\x7f"),
        "Delete" => plain("\x1b[3~"),
        "Up" => plain("\x1b[A"),
        "Down" => plain("\x1b[B"),
        "Right" => plain("\x1b[C"),
        "Left" => plain("\x1b[D"),
        "Home" => plain("\x1b[H"),
        "End" => plain("\x1b[F"),
        "PgUp" => plain("\x1b[5~"),
        "PgDn" => plain("\x1b[6~"),
        "F1" => plain("\x1bOP"),
        "Shift+Left" => plain("\x1b[1;2D"),
        "Shift+Right" => plain("\x1b[1;2C"),
        _ => match key.strip_prefix("Ctrl+").and_then(|k| k.bytes().next()) {
            Some(letter) => vec![letter.to_ascii_lowercase() & 0x1f],
            None => plain(key),
        },
    }
}
