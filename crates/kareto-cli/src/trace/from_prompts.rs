//! `kareto trace from-prompts`: a trace of a file of prompts.

use std::num::NonZero;
use std::path::PathBuf;

use clap::Args;
use trace_synth::read::prompts::{PromptOptions, read_prompts_path};

use super::common::{OtherUnit, Output};
use crate::error::CliError;
use crate::output::complain;

/// Arguments of `trace from-prompts`.
#[derive(Debug, Args)]
pub(crate) struct FromPrompts {
    /// JSON lines with `timestamp`, `output_length`, and `token_ids`, `text_input`, `prompt`, `text` or `messages`; plain,
    /// .gz or .zst; `-` is standard input.
    prompts: PathBuf,
    #[command(flatten)]
    output: Output,
    /// Tokens in a block.
    #[arg(long, value_name = "TOKENS", default_value = "16")]
    block_tokens: NonZero<u32>,
    /// Bytes of a text that are taken as a token. Token ids are exact.
    #[arg(long, value_name = "BYTES", default_value = "4")]
    bytes_per_token: NonZero<u32>,
    #[command(flatten)]
    unit: OtherUnit,
}

/// Writes a trace whose block ids say what the prompts share.
pub(super) fn from_prompts(args: &FromPrompts) -> Result<(), CliError> {
    let FromPrompts { block_tokens, bytes_per_token, .. } = *args;
    let options = PromptOptions { block_tokens, bytes_per_token, time_unit: args.unit.unit()? };
    let read = read_prompts_path(&args.prompts, &options).map_err(CliError::user)?;
    read.remarks.iter().for_each(|remark| complain(remark));
    args.output.write(&read.trace)
}
