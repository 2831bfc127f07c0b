//! A child for the tests: it does, on request, what a hostile document might make it do.
#![allow(missing_docs, clippy::panic)]
use std::{fs, net::TcpStream, process, thread};

use sandbox::{Confinement, MAX_FRAME, child};

fn main() {
    let mut kept: Vec<Vec<u8>> = Vec::new();
    let mut served = 0u32;
    // One second, so that a test need not wait longer for an endless loop to be cut off.
    let confinement = Confinement { cpu_seconds: 1, ..Confinement::default() };
    child::serve(&confinement, |request| {
        served += 1;
        let (act, rest) =
            request.split_at(request.iter().position(|b| *b == b' ').unwrap_or(request.len()));
        match act {
            b"echo" => rest.to_vec(),
            b"pid" => process::id().to_string().into_bytes(),
            b"served" => served.to_string().into_bytes(),
            b"keep" => {
                kept.push(vec![1; 64 * 1024 * 1024]);
                Vec::new()
            }
            b"allocate" => vec![1; 2 * 1024 * 1024 * 1024],
            b"grow" => loop {
                kept.push(vec![1; 4096]);
            },
            b"recurse" => recurse(served),
            b"spin" => loop {
                std::hint::spin_loop();
            },
            b"read" => fs::read("/etc/hostname").unwrap_or_default(),
            b"list" => fs::read_dir("/").map(|_| Vec::new()).unwrap_or_default(),
            b"connect" => TcpStream::connect("127.0.0.1:9").map(|_| Vec::new()).unwrap_or_default(),
            b"fork" => {
                process::Command::new("/bin/true").output().map(|o| o.stdout).unwrap_or_default()
            }
            b"thread" => thread::Builder::new()
                .spawn(Vec::new)
                .ok()
                .and_then(|t| t.join().ok())
                .unwrap_or_default(),
            b"panic" => panic!("张某"),
            b"exit" => process::exit(7),
            b"long" => vec![0; MAX_FRAME + 1],
            _ => b"?".to_vec(),
        }
    })
}

/// Deeper than any stack.
#[allow(unconditional_recursion)]
fn recurse(depth: u32) -> Vec<u8> {
    let mut answer = recurse(std::hint::black_box(depth + 1));
    answer.push(1);
    answer
}
