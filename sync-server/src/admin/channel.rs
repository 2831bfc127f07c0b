//! How a command line reaches a running server: a loopback port and a token in a file that
//! only the server's account can read.
//!
//! One request and one answer, each a line of JSON. With no server running, the same requests
//! are carried out on the folder itself ([`ask`]).
use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use shared::crypto::{Context, hash::hash};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    time::timeout,
};

use super::{Answer, Office, Request, office};
use crate::{
    serve::{Config, Kernel, ServeError},
    store::{SqliteStore, StoreError},
};

const FILE: &str = "admin.json";
const TOKEN: Context = Context("xunji admin token");
/// The longest request, in bytes; a whole round with its rule pack is far below.
const MAX_REQUEST: u64 = 16 * 1024 * 1024;
/// How long a request may take to arrive.
const TIME: Duration = Duration::from_secs(30);

/// Where the running server is to be asked.
#[derive(Serialize, Deserialize)]
struct Contact {
    port: u16,
    token: String,
}

#[derive(Serialize, Deserialize)]
struct Letter {
    token: String,
    request: Request,
}

/// The file that says where to ask; removed when dropped.
pub(crate) struct AdminFile(PathBuf);

impl Drop for AdminFile {
    fn drop(&mut self) {
        // A file left behind names a port where nobody answers: harmless.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Opens the channel of a running server.
pub(crate) async fn open(
    data: &Path,
    office: Arc<Office>,
) -> io::Result<(AdminFile, tokio::task::JoinHandle<()>)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let mut token = [0; 32];
    getrandom::fill(&mut token).map_err(io::Error::other)?;
    let token = HEXLOWER.encode(&token);
    let contact = Contact { port: listener.local_addr()?.port(), token: token.clone() };
    let path = data.join(FILE);
    write_private(&path, &serde_json::to_vec(&contact)?)?;
    let file = AdminFile(path);
    let token = hash(TOKEN, &[token.as_bytes()]);
    let task = tokio::spawn(async move {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    let office = Arc::clone(&office);
                    tokio::spawn(async move {
                        if let Err(error) = answer(stream, &office, token).await {
                            tracing::debug!(%error, "an administrator's request broke off");
                        }
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "the administrator's port");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    });
    Ok((file, task))
}

async fn answer(
    mut stream: TcpStream,
    office: &Office,
    token: shared::model::Digest,
) -> io::Result<()> {
    let (read, mut write) = stream.split();
    let mut line = String::new();
    timeout(TIME, BufReader::new(read.take(MAX_REQUEST)).read_line(&mut line)).await??;
    let answer = match serde_json::from_str::<Letter>(&line) {
        // Both are hashes, so how long the comparison takes tells nothing of the token.
        Ok(letter) if hash(TOKEN, &[letter.token.as_bytes()]) == token => {
            office.carry_out(letter.request).await
        }
        Ok(_) => Answer::refused("token"),
        Err(error) => {
            // What the reader says may quote what it read.
            tracing::warn!(column = error.column(), "an administrator's request does not read");
            Answer::refused("request")
        }
    };
    let mut bytes = serde_json::to_vec(&answer)?;
    bytes.push(b'\n');
    write.write_all(&bytes).await?;
    write.shutdown().await
}

/// Has a request carried out by the server that runs on this folder, or on the folder itself
/// if none does.
///
/// Only [`Request::Apply`] makes a folder: a path that was mistyped is not a new server.
///
/// # Errors
/// Any [`ServeError`]; [`StoreError::NoData`] when the folder holds no server's data.
pub async fn ask(data: &Path, request: Request) -> Result<Answer, ServeError> {
    let nowhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let mut config = Config::new(data.to_owned(), nowhere)?;
    config.store.create = matches!(request, Request::Apply { .. });
    if let Request::Compare { plan } = &request
        && !SqliteStore::is_in(data)
    {
        return Ok(Answer::changes(&office::changes(None, plan)));
    }
    match Kernel::start(&config).await {
        Ok(kernel) => {
            let answer = kernel.office.carry_out(request).await;
            kernel.stop().await?;
            Ok(answer)
        }
        Err(ServeError::Store(StoreError::InUse(folder))) => {
            let asked = ask_running(&folder, request).await;
            asked.map_err(|source| ServeError::NoAnswer { folder, source })
        }
        Err(error) => Err(error),
    }
}

/// Asks the server that runs on this folder.
///
/// # Errors
/// When none answers.
pub async fn ask_running(data: &Path, request: Request) -> io::Result<Answer> {
    let contact: Contact = serde_json::from_slice(&std::fs::read(data.join(FILE))?)?;
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, contact.port)).await?;
    let mut bytes = serde_json::to_vec(&Letter { token: contact.token, request })?;
    bytes.push(b'\n');
    stream.write_all(&bytes).await?;
    let mut line = String::new();
    if BufReader::new(stream).read_line(&mut line).await? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(serde_json::from_str(&line)?)
}

/// Writes a file that only this account can read.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::io::Write;
    let mut options = std::fs::File::options();
    options.create(true).write(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
