//! `README.md` of a folder of records: what of the paper is reproduced, what is not, and what speaks against us.

use deployment::Problem;
use experiment::{Loaded, is_met};

use super::claims::{Claim, all_claims};

/// What a reader should hold against these records. It is about how they were made, so no record has it.
const BIAS: &str = "\
## Our bias
- We wrote the simulator, the experiments and the bands in which a figure counts as reproduced. The bands were fixed before
  the runs, and nobody else checked them.
- The paper's traces, prices, media and load are not known. We chose public ones, or made ours. Each verdict is about our
  choice: the column of the regime says where it holds.
- A claim about regimes is judged by its best regime, because the paper says \"up to\". That favours the paper. The count of
  regimes beside it does not.
- The simulator follows vLLM's scheduler, and was compared with recorded runs of engines. The bandwidths and latencies of media
  are published figures; we did not measure them.
- The searches named `kareto` and `kareto-plus` are ours. They were made while we looked at some of the cases on which they
  are compared with the others.
";

/// The text of the file.
///
/// # Errors
/// A table of claims lacks a column.
pub fn reproduced(records: &[(String, Loaded)]) -> Result<String, Problem> {
    let claims = all_claims(records)?;
    let judged = |met: bool| -> Vec<&(&str, Claim)> {
        let measured = claims.iter().filter(|(_, claim)| claim.verdict != NOT_MEASURED);
        measured.filter(|(_, claim)| is_met(&claim.verdict) == met).collect()
    };
    let unmeasured: Vec<&(&str, Claim)> =
        claims.iter().filter(|(_, it)| it.verdict == NOT_MEASURED).collect();
    let mut text = String::from(
        "<!-- Written by kareto report. Changes of it are lost. -->\n# What is reproduced\n\nEach folder is the record of one \
         experiment: tables, `manifest.toml`, pictures and a page. [index.html](index.html) is the page over all of them.\n",
    );
    let count = |claims: &[&(&str, Claim)]| claims.len();
    let (met, unmet) = (judged(true), judged(false));
    text += &format!(
        "Of {} claims of the paper, {} are reproduced or stronger, {} are weaker or contradicted, and {} are not measured.\n",
        claims.len(),
        count(&met),
        count(&unmet),
        count(&unmeasured)
    );
    for (heading, of) in
        [("Reproduced, or stronger", met), ("Not reproduced", unmet), ("Not measured", unmeasured)]
    {
        text += &section(heading, &of);
    }
    let others: Vec<String> = records
        .iter()
        .filter(|(_, loaded)| loaded.claims().is_none_or(|claims| claims.rows() == 0))
        .map(|(folder, loaded)| {
            format!("- [{folder}]({folder}/index.html): {}\n", loaded.manifest().question)
        })
        .collect();
    if !others.is_empty() {
        text += &format!("\n## Experiments without a claim of the paper\n{}", others.concat());
    }
    Ok(text + "\n" + BIAS)
}

/// The verdict of a claim at smoke scale, or without its points.
const NOT_MEASURED: &str = "not measured";

fn section(heading: &str, claims: &[&(&str, Claim)]) -> String {
    if claims.is_empty() {
        return String::new();
    }
    let mut text = format!(
        "\n## {heading}\n| experiment | the paper says | paper | ours | where | verdict |\n|---|---|---|---|---|---|\n"
    );
    for (folder, claim) in claims {
        text += &format!(
            "| [{folder}]({folder}/index.html) | {} | {} | {} | {} | {} |\n",
            claim.says,
            claim.paper(),
            claim.ours(),
            claim.regime(),
            claim.verdict
        );
    }
    text
}
