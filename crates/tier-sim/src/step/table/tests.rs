//! What a table answers: at its knots, between them, beyond them; and which tables it refuses.

use super::super::{Chunk, StepModel};
use super::*;
use proptest::prelude::*;

/// 1 ms of a table in fs.
const MS: u64 = 1_000_000_000_000;

const SEQUENCES: [u32; 3] = [1, 4, 16];
const CONTEXTS: [u32; 3] = [100, 200, 400];
const TOKENS: [u32; 3] = [10, 100, 1000];

/// Rows of a small table: dense time that climbs and then hardly does, as a mixture of experts has it. The longest
/// contexts of the most sequences are not measured.
fn rows() -> [Vec<Vec<f64>>; 4] {
    let decode = vec![vec![4.0, 4.1, 4.3], vec![9.0, 9.4, 10.2], vec![12.0, 13.6]];
    let prefill = vec![vec![9.0, 9.5, 10.5], vec![13.0, 14.0, 16.0], vec![20.0, 30.0, 50.0]];
    let chunk_attention = vec![vec![0.1, 0.2, 0.4], vec![1.0, 2.0, 4.0], vec![8.0, 16.0, 32.0]];
    let decode_attention = vec![vec![0.1, 0.2, 0.4], vec![0.4, 0.8, 1.6], vec![1.6, 3.2, 6.4]];
    [decode, prefill, chunk_attention, decode_attention]
}

