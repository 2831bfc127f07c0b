#![allow(clippy::unwrap_used)]
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use shared::crypto::{Cost, Passphrase};
use tempfile::TempDir;

use super::*;
use crate::laptop::vault::Vault;

const FULL: usize = CHUNK.bytes();

fn pass() -> Passphrase {
    "开启甲组".into()
}

async fn fresh() -> (TempDir, Vault) {
    let dir = TempDir::new().unwrap();
    let cost = Cost::new(32, 1, 1).unwrap();
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let (vault, _) = Vault::create_with_cost(dir.path(), &pass(), cost, &mut rng).await.unwrap();
    (dir, vault)
}

fn content(len: usize) -> Vec<u8> {
    "会议纪要扫描件".bytes().cycle().take(len).collect()
}

fn read(files: &Files, manifest: &FileManifest) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    files.open(manifest).map_err(io::Error::other)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn names(files: &Files) -> Vec<String> {
    fs::read_dir(&files.0.dir)
        .unwrap()
        .map(|f| f.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[tokio::test]
async fn a_file_of_any_length_comes_back_after_a_restart() {
    let (dir, vault) = fresh().await;
    let mut put = Vec::new();
    for len in [0, 1, FULL - 1, FULL, FULL + 1, 3 * FULL] {
        put.push((vault.files().put(io::Cursor::new(content(len))).await.unwrap(), len));
    }
    vault.lock().await.unwrap();
    let vault = Vault::open(dir.path(), &pass()).await.unwrap();
    for (manifest, len) in &put {
        assert_eq!(manifest.len, *len as u64);
        assert_eq!(read(&vault.files(), manifest).unwrap(), content(*len), "{len}");
    }
}

#[tokio::test]
async fn neither_name_nor_content_of_a_file_shows() {
    let (_dir, vault) = fresh().await;
    let files = vault.files();
    let one = files.put_blocking(content(FULL).as_slice()).unwrap();
    let two = files.put_blocking(content(FULL).as_slice()).unwrap();
    // The same file put twice cannot be told from two files.
    assert_eq!(one.content, two.content);
    assert_ne!(one.address, two.address);
    let names = names(&files);
    assert_eq!(names.len(), 2);
    for name in names {
        assert!(![one.address, one.content, one.sealed].map(|d| d.to_string()).contains(&name));
        let bytes = fs::read(files.0.dir.join(name)).unwrap();
        assert!(!bytes.windows(21).any(|w| w == "会议纪要扫描件".as_bytes()));
    }
}

#[tokio::test]
async fn a_changed_cut_or_lengthened_file_is_noticed() {
    let (_dir, vault) = fresh().await;
    let files = vault.files();
    let manifest = files.put_blocking(content(2 * FULL + 5).as_slice()).unwrap();
    let path = files.path(&manifest.address);
    let whole = fs::read(&path).unwrap();
    for at in [0, 10, HEADER_LEN, HEADER_LEN + FULL, whole.len() - 1] {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        fs::write(&path, changed).unwrap();
        assert!(read(&files, &manifest).is_err(), "byte {at}");
    }
    for len in [whole.len() - 1, HEADER_LEN + FULL + OVERHEAD] {
        fs::write(&path, &whole[..len]).unwrap();
        let found = files.open(&manifest).err();
        assert!(
            matches!(found, Some(VaultError::Tampered { what: Tampering::FileLength { .. } })),
            "{len}: {found:?}"
        );
    }
    fs::write(&path, &whole).unwrap();
    assert_eq!(read(&files, &manifest).unwrap(), content(2 * FULL + 5));
    files.remove(&manifest).unwrap();
    assert!(matches!(files.open(&manifest), Err(VaultError::NoSuchFile)));
    files.remove(&manifest).unwrap();
}

#[tokio::test]
async fn a_source_that_fails_leaves_nothing() {
    struct Broken(usize);
    impl Read for Broken {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            if self.0 == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            let n = self.0.min(out.len());
            self.0 -= n;
            Ok(n)
        }
    }
    let (_dir, vault) = fresh().await;
    let files = vault.files();
    assert!(matches!(files.put_blocking(Broken(2 * FULL)), Err(VaultError::Full)));
    assert!(names(&files).is_empty());
}

#[tokio::test]
async fn what_a_killed_process_left_is_swept_and_downloads_stay() {
    let (dir, vault) = fresh().await;
    let files = vault.files();
    for name in ["tmp-00", "ab.part"] {
        fs::write(files.0.dir.join(name), b"x").unwrap();
    }
    drop(files);
    vault.lock().await.unwrap();
    let vault = Vault::open(dir.path(), &pass()).await.unwrap();
    assert_eq!(names(&vault.files()), ["ab.part"]);
}

/// Reads all of the sealed form, as a link would.
fn sealed(files: &Files, manifest: &FileManifest) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let piece = files.read_sealed(manifest, bytes.len() as u64, 100_000).unwrap();
        if piece.is_empty() {
            return bytes;
        }
        bytes.extend_from_slice(&piece);
    }
}

