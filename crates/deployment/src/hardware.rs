//! The data files that `[system]` names: model, GPU, step times, media and prices. They are loaded and checked
//! together.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use kv_core::units::parse_bytes;
use tier_sim::step::StepModel;
use toml::Spanned;

use crate::data::{self, DataError, Gpu, Kind, Medium, Model, PriceList, Profile};
use crate::file::SystemFile;
use crate::problem::{Problem, Source};

/// The engine whose step times are used where the file names no profile.
const DEFAULT_ENGINE: &str = "vllm";
/// Tokens in one of the engine's own blocks: 16 in vLLM. By default one copy between host and GPU moves the KV of one
/// such block.
const ENGINE_BLOCK_TOKENS: u64 = 16;
/// The most GPUs of an instance.
const MOST_GPUS: u32 = 1024;

/// A model on the GPUs of one instance.
#[derive(Debug, Clone)]
pub(crate) struct Hardware {
    /// The model.
    pub(crate) model: Model,
    /// The GPU.
    pub(crate) gpu: Gpu,
    /// GPUs of an instance.
    pub(crate) gpus: u32,
    /// Step times.
    pub(crate) step: StepModel,
    /// Contiguous bytes that one copy between host and GPU moves.
    pub(crate) fragment_bytes: u64,
    /// Prices.
    pub(crate) prices: PriceList,
}

/// Media by the name under which a file or setting refers to them, loaded once.
#[derive(Debug, Clone)]
pub(crate) struct Media {
    named_by: PathBuf,
    loaded: BTreeMap<String, Medium>,
}

impl Media {
    /// A table without media. References are relative to `named_by`.
    pub(crate) fn new(named_by: &Path) -> Self {
        Self { named_by: named_by.to_owned(), loaded: BTreeMap::new() }
    }

    /// The loaded media by name. They do not depend on the folder of the file that names them.
    pub(crate) fn loaded(&self) -> &BTreeMap<String, Medium> {
        &self.loaded
    }

    /// The medium of a name. The first call reads its file.
    pub(crate) fn find(&mut self, name: &str) -> Result<Medium, DataError> {
        if let Some(medium) = self.loaded.get(name) {
            return Ok(medium.clone());
        }
        let medium: Medium = data::load(name, Some(&self.named_by))?;
        self.loaded.insert(name.to_owned(), medium.clone());
        Ok(medium)
    }
}

impl Hardware {
    /// Loads the data files that `[system]` names. References are relative to the experiment file. Also returns the
    /// profile of the step times.
    pub(crate) fn find(source: &Source, path: &Path, wire: &SystemFile) -> Result<(Self, Profile), Problem> {
        let model: Model = load(source, path, &wire.model)?;
        let gpu: Gpu = load(source, path, &wire.gpu)?;
        let prices: PriceList = load(source, path, &wire.prices)?;
        prices.gpu_hour(&gpu.name).map_err(|error| source.data_error(wire.prices.span(), error))?;
        let gpus = *wire.tensor_parallel.get_ref();
        if gpus == 0 || !gpus.is_power_of_two() || gpus > MOST_GPUS {
            let message =
                format!("tensor_parallel is {gpus}; allowed: a power of two, from 1 to {MOST_GPUS}");
            return Err(source.error(wire.tensor_parallel.span(), message, "here"));
        }
        let at_gpus = |message| source.error(wire.tensor_parallel.span(), message, "here");
        model.heads_fit(gpus).map_err(at_gpus)?;
        let profile = profile(source, path, wire, &model, &gpu, gpus)?;
        let step = profile.step_model(1.0).expect("checked when it was loaded");
        let fragment_bytes = match &wire.fragment {
            Some(text) => match parse_bytes(text.get_ref()) {
                Ok(0) => {
                    let message = format!("fragment is {}; allowed: 1 B or more", text.get_ref());
                    return Err(source.error(text.span(), message, "here"));
                }
                parsed => parsed.map_err(|error| source.error(text.span(), error, "here"))?,
            },
            None => ENGINE_BLOCK_TOKENS * model.kv_bytes_per_token_of_rank(gpus),
        };
        Ok((Self { model, gpu, gpus, step, fragment_bytes, prices }, profile))
    }

    /// Price of one GPU for an hour.
    pub(crate) fn per_gpu_hour(&self) -> f64 {
        self.prices.gpu_hour(&self.gpu.name).expect("checked when it was loaded").per_gpu_hour
    }

    /// Price of a GiB of a medium for an hour. A medium is checked when it is set.
    pub(crate) fn per_gib_hour(&self, medium: &Medium) -> f64 {
        self.prices.gib_hour(medium.price_name()).expect("checked when it was set")
    }
}

/// The step times that the file names, or else vLLM's for this model on these GPUs. A table comes before a fit.
fn profile(
    source: &Source,
    path: &Path,
    wire: &SystemFile,
    model: &Model,
    gpu: &Gpu,
    gpus: u32,
) -> Result<Profile, Problem> {
    if let Some(name) = &wire.profile {
        let profile: Profile = load(source, path, name)?;
        return match profile.is_of(model, gpu, gpus) {
            true => Ok(profile),
            false => Err(source.error(name.span(), profile.is_not_of(model, gpu, gpus), "here")),
        };
    }
    of_default_engine(model, gpu, gpus)?
        .map_err(|message| source.error(wire.tensor_parallel.span(), message, "here"))
}

/// The default engine's step times of this model on these GPUs, or what there is instead.
pub(crate) fn of_default_engine(
    model: &Model,
    gpu: &Gpu,
    gpus: u32,
) -> Result<Result<Profile, String>, Problem> {
    let (mut known, mut fitting) = (Vec::new(), Vec::new());
    for name in data::names(Kind::Profile) {
        let profile: Profile = data::load(name, None).map_err(Problem::from)?;
        known.push(format!("{} on {} x {}", profile.model, profile.gpus, profile.gpu));
        if profile.engine == DEFAULT_ENGINE && profile.is_of(model, gpu, gpus) {
            fitting.push(profile);
        }
    }
    known.dedup();
    // A table comes before coefficients fitted to it.
    Ok(fitting.into_iter().min_by_key(|profile| !profile.is_table()).ok_or_else(|| {
        format!(
            "there are no step times of {} on {gpus} x {}; allowed: {}, or a `profile` of your own",
            model.name,
            gpu.name,
            known.join(", ")
        )
    }))
}

fn load<T: data::DataFile>(source: &Source, path: &Path, name: &Spanned<String>) -> Result<T, Problem> {
    data::load(name.get_ref(), Some(path)).map_err(|error| source.data_error(name.span(), error))
}
