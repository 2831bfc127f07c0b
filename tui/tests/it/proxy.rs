//! A bad network: a proxy that counts bytes and cuts connections at chosen counts.
use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

/// Which way bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Up,
    Down,
}

#[derive(Default)]
struct Counts {
    up: u64,
    down: u64,
    /// Counts of one way at which the connection that carries the byte is cut, in order.
    cuts: VecDeque<u64>,
    way: Option<Way>,
    made: usize,
}

/// A proxy in front of one server.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    counts: Arc<Mutex<Counts>>,
}

impl Proxy {
    /// Begins to listen; laptops are let through to `server`.
    pub(crate) async fn new(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let counts = Arc::new(Mutex::new(Counts::default()));
        let (server, all) = (server.to_owned(), Arc::clone(&counts));
        tokio::spawn(async move {
            while let Ok((laptop, _)) = listener.accept().await {
                tokio::spawn(pass(laptop, server.clone(), Arc::clone(&all)));
            }
        });
        Self { address, counts }
    }

    /// Begins to count anew, and cuts when these counts are reached on one way.
    pub(crate) fn cut(&self, way: Way, at: impl IntoIterator<Item = u64>) {
        let cuts = at.into_iter().collect();
        *lock(&self.counts) = Counts { cuts, way: Some(way), ..Counts::default() };
    }

    /// Returns how many bytes went one way since, TLS and HTTP included.
    pub(crate) fn bytes(&self, way: Way) -> u64 {
        let counts = lock(&self.counts);
        match way {
            Way::Up => counts.up,
            Way::Down => counts.down,
        }
    }

    /// Returns how many connections were cut since.
    pub(crate) fn made(&self) -> usize {
        lock(&self.counts).made
    }
}

fn lock(counts: &Mutex<Counts>) -> std::sync::MutexGuard<'_, Counts> {
    counts.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lets one connection through until either side ends it or it is cut.
async fn pass(laptop: TcpStream, server: String, counts: Arc<Mutex<Counts>>) {
    let Ok(server) = TcpStream::connect(server).await else { return };
    let (from_laptop, to_laptop) = laptop.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::select! {
        () = copy(from_laptop, to_server, Way::Up, &counts) => {}
        () = copy(from_server, to_laptop, Way::Down, &counts) => {}
    }
}

async fn copy(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, way: Way, counts: &Mutex<Counts>) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let Ok(n @ 1..) = from.read(&mut buffer).await else { return };
        let through = count(&mut lock(counts), way, n);
        if to.write_all(&buffer[..through]).await.is_err() || through < n {
            return;
        }
    }
}

/// Counts bytes; returns how many of them still get through before a cut.
fn count(counts: &mut Counts, way: Way, n: usize) -> usize {
    let total = match way {
        Way::Up => &mut counts.up,
        Way::Down => &mut counts.down,
    };
    *total += n as u64;
    let total = *total;
    match counts.cuts.front() {
        Some(cut) if counts.way == Some(way) && total > *cut => {
            let lost = usize::try_from(total - *cut).unwrap_or(n).min(n);
            counts.cuts.pop_front();
            counts.made += 1;
            n - lost
        }
        _ => n,
    }
}