fn table_with(change: impl FnOnce(&mut TableMs<'_>)) -> Result<StepTable, StepModelError> {
    scaled(1.0, [0.0, 0.0], change)
}

fn scaled(
    scale: f64,
    host_ms: [f64; 2],
    change: impl FnOnce(&mut TableMs<'_>),
) -> Result<StepTable, StepModelError> {
    let [decode, prefill, chunk_attention, decode_attention] = rows();
    let grid = |rows, ms| GridMs { rows, columns: &CONTEXTS, ms };
    let mut ms = TableMs {
        decode: grid(&SEQUENCES, &decode),
        prefill: grid(&TOKENS, &prefill),
        shared: (&TOKENS, &[8.0, 12.0, 18.0]),
        chunk_attention: grid(&TOKENS, &chunk_attention),
        decode_attention: grid(&SEQUENCES, &decode_attention),
    };
    change(&mut ms);
    StepTable::new(&ms, scale, host_ms[0], host_ms[1])
}

fn fs_of(chunks: &[Chunk], decodes: u32, decode_context: u64) -> u64 {
    table_with(|_| ()).unwrap().step_fs(&Work { chunks, decodes, decode_context })
}

#[test]
fn knots_are_met_exactly() {
    let [decode, prefill, chunk_attention, decode_attention] = rows();
    let quantised = |ms: f64| (ms * MS as f64).round() as u64;
    for (&sequences, row) in SEQUENCES.iter().zip(&decode) {
        for (&context, &ms) in CONTEXTS.iter().zip(row) {
            assert_eq!(fs_of(&[], sequences, u64::from(sequences * context)), quantised(ms));
        }
    }
    for (i, &new) in TOKENS.iter().enumerate() {
        for (j, &context) in CONTEXTS.iter().enumerate() {
            assert_eq!(fs_of(&[Chunk { new, context }], 0, 0), quantised(prefill[i][j]));
        }
    }
    // 96 new tokens and 4 decodes are 100 tokens. The chunk's prompt is 200: 96 * (2 * 52 + 96) = 96 * 200.
    let (shared, decodes) = (12.0, decode_attention[1][2]);
    let chunks = chunk_attention[0][1] + (chunk_attention[1][1] - chunk_attention[0][1]) * 86.0 / 90.0;
    let mixed = fs_of(&[Chunk { new: 96, context: 52 }], 4, 4 * 400);
    assert!(mixed.abs_diff(quantised(shared + chunks + decodes)) <= 1, "{mixed}");
}

#[test]
fn between_and_beyond_the_knots_by_hand() {
    // Mean context 150 is half way from 4 ms to 4.1; 300 is half way to 4.3.
    assert_eq!(fs_of(&[], 1, 150), 4_050_000_000_000);
    assert_eq!(fs_of(&[], 1, 300), 4_200_000_000_000);
    // 2 sequences at 100 are a third of the way from 4 ms to 9: 5.6666... ms, rounded down.
    assert_eq!(fs_of(&[], 2, 200), 5_666_666_666_666);
    // Beyond: the row of 16 ends at 200 and climbs by 1.6 ms per 100 tokens, so it is 16.8 at 400.
    assert_eq!(fs_of(&[], 16, 16 * 400), 16_800_000_000_000);
    // 28 sequences at 100: 12 + (12 - 9) * 12 / 12.
    assert_eq!(fs_of(&[], 28, 2800), 15 * MS);
    // Two chunks of 50 after 100: work 50 * 125 * 2 = 12500 = 100 * (75 + 50), a chunk of 100 after 75: 13 - 0.25.
    assert_eq!(fs_of(&[Chunk { new: 50, context: 100 }; 2], 0, 0), 12_750_000_000_000);
    // Ten chunks of 10 after 0: work 500 = 100 * (-45 + 50), so 145 tokens short of 100: 13 - 1.45.
    assert_eq!(fs_of(&[Chunk { new: 10, context: 0 }; 10], 0, 0), 11_550_000_000_000);
    // 1000 chunks of one token are of prompts of one token: 8 ms less 99 * 0.08. Shared is 18 ms and a step of 6 / 900.
    let shared = 18 * MS + 6 * MS / 900;
    let one = fs_of(&vec![Chunk { new: 1, context: 0 }; 1000], 1, 100);
    assert_eq!(one, shared + MS / 10 + 80_000_000_000);
}

#[test]
fn host_time_is_added_and_not_scaled() {
    let table = scaled(2.0, [1.5, 0.25], |_| ()).unwrap();
    // 2 * 9 ms, 1.5 for the step, 0.25 for each of 4 sequences.
    let work = Work { chunks: &[], decodes: 4, decode_context: 400 };
    assert_eq!(table.step_fs(&work), 20_500_000_000_000);
}

#[test]
fn a_run_of_decodes_is_its_steps() {
    let model = StepModel::Table(Box::new(table_with(|_| ()).unwrap()));
    let (decodes, context) = (3, 290_u64);
    let mut sum = 0;
    for step in 0..400 {
        assert_eq!(model.decode_run_fs(decodes, context, step), sum);
        assert_eq!(model.decode_steps_to_reach(decodes, context, sum, 1 << 20), step);
        let decode_context = context + step * u64::from(decodes);
        sum += u128::from(model.step_fs(&Work { chunks: &[], decodes, decode_context }));
    }
}

proptest! {
    /// The times of this table never fall with a size, so neither does what lies between.
    #[test]
    fn between_neighbours_and_monotone(
        sequences in 1..16_u32,
        more in 0..8_u32,
        mean in 100..200_u64,
        longer in 0..900_u64,
    ) {
        let context = u64::from(sequences) * mean;
        let here = fs_of(&[], sequences, context);
        let low = SEQUENCES.partition_point(|&s| s <= sequences) - 1;
        let [decode, ..] = rows();
        let ms = |row: usize, column: usize| (decode[row][column] * MS as f64).round() as u64;
        prop_assert!(here >= ms(low, 0) && here <= ms((low + 1).min(2), 1), "{here}");
        prop_assert!(fs_of(&[], sequences, context + longer) >= here);
        // At the same mean context, more sequences.
        prop_assert!(fs_of(&[], sequences + more, u64::from(sequences + more) * mean) >= here);
        let chunk = |new, context| fs_of(&[Chunk { new, context }], 0, 0);
        prop_assert!(chunk(sequences * 9 + 1, mean as u32) <= chunk(sequences * 9 + 1, (mean + longer) as u32));
        prop_assert!(chunk(sequences * 9 + 1, mean as u32) <= chunk((sequences + more) * 9 + 1, mean as u32));
    }
}

#[test]
fn malformed_tables_are_refused() {
    let message = |change: fn(&mut TableMs<'_>)| table_with(change).unwrap_err().to_string();
    let messages = [
        message(|t| t.decode.rows = &[1, 4, 4]),
        message(|t| t.decode.rows = &[1, 4]),
        message(|t| t.prefill.columns = &[100, 200]),
        message(|t| t.prefill.columns = &[100, 400, 200]),
        message(|t| t.shared = (&[10], &[8.0])),
        message(|t| t.shared = (&[10, 20], &[8.0])),
        message(|t| t.shared = (&[10, 20], &[8.0, f64::NAN])),
        message(|t| t.shared = (&[10, 20], &[-8.0, 9.0])),
    ];
    insta::assert_snapshot!(messages.join("\n"), @r"
    `decode`: sizes must increase; 4 is followed by 4
    `decode`: 2 sizes and 3 rows of times
    `prefill`: the row of 10 has 3 times; allowed: 2 to 2
    `prefill`: sizes must increase; 400 is followed by 200
    `shared`: at least 2 sizes are needed
    `shared`: 2 sizes and 1 times
    `shared` = NaN; a step-time coefficient is a finite number from 0 to 1000 s
    `shared` = -0.008; a step-time coefficient is a finite number from 0 to 1000 s
    ");
}
