//! What a tabulated table says again, what it predicts of what it was not shown, and what it refuses.

use super::super::{parse_table, quantile};
use super::*;
use std::fmt::Write as _;
use tier_sim::step::StepModel;

const SMALL: &str = "kind,bs,new,ctx,ms,shared,ctxattn,decattn\n\
    prefill,1,64,0,10,,,\nprefill,1,64,512,11,,,\nprefill,1,256,0,20,,,\nprefill,1,256,512,22,,,\nprefill,1,512,0,24,,,\n\
    prefill,1,512,512,25,,,\nprefill,2,64,0,12.5,,,\n\
    decode,1,1,128,4,,,\ndecode,1,1,256,5,,,\ndecode,1,1,512,7,,,\ndecode,8,8,128,6,,,\ndecode,8,8,256,9,,,\n\
    mixed,8,376,1024,31,27.5,2,1.5\nmixed,8,376,4096,36,27.5,3,5.5\nmixed,16,752,1024,50,44,4,2\nmixed,16,752,4096,60,44,6,10\n";

fn model(table: &Table) -> StepModel {
    StepModel::Table(Box::new(table.quantised(1.0, [0.0; 2]).unwrap()))
}

fn error(row: &Row, model: &StepModel) -> f64 {
    (model.step_fs(&row.work()) as f64 / 1e12 / row.ms - 1.0).abs()
}

#[test]
fn rows_become_grids() {
    let rows = parse_table(SMALL).unwrap();
    let table = tabulate(&rows).unwrap();
    assert_eq!(
        (&table.decode.sequences[..], &table.decode.contexts[..]),
        (&[1, 8][..], &[128, 256, 512][..])
    );
    assert_eq!(table.decode.ms, [vec![4.0, 5.0, 7.0], vec![6.0, 9.0]]);
    assert_eq!(table.prefill.ms[1], [20.0, 22.0]);
    assert_eq!(table.chunk_attention.ms, [[2.0, 3.0], [4.0, 6.0]]);
    // Prefills at context 0 are 22 ms at 384 tokens, where mixed steps have 27.5, so 10 and 20 become 12.5 and 25.
    assert_eq!(table.shared.tokens, [64, 256, 384, 768]);
    assert_eq!(table.shared.ms, [12.5, 25.0, 27.5, 44.0]);
    // All but the prefill of two sequences, which is not in the table.
    for row in rows.iter().filter(|row| (row.step_type, row.place.sequences) != (StepType::Prefill, 2)) {
        assert!(error(row, &model(&table)) < 1e-12, "{row:?}");
    }
}

#[test]
fn malformed_tables_are_refused() {
    let message = |from: &str, to: &str| tabulate(&parse_table(&SMALL.replace(from, to)).unwrap());
    let messages = [
        message("31,27.5,2,1.5", "31,27.5,2,"),
        message(",shared,ctxattn,decattn\n", "\n"),
        message("36,27.5,3,5.5", "36,27.25,3,5.5"),
        message("decode,1,1,256,5", "decode,1,1,128,5"),
        message("decode,1,1,256,5,,,\n", ""),
    ]
    .map(|outcome| outcome.unwrap_err().to_string());
    insta::assert_snapshot!(messages.join("\n"), @r"
    line 14: a table of mixed steps needs the columns `shared,ctxattn,decattn` after `kind,bs,new,ctx,ms`, filled in
    line 14: a table of mixed steps needs the columns `shared,ctxattn,decattn` after `kind,bs,new,ctx,ms`, filled in
    line 15: `shared` of 384 tokens is 27.25 ms; an earlier line has 27.5 ms
    line 10: `decode` of 1 and 128 is 5 ms; an earlier line has 4 ms
    there is no `decode` of 1 and 256; sizes that are not measured may only be the last of their row
    ");
    let parts = parse_table(&SMALL.replace("31,27.5,2,1.5", "31,27.5,two,1.5")).unwrap_err();
    assert_eq!(parts.to_string(), "line 14: `ctxattn` is `two`; expected milliseconds, or nothing");
}

/// Every second size of a grid, and the last.
fn thin<T: Clone>(sizes: &[T]) -> Vec<T> {
    sizes
        .iter()
        .enumerate()
        .filter(|(at, _)| at % 2 == 0 || at + 1 == sizes.len())
        .map(|(_, s)| s.clone())
        .collect()
}

fn thin_rows(ms: &[Vec<f64>], columns: usize) -> Vec<Vec<f64>> {
    let kept = thin(&(0..columns).collect::<Vec<_>>());
    let row = |row: &Vec<f64>| kept.iter().filter_map(|&column| row.get(column).copied()).collect();
    thin(ms).iter().map(row).collect()
}

/// The table with about a quarter of its times.
fn thinned(table: &Table) -> Table {
    let by_sequences = |grid: &BySequences| BySequences {
        sequences: thin(&grid.sequences),
        contexts: thin(&grid.contexts),
        ms: thin_rows(&grid.ms, grid.contexts.len()),
    };
    let Table { prefill, shared, chunk_attention, .. } = table;
    Table {
        decode: by_sequences(&table.decode),
        prefill: Chunks {
            tokens: thin(&prefill.tokens),
            contexts: thin(&prefill.contexts),
            ms: thin_rows(&prefill.ms, prefill.contexts.len()),
        },
        shared: Dense { tokens: thin(&shared.tokens), ms: thin(&shared.ms) },
        chunk_attention: Prompts {
            tokens: thin(&chunk_attention.tokens),
            prompts: thin(&chunk_attention.prompts),
            ms: thin_rows(&chunk_attention.ms, chunk_attention.prompts.len()),
        },
        decode_attention: by_sequences(&table.decode_attention),
    }
}

/// How well rows are predicted that the table was not shown: every second size of every kind is left out. The last
/// pair is of prefills of several sequences, which are never in the table; here the whole table predicts them.
#[test]
fn rows_left_out_are_predicted() {
    let Some(folder) = test_data::shared("step-tables") else { return };
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "csv"));
    files.sort();
    let mut text =
        format!("{:<47} decode      prefill     mixed       several sequences\n", "median, p90 [%]");
    for path in files {
        let rows = parse_table(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let table = tabulate(&rows).unwrap();
        let (whole, part) = (model(&table), model(&thinned(&table)));
        let several = |row: &&Row| row.step_type == StepType::Prefill && row.place.sequences > 1;
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        let _ = write!(text, "{stem:<47}");
        for step_type in StepType::ALL {
            let single = rows.iter().filter(|row| row.step_type == step_type && !several(row));
            // To the nearest 1e-5 what is met is in the table.
            let errors = single.map(|row| {
                assert!(error(row, &whole) < 1e-5, "{stem}: {row:?}");
                error(row, &part)
            });
            let _ = write!(text, "{}", pair(errors.filter(|&error| error > 1e-5).collect()));
        }
        let errors = rows.iter().filter(several).map(|row| error(row, &whole)).collect();
        let _ = writeln!(text, "{}", pair(errors).trim_end());
    }
    insta::assert_snapshot!(text);
}

fn pair(mut errors: Vec<f64>) -> String {
    errors.sort_by(f64::total_cmp);
    let [median, p90] = [0.5, 0.9].map(|q| quantile(&errors, q) * 100.0);
    format!("{median:>5.1}{p90:>6.1} ")
}