#[tokio::test]
async fn a_download_broken_off_anywhere_goes_on_where_it_was() {
    let (_a, from) = fresh().await;
    let (_b, to) = fresh().await;
    for len in [0, 5, FULL, 2 * FULL + 5] {
        let manifest = from.files().put_blocking(content(len).as_slice()).unwrap();
        let bytes = sealed(&from.files(), &manifest);
        assert_eq!(bytes.len() as u64, manifest.sealed_len());
        let mut download = to.files().download(&manifest).unwrap();
        while !download.is_complete() {
            let at = download.offset() as usize;
            // A piece that ends in the middle of the next chunk, and then the link breaks.
            let end = (at + FULL + FULL / 2).min(bytes.len());
            for piece in bytes[at..end].chunks(9_999) {
                download.push(piece).unwrap();
            }
            drop(download);
            download = to.files().download(&manifest).unwrap();
            assert!(download.offset() as usize > at, "every attempt gets on");
        }
        assert!(!to.files().has(&manifest), "a file is there only when it is whole");
        download.finish().unwrap();
        assert_eq!(read(&to.files(), &manifest).unwrap(), content(len));
        assert!(names(&to.files()).iter().all(|n| !n.ends_with(PARTIAL)));
    }
}

#[tokio::test]
async fn a_download_takes_no_false_byte() {
    let (_a, from) = fresh().await;
    let (_b, to) = fresh().await;
    let manifest = from.files().put_blocking(content(2 * FULL + 5).as_slice()).unwrap();
    let bytes = sealed(&from.files(), &manifest);
    let mut download = to.files().download(&manifest).unwrap();
    let mut bad = bytes.clone();
    bad[HEADER_LEN + FULL + OVERHEAD + 7] ^= 1;
    let found = download.push(&bad);
    assert!(
        matches!(
            found,
            Err(VaultError::Tampered { what: Tampering::File(StreamError::Forged { index: 1 }) })
        ),
        "{found:?}"
    );
    assert_eq!(download.offset() as usize, HEADER_LEN + FULL + OVERHEAD);
    // The same download goes on with the right bytes.
    download.push(&bytes[download.offset() as usize..]).unwrap();
    assert!(matches!(
        download.push(b"x"),
        Err(VaultError::Tampered { what: Tampering::File(StreamError::AfterEnd) })
    ));
    download.finish().unwrap();

    // What lies on the disk from before is believed no more than what arrives.
    to.files().remove(&manifest).unwrap();
    let partial = to.files().path(&manifest.address).with_extension(PARTIAL);
    fs::write(&partial, &bad).unwrap();
    let download = to.files().download(&manifest).unwrap();
    assert_eq!(download.offset() as usize, HEADER_LEN + FULL + OVERHEAD);
    assert!(download.finish().is_err());
}

#[tokio::test]
async fn a_manifest_that_promises_something_else_is_found_out() {
    let (_a, from) = fresh().await;
    let (_b, to) = fresh().await;
    let manifest = from.files().put_blocking(content(100).as_slice()).unwrap();
    let bytes = sealed(&from.files(), &manifest);
    let lying = FileManifest { content: Digest([1; 32]), ..manifest.duplicate() };
    let mut download = to.files().download(&lying).unwrap();
    download.push(&bytes).unwrap();
    let found = download.finish();
    assert!(
        matches!(found, Err(VaultError::Tampered { what: Tampering::FileContent })),
        "{found:?}"
    );
    assert!(!to.files().has(&lying) && names(&to.files()).is_empty());
}
