//! Frames between the program and its child: a length in four bytes, little-endian, then that
//! many bytes.
use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// The longest frame either way, in bytes: 64 MiB.
///
/// Room for a document at its greatest (a note of 50,000 changes saves to under 1 MiB) with
/// every body that waits for it; far below the child's memory.
pub const MAX_FRAME: usize = 64 * 1024 * 1024;

/// Bytes of the length in front of a frame.
pub(crate) const PREFIX: usize = size_of::<u32>();

/// Why no frame was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FrameError {
    /// The pipe broke or ended inside a frame, or before one was due; the other end is gone,
    /// and how it went says more than the pipe does.
    Pipe,
    /// The length in front passes [`MAX_FRAME`].
    TooLong,
}

impl From<io::Error> for FrameError {
    fn from(_: io::Error) -> Self {
        Self::Pipe
    }
}

/// The length as it stands in front of a frame, if a frame may be so long.
pub(crate) fn prefix(len: usize) -> Option<[u8; PREFIX]> {
    if len > MAX_FRAME {
        return None;
    }
    u32::try_from(len).ok().map(u32::to_le_bytes)
}

/// The length that a prefix claims.
pub(crate) fn claimed(prefix: [u8; PREFIX]) -> Result<usize, FrameError> {
    match usize::try_from(u32::from_le_bytes(prefix)) {
        Ok(len) if len <= MAX_FRAME => Ok(len),
        _ => Err(FrameError::TooLong),
    }
}

/// Reads the next frame on the child's side; `None` when the program has closed the pipe.
pub(crate) fn read(from: &mut impl io::Read) -> Result<Option<Vec<u8>>, FrameError> {
    let mut prefix = [0; PREFIX];
    let mut have = 0;
    while have < PREFIX {
        match from.read(&mut prefix[have..]) {
            Ok(0) if have == 0 => return Ok(None),
            Ok(0) => return Err(FrameError::Pipe),
            Ok(n) => have += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e.into()),
        }
    }
    let mut frame = vec![0; claimed(prefix)?];
    from.read_exact(&mut frame)?;
    Ok(Some(frame))
}

/// Sends a request to a child and reads its answer.
pub(crate) async fn exchange(
    to: &mut (impl AsyncWrite + Unpin),
    from: &mut (impl AsyncRead + Unpin),
    prefix: [u8; PREFIX],
    request: &[u8],
) -> Result<Vec<u8>, FrameError> {
    to.write_all(&prefix).await?;
    to.write_all(request).await?;
    to.flush().await?;
    let mut prefix = [0; PREFIX];
    from.read_exact(&mut prefix).await?;
    let len = claimed(prefix)?;
    // Grows as bytes come, so a child that claims much and sends little costs little.
    let mut answer = Vec::new();
    from.take(len as u64).read_to_end(&mut answer).await?;
    if answer.len() < len {
        return Err(FrameError::Pipe);
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_read_whole_or_not_at_all() {
        let mut bytes = Vec::new();
        bytes.extend(prefix(6).expect("short"));
        bytes.extend("巡迹".as_bytes());
        assert_eq!(read(&mut bytes.as_slice()), Ok(Some("巡迹".as_bytes().to_vec())));
        assert_eq!(read(&mut [].as_slice()), Ok(None));
        for cut in 1..bytes.len() {
            assert_eq!(read(&mut &bytes[..cut]), Err(FrameError::Pipe), "cut at {cut}");
        }
    }

    #[test]
    fn a_claim_beyond_the_limit_is_refused_before_memory_is_taken() {
        assert!(prefix(MAX_FRAME).is_some());
        assert_eq!(prefix(MAX_FRAME + 1), None);
        assert_eq!(read(&mut [0xff; 8].as_slice()), Err(FrameError::TooLong));
    }
}
