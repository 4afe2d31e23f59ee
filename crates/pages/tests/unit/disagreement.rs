//! Where figures disagree, and what that costs, in a made-up grid.

use std::collections::BTreeMap;

use kareto::{Evaluation, Objectives};

use super::*;

/// Hit ratio, mean and p99 TTFT \[s\], cost.
fn evaluation([hits, mean, p99, cost]: [f64; 4]) -> Evaluation {
    let metrics = [("hit_ratio".to_owned(), hits), ("ttft_s_p99".to_owned(), p99)];
    let objectives = Objectives::new(mean, 1.0, cost).expect("finite");
    Evaluation { objectives, metrics: BTreeMap::from(metrics) }
}

#[test]
fn found_in_the_figures() {
    let cells = [
        [[0.5, 2.0, 4.0, 10.0], [0.6, 1.0, 2.0, 9.0]],
        [[0.4, 1.6, 5.0, 10.0], [0.5, 1.5, 2.0, 9.5]],
        [[0.9, 0.1, 0.1, 1.0], [0.9, 0.1, 0.1, 1.0]],
    ]
    .map(|row| row.map(evaluation));
    let panel = Panel {
        title: "trace `chat`".to_owned(),
        file_part: "chat-".to_owned(),
        rows: ["lru", "fifo", "belady"].map(str::to_owned).to_vec(),
        reference: vec![false, false, true],
        columns: ["64", "128"].map(str::to_owned).to_vec(),
        cells: cells.iter().flatten().collect(),
    };
    let cases = CasesEntry {
        compare: "dram_eviction".to_owned(),
        along: Some("dram_gib".to_owned()),
        reference: vec!["belady".to_owned()],
        best_over: Vec::new(),
        surfaces: Vec::new(),
        against: None,
        baseline: None,
        absent: Vec::new(),
        traces: BTreeMap::new(),
    };
    let (text, table) = disagreement(&[panel], &cases).expect("a table");
    // At 64: 2.0 s is 25 % more than 1.6 s. p99 and cost agree, the latter by a tie. At 128 all agree.
    assert_eq!(
        text,
        "Of 2 comparisons, the best hit ratio also has the least mean TTFT in 1, the least p99 TTFT in 2 and the least \
         cost in 2. Most is lost at dram_gib 64 with trace `chat`: `lru` hits 50 % and has a mean TTFT of 2 s, `fifo` \
         hits 40 % and has 1.6 s; the former is 25 % slower. `belady` cannot be had, so it is shown and not compared."
    );
    assert!(table.is_some(), "the column of 64");
}
