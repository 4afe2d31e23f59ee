//! The recommendation in words: what to buy, what it gains, the cost of the next step, and what the choice depends on.

use experiment::{AssumptionEffects, Choice, Findings, Found, Noise, PriceSensitivity};
use kareto::picks::PickKind;
use kareto::recommend::Step;

use super::parts::{remarks, tenths, time, words};
use super::scenarios;
use super::sensitivity;

/// What is said instead of a recommendation where only lengths are known.
pub const SHARING_UNKNOWN: &str =
    "Nothing about storage follows: the trace has lengths only, so what its prompts share is unknown.";

/// One paragraph for each thing to know. It is empty only if nothing was evaluated.
pub fn advice(found: &Found, findings: &Findings) -> Vec<String> {
    let Some(choice) = &findings.choice else {
        return vec!["No evaluated configuration keeps all constraints.".to_owned()];
    };
    let said = Said { found };
    let mut paragraphs = vec![said.what_to_buy(choice)];
    paragraphs.extend(remarks(&choice.pick.evaluation));
    if let Some(scenarios) = &found.scenarios {
        paragraphs.extend(scenarios::paragraphs(found, scenarios, choice));
    }
    paragraphs.extend(said.against_the_baseline(choice));
    paragraphs.push(said.next_step(choice));
    paragraphs.extend(said.diminishing_return(&choice.steps));
    paragraphs.extend(choice.prices.as_ref().map(|prices| said.prices(prices)));
    paragraphs.extend(choice.assumptions.as_ref().map(|effects| said.assumptions(choice, effects)));
    paragraphs.extend(findings.sensitivity.as_ref().map(|it| sensitivity::sentence(found, it)));
    paragraphs.extend(choice.noise.iter().flat_map(|noise| said.noise(noise)));
    paragraphs
}

/// The findings that the words are about.
struct Said<'a> {
    found: &'a Found,
}

