//! Arranges a table of step times as a profile's `[table]`: grids instead of rows, nothing fitted.
//!
//! Prefill rows of several sequences are left out, because the simulator looks up prefills as one chunk. The tokens of
//! mixed rows begin at their smallest chunk. Below that, the shared time has the shape of prefill-only steps at context
//! 0, scaled to meet the first mixed row: with so few tokens attention is next to nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::{Row, StepType, TableError, six_digits};
use crate::data::profile::{BySequences, Chunks, Dense, Prompts, Table};

/// The one column that depends on one size only, which stands as the row of its cells.
const SHARED: &str = "shared";

/// Sizes of rows and of columns, and the rows.
type Grid = (Vec<u32>, Vec<u32>, Vec<Vec<f64>>);

/// Times \[ms\] by two sizes.
#[derive(Debug, Default)]
struct Cells(BTreeMap<(u32, u32), f64>);

impl Cells {
    fn put(&mut self, at: (u32, u32), ms: f64, line: usize, what: &str) -> Result<(), TableError> {
        match self.0.insert(at, ms) {
            Some(earlier) if earlier.total_cmp(&ms).is_ne() => {
                Err(TableError::Twice { line, what: of(what, at), ms, earlier })
            }
            _ => Ok(()),
        }
    }

    fn grid(&self, what: &str) -> Result<Grid, TableError> {
        let rows: BTreeSet<u32> = self.0.keys().map(|&(row, _)| row).collect();
        let columns: BTreeSet<u32> = self.0.keys().map(|&(_, column)| column).collect();
        let mut ms = Vec::new();
        for &row in &rows {
            let cells: Vec<Option<f64>> = columns.iter().map(|&c| self.0.get(&(row, c)).copied()).collect();
            let end = cells.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
            if let Some(hole) = cells[..end].iter().position(Option::is_none) {
                let column = columns.iter().nth(hole).copied().unwrap_or_default();
                return Err(TableError::Hole { what: of(what, (row, column)) });
            }
            ms.push(cells.into_iter().flatten().map(six_digits).collect());
        }
        Ok((rows.into_iter().collect(), columns.into_iter().collect(), ms))
    }
}

/// The name of a time in errors.
fn of(what: &str, (row, column): (u32, u32)) -> String {
    match what {
        SHARED => format!("`{what}` of {row} tokens"),
        _ => format!("`{what}` of {row} and {column}"),
    }
}

/// The grids of a table's rows.
///
/// # Errors
/// A mixed row without parts, one place with two times, or a hole in a grid.
pub(crate) fn tabulate(rows: &[Row]) -> Result<Table, TableError> {
    let [mut decode, mut prefill, mut shared, mut chunks, mut decodes] = [(); 5].map(|()| Cells::default());
    for row in rows {
        let at = row.place;
        match row.step_type {
            StepType::Decode => decode.put((at.sequences, at.context), row.ms, at.line, "decode")?,
            StepType::Prefill if at.sequences == 1 => {
                prefill.put((at.new, at.context), row.ms, at.line, "prefill")?;
            }
            StepType::Prefill => {}
            StepType::Mixed => {
                let [s, c, d] = at.parts.ok_or(TableError::NoParts { line: at.line })?;
                shared.put((at.sequences + at.new, 0), s, at.line, SHARED)?;
                chunks.put((at.new, at.context), c, at.line, "ctxattn")?;
                decodes.put((at.sequences, at.context), d, at.line, "decattn")?;
            }
        }
    }
    let by_sequences = |(sequences, contexts, ms)| BySequences { sequences, contexts, ms };
    let (tokens, contexts, ms) = prefill.grid("prefill")?;
    let prefill = Chunks { tokens, contexts, ms };
    let (tokens, prompts, ms) = chunks.grid("ctxattn")?;
    Ok(Table {
        decode: by_sequences(decode.grid("decode")?),
        shared: shared_times(&shared, &prefill),
        prefill,
        chunk_attention: Prompts { tokens, prompts, ms },
        decode_attention: by_sequences(decodes.grid("decattn")?),
    })
}

/// The shared times of mixed rows. Below those, the times have the shape of the first column of the prefills.
fn shared_times(shared: &Cells, prefill: &Chunks) -> Dense {
    let mut times: Vec<(u32, f64)> = shared.0.iter().map(|(&(tokens, _), &ms)| (tokens, ms)).collect();
    let first_column: Vec<(u32, f64)> =
        prefill.tokens.iter().zip(&prefill.ms).filter_map(|(&t, row)| Some((t, *row.first()?))).collect();
    if let Some(&(first, ms)) = times.first() {
        let meeting = first_column.windows(2).find(|pair| (pair[0].0..=pair[1].0).contains(&first));
        if let Some(&[(t0, ms0), (t1, ms1)]) = meeting {
            let there = ms0 + (ms1 - ms0) * f64::from(first - t0) / f64::from(t1 - t0);
            let below = first_column.iter().filter(|&&(tokens, _)| tokens < first);
            times.extend(below.map(|&(tokens, own)| (tokens, own * ms / there)));
        }
    }
    times.sort_by_key(|&(tokens, _)| tokens);
    let (tokens, ms) = times.into_iter().map(|(tokens, ms)| (tokens, six_digits(ms))).unzip();
    Dense { tokens, ms }
}

#[cfg(test)]
mod tests;
