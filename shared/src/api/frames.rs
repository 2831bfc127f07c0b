//! Frames in an HTTP body: each behind its length, four bytes, big-endian.
use minicbor::{Decode, Encode};

use crate::journal::{cbor, frame::MAX_FRAME};

/// Why a body is no sequence of frames.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FramesError {
    /// A frame is longer than [`MAX_FRAME`].
    #[error("a frame of {0} bytes is too long")]
    TooLong(usize),
    /// The body ends in the middle of a frame.
    #[error("the body ends in the middle of a frame")]
    CutShort,
    /// A frame does not decode.
    #[error("a frame does not decode: {0}")]
    Malformed(String),
}

/// Adds a frame to a body.
pub fn push<T: Encode<()>>(body: &mut Vec<u8>, frame: &T) {
    let bytes = cbor::to_vec(frame);
    // Frames are made below MAX_FRAME, so the length fits; a longer one is refused on arrival.
    body.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    body.extend_from_slice(&bytes);
}

/// Reads every whole frame of a body. What was cut short is left out: sending again is
/// harmless.
///
/// # Errors
/// [`FramesError::TooLong`] or [`FramesError::Malformed`]; [`FramesError::CutShort`] never.
pub fn read_whole<T: for<'b> Decode<'b, ()>>(body: &[u8]) -> Result<Vec<T>, FramesError> {
    let mut frames = Vec::new();
    let mut rest = body;
    loop {
        match next(rest) {
            Ok(Some((frame, left))) => {
                frames.push(frame);
                rest = left;
            }
            Ok(None) | Err(FramesError::CutShort) => return Ok(frames),
            Err(error) => return Err(error),
        }
    }
}

/// Reads all frames of a body.
///
/// # Errors
/// Any [`FramesError`].
pub fn read<T: for<'b> Decode<'b, ()>>(body: &[u8]) -> Result<Vec<T>, FramesError> {
    let mut frames = Vec::new();
    let mut rest = body;
    while let Some((frame, left)) = next(rest)? {
        frames.push(frame);
        rest = left;
    }
    Ok(frames)
}

/// Reads the first frame and returns it with the rest; `None` at the end.
fn next<'b, T: Decode<'b, ()>>(body: &'b [u8]) -> Result<Option<(T, &'b [u8])>, FramesError> {
    if body.is_empty() {
        return Ok(None);
    }
    let (prefix, rest) = body.split_first_chunk::<4>().ok_or(FramesError::CutShort)?;
    let len = u32::from_be_bytes(*prefix) as usize;
    if len > MAX_FRAME {
        return Err(FramesError::TooLong(len));
    }
    let (bytes, rest) = rest.split_at_checked(len).ok_or(FramesError::CutShort)?;
    let frame = minicbor::decode(bytes).map_err(|e| FramesError::Malformed(e.to_string()))?;
    Ok(Some((frame, rest)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::journal::frame::Up;

    #[test]
    fn frames_come_back_in_order_and_a_cut_body_gives_the_whole_ones() {
        let frames = [
            Up::Have { spaces: Vec::new() },
            Up::Push { envelopes: Vec::new() },
            Up::Want { space: crate::model::SpaceId::from_bytes([1; 16]), envelopes: Vec::new() },
        ];
        let mut body = Vec::new();
        let mut ends = vec![0];
        for frame in &frames {
            push(&mut body, frame);
            ends.push(body.len());
        }
        assert_eq!(read::<Up>(&body).unwrap(), frames);
        for cut in 0..body.len() {
            let whole = ends.iter().filter(|end| **end <= cut).count() - 1;
            assert_eq!(read_whole::<Up>(&body[..cut]).unwrap(), frames[..whole]);
            assert_eq!(read::<Up>(&body[..cut]).is_err(), !ends.contains(&cut));
        }
    }

    #[test]
    fn a_long_or_senseless_frame_is_refused() {
        let long = (MAX_FRAME as u32 + 1).to_be_bytes();
        assert_eq!(read::<Up>(&long), Err(FramesError::TooLong(MAX_FRAME + 1)));
        assert!(matches!(read::<Up>(&[0, 0, 0, 1, 0xff]), Err(FramesError::Malformed(_))));
    }
}
