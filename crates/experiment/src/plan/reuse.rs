//! A validated experiment of reuse: `[reuse]` names traces and block sizes. Nothing is simulated.

use deployment::{Problem, Source};
use toml::Spanned;

use super::Input;
use super::trace::{TracePlan, present};
use crate::file;
use crate::reuse::{Claim, MOST_BLOCK_TOKENS};

/// A validated experiment.
pub(crate) struct ReusePlan {
    /// The traces, in the order of the file.
    pub(crate) traces: Vec<ReuseTrace>,
    /// Names of traces whose files are absent, where the experiment file allows that.
    pub(crate) absent: Vec<String>,
    /// Block sizes \[tokens\], the least first.
    pub(crate) block_tokens: Vec<u32>,
    pub(crate) claims: Vec<Claim>,
}

/// One trace.
pub(crate) struct ReuseTrace {
    pub(crate) name: String,
    pub(crate) plan: TracePlan,
}

impl ReusePlan {
    /// Resolves an experiment of reuse. A trace from the command line takes the place of all traces of the file.
    pub(super) fn new(input: &Input<'_>) -> Result<Self, Problem> {
        let (source, directory) = (input.source, input.directory());
        let table = input.file.reuse.as_ref().expect("an experiment of reuse has the table");
        let wire = table.get_ref();
        let scaled = input.changes().and_then(|changes| changes.block_tokens.as_ref());
        let all_sizes = block_tokens(source, &wire.block_tokens)?;
        let sizes = scaled.map_or(Ok(all_sizes.clone()), |scaled| block_tokens(source, scaled))?;
        let mut wires: Vec<_> = wire.trace.iter().collect();
        wires.sort_by_key(|(name, _)| name.span().start);
        let (mut traces, mut absent) = (Vec::new(), Vec::new());
        let plan =
            |wire: Option<&file::Trace>| TracePlan::new(source, directory, wire, input.window(), input.trace);
        if input.trace.is_some() {
            let plan = plan(None)?;
            traces.push(ReuseTrace { name: plan.name(), plan });
        } else {
            for (name, wire) in &wires {
                match present(wire, directory) {
                    Some(wire) => {
                        traces.push(ReuseTrace { name: name.get_ref().clone(), plan: plan(Some(&wire))? });
                    }
                    None => absent.push(name.get_ref().clone()),
                }
            }
        }
        if traces.is_empty() {
            let message = "there is no trace in `[reuse.trace]` whose file is there";
            return Err(source.error(table.span(), message, "here"));
        }
        let names: Vec<&str> = wires.iter().map(|(name, _)| name.get_ref().as_str()).collect();
        let claims = wire.claim.iter().map(|claim| Claim::new(source, claim, &names, &all_sizes));
        Ok(Self { traces, absent, block_tokens: sizes, claims: claims.collect::<Result<_, _>>()? })
    }
}

/// The block sizes of the file or of a scale: each once, the least first.
fn block_tokens(source: &Source, wire: &Spanned<Vec<u32>>) -> Result<Vec<u32>, Problem> {
    let mut sizes = wire.get_ref().clone();
    sizes.sort_unstable();
    let twice = sizes.windows(2).any(|pair| pair[0] == pair[1]);
    if sizes.is_empty() || twice || !sizes.iter().all(|size| (1..=MOST_BLOCK_TOKENS).contains(size)) {
        let message = format!(
            "block_tokens is {:?}; allowed: one or more sizes of 1 to {MOST_BLOCK_TOKENS} tokens, each once",
            wire.get_ref()
        );
        return Err(source.error(wire.span(), message, "here"));
    }
    Ok(sizes)
}
