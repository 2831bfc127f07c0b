//! From the start of the program to its first screen, in a terminal.
//!
//! Unlocking derives a key by Argon2id, which takes long on purpose: it is measured beside
//! and told apart.
use std::{
    io::{Read, Write},
    num::NonZeroU16,
    path::Path,
    sync::mpsc::{Receiver, channel},
    time::{Duration, Instant},
};

use super::{
    archive::{Shape, fill},
    contact::{catch_up, millis},
    device::Device,
    place::{PASSPHRASE, Place, member, open, passphrase},
    sample::{Figure, Line, Samples},
};
use acceptance::roles::LAPTOP;
use anyhow::{Context, bail};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use shared::crypto::kdf::{Cost, derive};

const SHAPE: Shape = Shape { chars: 300, more: 1 };
const ROWS: NonZeroU16 = NonZeroU16::new(40).expect("not zero");
const COLUMNS: NonZeroU16 = NonZeroU16::new(120).expect("not zero");
/// On the screen while the laptop is locked.
const LOCKED: &str = "口令";
/// What stands for a passphrase that is typed.
const TYPED: &str = "******";
/// On every screen of an unlocked laptop: the name of the first.
const UNLOCKED: &str = "今日";
const PATIENCE: Duration = Duration::from_secs(60);

/// How much of it.
pub(crate) struct Size {
    /// Records, in rising order.
    pub(crate) records: Vec<usize>,
    /// Starts with each.
    pub(crate) starts: usize,
}

/// Measures.
pub(crate) async fn measure(size: &Size) -> anyhow::Result<Figure> {
    let mut place = Place::new(1, 2).await?;
    let stay = place.stay(1);
    let mut author = Device::enrol(&place, &member(1, 1), 1).await?;
    let home = place.home(&member(1, 2)).await?;
    let mut lines = Vec::new();
    let mut held = 0;
    for target in &size.records {
        fill(&mut place, &mut author, &[stay], target - held, SHAPE).await?;
        held = *target;
        let mut node = open(&home).await?;
        let begun = Instant::now();
        catch_up(&mut node).await?;
        let first = millis(begun.elapsed());
        node.lock().await?;
        // It is the start that is measured, not the contact after it.
        place.stop()?;
        let (mut prompt, mut screen, mut bare) =
            (Samples::default(), Samples::default(), Samples::default());
        for start in 0..=size.starts {
            let home = home.clone();
            let seen = tokio::task::spawn_blocking(move || start_once(&home)).await??;
            // The first start reads summaries that no earlier one has made.
            if start == 0 {
                let what = format!("{held} records: first start after they came");
                lines.push(Line::alone(what, "ms", Samples::one(millis(seen.screen))));
                continue;
            }
            prompt.push(millis(seen.prompt));
            screen.push(millis(seen.screen));
            bare.push(millis(derive_once()?));
        }
        place.start().await?;
        let apart: Samples =
            Samples::one((screen.median() - bare.median() - prompt.median()).max(0.0));
        lines.extend([
            Line::alone(format!("{held} records: exec to the passphrase's field"), "ms", prompt),
            Line::beside(
                format!("{held} records: exec to first screen, nobody typing"),
                "ms",
                screen,
                "the key's derivation alone",
                &bare,
            ),
            Line::alone(format!("{held} records: without derivation and prompt"), "ms", apart),
            Line::alone(format!("{held} records: catching up before"), "ms", Samples::one(first)),
        ]);
    }
    Ok(Figure { name: "screen", lines })
}

fn derive_once() -> anyhow::Result<Duration> {
    let begun = Instant::now();
    derive(&passphrase(), &[7; 16], Cost::DEFAULT)?;
    Ok(begun.elapsed())
}

/// Times since the program was started.
struct Seen {
    prompt: Duration,
    screen: Duration,
}

/// Starts the program in a terminal, unlocks it, and waits for its first screen.
fn start_once(home: &Path) -> anyhow::Result<Seen> {
    let (rows, cols) = (ROWS.get(), COLUMNS.get());
    let size = PtySize { rows, cols, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size)?;
    let mut command = CommandBuilder::new(std::env::current_exe()?);
    command.arg(LAPTOP);
    command.arg("--home");
    command.arg(home);
    command.env("TERM", "xterm-256color");
    let mut keys = pair.master.take_writer()?;
    let output = pair.master.try_clone_reader()?;
    let begun = Instant::now();
    let mut child = pair.slave.spawn_command(command)?;
    drop(pair.slave);
    let bytes = listen(output);
    let mut screen = vt100::Parser::new(ROWS, COLUMNS, 0);
    let seen = (|| {
        until(&bytes, &mut screen, &mut keys, LOCKED)?;
        let prompt = begun.elapsed();
        keys.write_all(PASSPHRASE.as_bytes())?;
        // In one burst with the text, Enter would be a part of what is pasted.
        until(&bytes, &mut screen, &mut keys, TYPED)?;
        keys.write_all(b"\r")?;
        until(&bytes, &mut screen, &mut keys, UNLOCKED)?;
        anyhow::Ok(Seen { prompt, screen: begun.elapsed() })
    })();
    child.kill()?;
    child.wait()?;
    seen
}

/// Reads what the program prints in a thread of its own.
fn listen(mut output: Box<dyn Read + Send>) -> Receiver<Vec<u8>> {
    let (tell, told) = channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 8192];
        while let Ok(n) = output.read(&mut buffer) {
            if n == 0 || tell.send(buffer[..n].to_vec()).is_err() {
                break;
            }
        }
    });
    told
}

/// Plays the terminal until a text is on its screen.
fn until(
    bytes: &Receiver<Vec<u8>>,
    screen: &mut vt100::Parser,
    keys: &mut Box<dyn Write + Send>,
    text: &str,
) -> anyhow::Result<()> {
    let begun = Instant::now();
    while !screen.screen().contents().contains(text) {
        let left = PATIENCE.saturating_sub(begun.elapsed());
        let Ok(new) = bytes.recv_timeout(left) else {
            bail!("{text:?} never came; on the screen:\n{}", screen.screen().contents());
        };
        // Where is the cursor? A terminal of the usual kind answers at once.
        let asked = new.windows(4).filter(|w| *w == b"\x1b[6n").count();
        screen.process(&new);
        for _ in 0..asked {
            keys.write_all(b"\x1b[1;2R").context("the program is gone")?;
        }
    }
    Ok(())
}
