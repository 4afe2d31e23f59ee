//! `kareto optimize`: one experiment, and what to buy.

use kareto::picks::Change;

use super::run::{Finished, run};
use crate::Registries;
use crate::args::Optimize;
use crate::error::CliError;
use crate::experiment::plan::Experiment;
use crate::output::{aligned, print};
use crate::render::{Advice, listed};

/// Runs an experiment and prints the recommended configurations.
pub(super) fn optimize(args: &Optimize, registries: &Registries) -> Result<(), CliError> {
    if Experiment::load(&args.file, args.options.scale, args.options.trace.as_deref(), registries)?
        .cases
        .is_some()
    {
        let message = format!("{}: an experiment of cases has nothing to optimize", args.file.display());
        return Err(CliError::user_with_help(message, "`kareto run` and `kareto report` compare its cases"));
    }
    let finished = run(std::slice::from_ref(&args.file), &args.options, registries)?;
    finished.iter().try_for_each(|finished| print(&picks_text(finished)?))
}

fn picks_text(finished: &Finished) -> Result<String, CliError> {
    let Finished { experiment, searched, kept, scenarios, uncertainty } = finished;
    let currency = experiment.system.hardware.prices.currency.to_string();
    let listed = listed(searched, kept, experiment.baseline.as_ref(), &experiment.constraints)?;
    let mut header: Vec<String> = vec!["configuration".to_owned()];
    header.extend(experiment.space.axes().iter().map(|axis| axis.name.clone()));
    header.extend(["TTFT s".to_owned(), "tokens/s".to_owned(), format!("cost {currency}")]);
    header.extend(["TTFT %", "tokens/s %", "cost %"].map(str::to_owned));
    let mut rows = vec![header];
    for row in &listed {
        let objectives = &row.evaluation.objectives;
        let mut cells = vec![row.title.to_owned()];
        cells.extend(experiment.space.values(&row.point).iter().map(ToString::to_string));
        cells.push(format!("{:.4}", objectives.ttft_s_mean()));
        cells.push(format!("{:.1}", objectives.throughput_tokens_per_s()));
        cells.push(format!("{:.3}", objectives.cost()));
        let percent = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:+.1}"));
        cells.extend(row.change.as_ref().map_or([None; 3], Change::percents).map(percent));
        rows.push(cells);
    }
    let mut text = aligned(&rows);
    let advice = Advice {
        space: &experiment.space,
        searched,
        kept,
        listed: &listed,
        baseline: experiment.baseline.as_ref().and_then(|point| Some((point, kept.get(point)?))),
        constraints: &experiment.constraints,
        currency: &currency,
        scenarios: scenarios.as_ref(),
        uncertainty: uncertainty.as_ref(),
    };
    for paragraph in advice.paragraphs()? {
        text += &format!("\n{paragraph}\n");
    }
    Ok(text)
}
