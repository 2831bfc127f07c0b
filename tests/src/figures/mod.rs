//! Figures: how fast and how large, each beside a reference that is measured in the same run.
//!
//! A figure asserts nothing. It runs the real server as a process of its own and real laptops,
//! and prints median and spread beside the bare thing that it is to stay near.
mod archive;
mod contact;
mod crowd;
mod device;
mod echo;
mod editor;
mod live;
mod memory;
mod place;
mod reconnect;
mod sample;
mod screen;

use std::time::{Duration, Instant};

use clap::ValueEnum;
use sample::Figure;

/// Which figures, how large, and how they are printed.
#[derive(clap::Args, Clone)]
pub(crate) struct Args {
    /// Only these.
    #[arg(value_enum)]
    names: Vec<Name>,
    /// Everything small: it proves that they run and says nothing else.
    #[arg(long)]
    quick: bool,
    /// Print JSON.
    #[arg(long, conflicts_with = "markdown")]
    json: bool,
    /// Print the tables of docs/FIGURES.md.
    #[arg(long)]
    markdown: bool,
}

/// A figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    /// A laptop comes back: nothing changed, and 200 records x 5 commits.
    Reconnect,
    /// 25 laptops at once, 25,000 commits.
    Crowd,
    /// Six people in one note of 8,000 characters for a minute.
    Live,
    /// One key in a note of 20,000 hanzi.
    Editor,
    /// From the start to the first screen, with 2,000 and 12,000 records.
    Screen,
    /// The server's memory with 5,000 and 50,000 records.
    Memory,
}

/// Measures and prints.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let names = match args.names.as_slice() {
        [] => Name::value_variants(),
        some => some,
    };
    let runtime = tokio::runtime::Runtime::new()?;
    let plain = !args.json && !args.markdown;
    let begun = Instant::now();
    if plain {
        println!("{}\n", heading());
    }
    let mut figures = Vec::new();
    for name in names {
        let figure = runtime.block_on(Box::pin(measure(*name, args.quick)))?;
        if plain {
            println!("{}", sample::text(&figure));
        }
        figures.push(figure);
    }
    if args.json {
        println!("{}", serde_json::json!({ "run": heading(), "figures": sample::json(&figures) }));
    } else if args.markdown {
        println!("{}\n\n{}", heading(), sample::markdown(&figures).trim_end());
    } else {
        println!("{:.1} minutes", begun.elapsed().as_secs_f64() / 60.0);
    }
    Ok(())
}

async fn measure(name: Name, quick: bool) -> anyhow::Result<Figure> {
    // Small enough for a run in between, or as large as docs/FIGURES.md says.
    let size = |small: usize, full: usize| if quick { small } else { full };
    let sizes =
        |small: &[usize], full: &[usize]| if quick { small.to_vec() } else { full.to_vec() };
    match name {
        Name::Reconnect => {
            let size = reconnect::Size {
                held: sizes(&[20, 60], &[200, 2_000, 20_000]),
                contacts: size(3, 15),
                written: size(20, 200),
                commits: size(2, 5),
                rounds: size(2, 5),
            };
            reconnect::measure(&size).await
        }
        Name::Crowd => {
            let size = crowd::Size {
                groups: size(2, 5),
                laptops: size(2, 5),
                records: size(3, 20),
                commits: size(5, 50),
                rounds: size(2, 3),
            };
            crowd::measure(&size).await
        }
        Name::Live => {
            let size = live::Size {
                people: size(3, 6),
                chars: size(500, 8_000),
                time: Duration::from_secs(if quick { 3 } else { 60 }),
                pause: Duration::from_millis(400),
            };
            live::measure(&size).await
        }
        Name::Editor => {
            let size = editor::Size { chars: size(2_000, 20_000), keys: size(5, 300) };
            editor::measure(&size)
        }
        Name::Screen => {
            let size =
                screen::Size { records: sizes(&[20, 60], &[2_000, 12_000]), starts: size(1, 5) };
            screen::measure(&size).await
        }
        Name::Memory => {
            let size =
                memory::Size { records: sizes(&[50, 200], &[5_000, 50_000]), starts: size(1, 3) };
            memory::measure(&size).await
        }
    }
}

/// Says when, at which commit, on how many cores and by which build.
fn heading() -> String {
    let commit = std::process::Command::new("git")
        .args(["describe", "--always", "--dirty", "--exclude", "*"])
        .output()
        .ok()
        .filter(|o| o.status.success())
        .map_or_else(|| "unknown".to_owned(), |o| String::from_utf8_lossy(&o.stdout).trim().into());
    let day = jiff::Timestamp::now().strftime("%Y-%m-%d");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let build = if cfg!(debug_assertions) { "debug" } else { "release" };
    format!("{day}, commit {commit}, {build} build, {cores} cores")
}