impl Said<'_> {
    fn what_to_buy(&self, choice: &Choice) -> String {
        let o = &choice.pick.evaluation.objectives;
        format!(
            "{} Mean TTFT {}, {:.0} tokens/s, {:.2} {} for the trace.",
            buy(self.found, choice),
            time(o.ttft_s_mean()),
            o.throughput_tokens_per_s(),
            o.cost(),
            self.found.currency
        )
    }

    fn against_the_baseline(&self, choice: &Choice) -> Option<String> {
        let (change, point) = (choice.against_baseline.as_ref()?, self.found.baseline.as_ref()?);
        let percent =
            |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{:+.1} %", tenths(value)));
        Some(format!(
            "Against the fixed configuration with {}: TTFT {}, throughput {}, cost {}.",
            words(&self.found.space, point),
            percent(change.ttft_percent),
            percent(change.throughput_percent),
            percent(change.cost_percent)
        ))
    }

    fn next_step(&self, choice: &Choice) -> String {
        let currency = &self.found.currency;
        match &choice.next_step {
            None => "Nothing that was evaluated is faster at any price.".to_owned(),
            Some(step) => format!(
                "The next step up is {}: {:.2} {currency} more for {} less of mean TTFT, {} {currency} per ms.",
                words(&self.found.space, &step.to),
                step.cost,
                time(1e-3 * step.ttft_ms),
                report::number::significant(step.cost_per_ms(), 3),
            ),
        }
    }

    /// The first and the last step of the front: the price of a millisecond at either end.
    fn diminishing_return(&self, steps: &[Step]) -> Option<String> {
        let (first, last) = (steps.first()?, steps.last()?);
        if steps.len() < 2 {
            return None;
        }
        let per_ms = |step: &Step| report::number::significant(step.cost_per_ms(), 3);
        Some(format!(
            "Returns diminish: along the {} steps from the cheapest configuration to the fastest, a millisecond of mean \
             TTFT costs {} {currency} at first (to {}) and {} {currency} at last (to {}).",
            steps.len(),
            per_ms(first),
            words(&self.found.space, &first.to),
            per_ms(last),
            words(&self.found.space, &last.to),
            currency = self.found.currency
        ))
    }

    /// The price on which the recommendation depends most.
    fn prices(&self, prices: &PriceSensitivity) -> String {
        let stays = "With any one price a quarter higher or lower, no configuration that is as good is noticeably cheaper.";
        match prices {
            PriceSensitivity::Moves { part, factor, as_good, regret_percent } => format!(
                "The price of {part} matters most: {}, {} would be as good, and the choice would cost \
                 {regret_percent:.1} % too much. No other price has a larger effect.",
                if *factor < 1.0 { "a quarter lower" } else { "a quarter higher" },
                words(&self.found.space, as_good),
            ),
            PriceSensitivity::Stays { widest: None } => stays.to_owned(),
            PriceSensitivity::Stays { widest: Some((part, least, most)) } => format!(
                "{stays} The price of {part} matters most: over its range, the difference in cost from the fixed \
                 configuration is between {:+.1} and {:+.1} %.",
                tenths(*least),
                tenths(*most)
            ),
        }
    }

    /// The assumption that moves the objectives of the choice most, and whether an assumption moves the choice itself.
    fn assumptions(&self, choice: &Choice, effects: &AssumptionEffects) -> String {
        let AssumptionEffects { tried, ttft, throughput, cost, broken, moves } = effects;
        let mut text = format!(
            "Of {tried} other assumptions, `{}` moves the choice's mean TTFT most (from {} to {}), `{}` its throughput \
             ({:+.1} %) and `{}` its cost ({:+.1} %).",
            ttft.0,
            time(choice.pick.evaluation.objectives.ttft_s_mean()),
            time(ttft.1),
            throughput.0,
            tenths(throughput.1),
            cost.0,
            tenths(cost.1)
        );
        if !broken.is_empty() {
            let broken: Vec<String> = broken.iter().map(|name| format!("`{name}`")).collect();
            text += &format!(" It no longer keeps the constraints under {}.", broken.join(", "));
        }
        text += &match moves {
            Some((assumption, percent, instead)) => format!(
                " The choice itself depends most on `{assumption}`: under it, {} would be as good, and the choice \
                 would be {percent:.1} % dearer.",
                words(&self.found.space, instead)
            ),
            None => {
                " Under none of them is another of the tried configurations both as good and noticeably cheaper."
                    .to_owned()
            }
        };
        text
    }

    /// Where another sample of the same users would put the choice, and which other listed configurations may differ
    /// from it by noise only.
    fn noise(&self, noise: &Noise) -> Vec<String> {
        let Noise { resamples, ttft_s, throughput, cost, overlaps } = noise;
        let mut paragraphs = vec![format!(
            "Another sample of the same users would put the choice's mean TTFT between {} and {}, its throughput between \
             {:.0} and {:.0} tokens/s and its cost between {:.2} and {:.2} (95 % of {resamples} resamples of the sessions, \
             each simulated).",
            time(ttft_s.low),
            time(ttft_s.high),
            throughput.low,
            throughput.high,
            cost.low,
            cost.high
        )];
        for other in overlaps {
            let (title, what) = (other.title, words(&self.found.space, &other.point));
            let figures: Vec<String> = other
                .figures
                .iter()
                .map(|(name, better)| sample_by_sample(name, *better, *resamples))
                .collect();
            paragraphs.push(if figures.is_empty() {
                format!("No interval of the choice overlaps with one of the {title} ({what}).")
            } else {
                format!(
                    "Some intervals of the choice and of the {title} ({what}) overlap. On the same resamples, the choice \
                     is {}.",
                    figures.join(", ")
                )
            });
        }
        paragraphs
    }
}

/// What to buy, in a sentence.
pub(super) fn buy(found: &Found, choice: &Choice) -> String {
    let role = match choice.pick.kind {
        PickKind::Cheapest => "the cheapest configuration that keeps the constraints",
        _ => "the knee of the front, the best compromise of cost, TTFT and throughput",
    };
    let (buy, it_is) = match choice.is_baseline {
        true => ("Keep", "the fixed configuration that others are compared with is also "),
        false => ("Buy", ""),
    };
    format!("{buy} {}: {it_is}{role}.", words(&found.space, &choice.pick.point))
}

/// In how many resamples the choice is better in a figure. The same resample makes all configurations slow together, so this
/// says more than whether intervals overlap.
fn sample_by_sample(figure: &str, better: usize, resamples: usize) -> String {
    match better {
        0 => format!("better in {figure} on none"),
        all if all == resamples => format!("better in {figure} on all {resamples}"),
        some => format!("better in {figure} on {some} of {resamples} (this difference may be noise)"),
    }
}
