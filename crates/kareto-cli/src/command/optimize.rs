//! `kareto optimize`: one experiment, and the configuration to buy.

use experiment::{Finished, Kind, Registries, kind_of};
use kareto::picks::Change;

use super::run_experiments;
use crate::args::Optimize;
use crate::error::CliError;
use crate::output::{aligned, print};
use pages::{SHARING_UNKNOWN, advice};

/// Runs an experiment and prints the recommended configurations.
pub(super) fn optimize(args: &Optimize, registries: &Registries) -> Result<(), CliError> {
    let file = args.file.display();
    match kind_of(&args.file)? {
        Kind::Search => {}
        Kind::Cases => {
            let message = format!("{file}: an experiment of cases has nothing to optimize");
            return Err(CliError::user_with_help(
                message,
                "`kareto run` and `kareto report` compare its cases",
            ));
        }
        Kind::Comparison => return Err(only_run(&file, "[compare]", "compares searches")),
        Kind::GroupTtl => return Err(only_run(&file, "[group_ttl]", "compares TTLs")),
        Kind::Reuse => return Err(only_run(&file, "[reuse]", "measures traces")),
        Kind::Timeline => return Err(only_run(&file, "[timeline]", "follows a load over time")),
        Kind::EngineRuns => return Err(only_run(&file, "[[engine_run]]", "replays recorded runs")),
    }
    let finished = run_experiments(std::slice::from_ref(&args.file), &args.options, registries)?;
    finished.iter().try_for_each(|finished| print(&picks_text(finished)))
}

fn only_run(file: &std::path::Display<'_>, table: &str, does: &str) -> CliError {
    CliError::user(format!("{file}: a file with `{table}` {does}; `kareto run` runs it, nothing else does"))
}

/// What is said after [`SHARING_UNKNOWN`].
const HOW_TO_GET_IDS: &str = "\
    The configurations were replayed as if prompts shared nothing, and then storage is never worth its price.\n\
    Block ids tell what prompts share. To get them, record the KV events of your engine (vLLM:\n\
    `--kv-events-config`; read here with `--format kv-events`), or make ids of your prompts\n\
    (`kareto trace from-prompts`). `kareto trace convert --prefixes RECIPE` makes sharing up.\n";

fn picks_text(Finished { found, findings, sharing_known }: &Finished) -> String {
    if !sharing_known {
        return format!("{SHARING_UNKNOWN}\n{HOW_TO_GET_IDS}");
    }
    let mut header: Vec<String> = vec!["configuration".to_owned()];
    header.extend(found.space.axes().iter().map(|axis| axis.name.clone()));
    header.extend(["TTFT s".to_owned(), "tokens/s".to_owned(), format!("cost {}", found.currency)]);
    header.extend(["TTFT %", "tokens/s %", "cost %"].map(str::to_owned));
    let mut rows = vec![header];
    for row in &findings.listed {
        let objectives = &row.evaluation.objectives;
        let mut cells = vec![row.title.to_owned()];
        cells.extend(found.space.values(&row.point).iter().map(ToString::to_string));
        cells.push(format!("{:.4}", objectives.ttft_s_mean()));
        cells.push(format!("{:.1}", objectives.throughput_tokens_per_s()));
        cells.push(format!("{:.3}", objectives.cost()));
        let percent = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:+.1}"));
        cells.extend(row.change.as_ref().map_or([None; 3], Change::percents).map(percent));
        rows.push(cells);
    }
    let mut text = aligned(&rows);
    for paragraph in advice(found, findings) {
        text += &format!("\n{paragraph}\n");
    }
    text
}
