//! Strings in pieces: how functions that keep, cut or put together text tell where each part came from, also in strings
//! that are only partly known.

use std::ops::Range;
use std::sync::Arc;

use super::arguments::{normal, unknown};
use crate::eval::trace::Trace;
use crate::eval::types::Type;
use crate::eval::value::{Piece, Provenance, Value, bounded_pieces};

/// The string that the pieces make: known where all of them are. Layer one knows no prefix.
pub(super) fn assemble(pieces: Vec<Piece>) -> Value {
    let pieces = bounded_pieces(merge(pieces));
    let known: Option<String> = pieces.iter().map(|piece| piece.text.as_deref()).collect();
    let trace = Trace::join(pieces.iter().map(|piece| piece.trace.clone()));
    let (value, kept) = match known {
        None => (unknown(Type::String), true),
        Some(text) => {
            let length = text.len();
            let text = normal(text);
            // A piece whose end was composed with the next one's start is no piece any more.
            let kept = text.len() == length && pieces.len() > 1;
            (Value::string(text), kept)
        }
    };
    if trace.is_none() && value.as_str().is_some() {
        return value;
    }
    value.with_provenance(Some(Arc::new(Provenance {
        trace,
        pieces: if kept { pieces.into() } else { Arc::default() },
        ..Provenance::default()
    })))
}

/// Drops empty pieces without a trace and joins neighbours that nobody could tell apart.
fn merge(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut merged: Vec<Piece> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let empty = piece.text.as_deref() == Some("");
        match merged.last_mut() {
            _ if empty && piece.trace.is_none() => {}
            Some(last) if last.trace.is_none() && piece.trace.is_none() => {
                match (&last.text, &piece.text) {
                    (Some(before), Some(after)) => {
                        last.text = Some(format!("{before}{after}").into());
                    }
                    _ => merged.push(piece),
                }
            }
            _ => merged.push(piece),
        }
    }
    merged
}

/// Part of a known string, by bytes.
pub(super) fn slice(value: &Value, range: Range<usize>) -> Value {
    let mut at = 0;
    let mut kept = Vec::new();
    for piece in value.pieces() {
        let Some(text) = piece.text else { continue };
        let (start, end) = (range.start.max(at), range.end.min(at + text.len()));
        if start < end || (range.is_empty() && kept.is_empty() && start == end) {
            let part = text.get(start - at..end - at).unwrap_or_default();
            kept.push(Piece {
                text: Some(part.into()),
                trace: piece.trace,
            });
        }
        at += text.len();
    }
    assemble(kept)
}

/// A string with each known piece changed by itself; for changes that do not look beyond a single character.
pub(super) fn map(value: &Value, change: impl Fn(&str) -> String) -> Value {
    let pieces = value.pieces().into_iter();
    assemble(
        pieces
            .map(|piece| Piece {
                text: piece.text.map(|text| change(&text).into()),
                trace: piece.trace,
            })
            .collect(),
    )
}

/// A partly known string with its known end cut by `cut`, which gets the end's text and whether more comes before it, and
/// gives what is left of it. `None` from it: how much is cut depends on what is unknown.
pub(super) fn cut_end(value: &Value, cut: impl Fn(&str) -> Option<usize>) -> Value {
    let mut pieces = value.pieces();
    let tail_at = known_tail(&pieces);
    let tail_pieces = pieces.split_off(tail_at);
    let tail = text_of(&tail_pieces);
    if tail.is_empty() {
        return assemble(pieces);
    }
    match cut(&tail) {
        // All of the known end may go, and then some.
        None => pieces.push(unknown_piece(&tail_pieces)),
        Some(kept) => pieces.extend(take(tail_pieces, kept)),
    }
    assemble(pieces)
}

/// A partly known string with its known start cut: `cut` gives how many bytes of it go.
pub(super) fn cut_start(value: &Value, cut: impl Fn(&str) -> Option<usize>) -> Value {
    let mut pieces = value.pieces();
    let head_to = pieces
        .iter()
        .position(|piece| piece.text.is_none())
        .unwrap_or(pieces.len());
    let rest = pieces.split_off(head_to);
    let head = text_of(&pieces);
    if head.is_empty() {
        return assemble(rest);
    }
    let mut kept = match cut(&head) {
        None => vec![unknown_piece(&pieces)],
        Some(cut) => skip(pieces, cut),
    };
    kept.extend(rest);
    assemble(kept)
}

/// A partly known string whose known start and end are changed, each by itself, and of which nothing is known between them.
/// Where one changes, `added` is what has got into it.
pub(super) fn change_ends(
    value: &Value,
    added: &Trace,
    head: impl Fn(&str) -> String,
    tail: impl Fn(&str) -> String,
) -> Value {
    let mut pieces = value.pieces();
    let end = pieces.split_off(known_tail(&pieces));
    let is_unknown = |piece: &Piece| piece.text.is_none();
    let head_to = pieces.iter().position(is_unknown);
    let middle = pieces.split_off(head_to.unwrap_or(pieces.len()));
    let changed = |pieces: Vec<Piece>, text: String| {
        if text == text_of(&pieces) {
            return pieces;
        }
        let traces = pieces.iter().map(|piece| piece.trace.clone());
        let trace = Trace::join(traces.chain([added.clone()]));
        vec![Piece {
            text: Some(text.into()),
            trace,
        }]
    };
    let start_text = head(&text_of(&pieces));
    let end_text = tail(&text_of(&end));
    let mut all = changed(pieces, start_text);
    all.push(unknown_piece(&middle));
    all.extend(changed(end, end_text));
    assemble(all)
}

fn known_tail(pieces: &[Piece]) -> usize {
    let unknown = pieces.iter().rposition(|piece| piece.text.is_none());
    unknown.map_or(0, |last| last + 1)
}

fn text_of(pieces: &[Piece]) -> String {
    pieces
        .iter()
        .filter_map(|piece| piece.text.as_deref())
        .collect()
}

fn unknown_piece(pieces: &[Piece]) -> Piece {
    Piece {
        text: None,
        trace: Trace::join(pieces.iter().map(|piece| piece.trace.clone())),
    }
}

fn take(pieces: Vec<Piece>, mut bytes: usize) -> Vec<Piece> {
    let mut taken = Vec::new();
    for piece in pieces {
        let text = piece.text.as_deref().unwrap_or_default();
        let length = bytes.min(text.len());
        bytes -= length;
        if length > 0 {
            let text = text.get(..length).unwrap_or_default();
            taken.push(Piece {
                text: Some(text.into()),
                trace: piece.trace,
            });
        }
    }
    taken
}

fn skip(pieces: Vec<Piece>, mut bytes: usize) -> Vec<Piece> {
    let mut kept = Vec::new();
    for piece in pieces {
        let text = piece.text.as_deref().unwrap_or_default();
        let length = bytes.min(text.len());
        bytes -= length;
        if length < text.len() {
            let text = text.get(length..).unwrap_or_default();
            kept.push(Piece {
                text: Some(text.into()),
                trace: piece.trace,
            });
        }
    }
    kept
}
