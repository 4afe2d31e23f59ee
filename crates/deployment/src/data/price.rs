//! A price list: what a GPU-hour and a GiB cost, in one currency, with the origin of every price.

use super::{DataError, DataFile, Kind};
use serde::Deserialize;
use std::fmt;

/// Hours of a month in which monthly prices are spread: 365 * 24 / 12.
const HOURS_PER_MONTH: f64 = 730.0;

/// A price list.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PriceList {
    /// Name.
    pub(crate) name: String,
    /// What it is.
    pub(crate) title: String,
    /// The currency of every price in it.
    pub currency: Currency,
    /// Prices of GPUs, the host they are in included.
    pub(crate) gpu: Vec<GpuPrice>,
    /// Prices of media.
    pub(crate) medium: Vec<MediumPrice>,
}

/// Currencies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Currency {
    /// Chinese yuan.
    Cny,
    /// United States dollars.
    Usd,
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cny => "CNY",
            Self::Usd => "USD",
        })
    }
}

/// How firm a price is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Basis {
    /// A seller lists it.
    Listed,
    /// Derived or assumed; the source says how.
    Assumed,
}

/// Price of a GPU.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GpuPrice {
    /// Name of the GPU.
    pub(crate) name: String,
    /// Price of one GPU for an hour.
    pub(crate) per_gpu_hour: f64,
    /// How firm it is.
    pub(crate) basis: Basis,
    /// Who says so.
    pub(crate) source: String,
    /// When that was so.
    pub(crate) date: String,
}

/// Price of a medium.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MediumPrice {
    /// Name of the medium.
    pub(crate) name: String,
    /// Price of one GiB.
    pub(crate) per_gib: PerGib,
    /// How firm it is.
    pub(crate) basis: Basis,
    /// Who says so.
    pub(crate) source: String,
    /// When that was so.
    pub(crate) date: String,
}

/// Price of a GiB for a time.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PerGib {
    /// For an hour.
    Hour(f64),
    /// For a month.
    Month(f64),
}

impl PerGib {
    fn amount(self) -> f64 {
        match self {
            Self::Hour(amount) | Self::Month(amount) => amount,
        }
    }
}

impl DataFile for PriceList {
    const KIND: Kind = Kind::Prices;

    fn check(&self, file: &str) -> Result<(), DataError> {
        let gpus = self.gpu.iter().map(|p| (format!("per_gpu_hour of {}", p.name), p.per_gpu_hour));
        let media = self.medium.iter().map(|p| (format!("per_gib of {}", p.name), p.per_gib.amount()));
        match gpus.chain(media).find(|(_, price)| !(price.is_finite() && *price >= 0.0)) {
            Some((key, price)) => Err(DataError::value(file, &key, price, "a finite price of 0 or more")),
            None => Ok(()),
        }
    }
}

impl PriceList {
    /// Price of one GPU-hour, its host included.
    ///
    /// # Errors
    /// A GPU that the list does not price.
    pub(crate) fn gpu_hour(&self, gpu: &str) -> Result<&GpuPrice, DataError> {
        self.gpu
            .iter()
            .find(|p| p.name == gpu)
            .ok_or_else(|| self.no_price("GPU", gpu, self.gpu.iter().map(|p| p.name.as_str())))
    }

    /// Price of one GiB of a medium for an hour.
    ///
    /// # Errors
    /// A medium that the list does not price.
    pub(crate) fn gib_hour(&self, medium: &str) -> Result<f64, DataError> {
        let price =
            self.medium.iter().find(|p| p.name == medium).ok_or_else(|| {
                self.no_price("medium", medium, self.medium.iter().map(|p| p.name.as_str()))
            })?;
        Ok(match price.per_gib {
            PerGib::Hour(amount) => amount,
            PerGib::Month(amount) => amount / HOURS_PER_MONTH,
        })
    }

    fn no_price<'a>(
        &self,
        what: &'static str,
        name: &str,
        known: impl Iterator<Item = &'a str>,
    ) -> DataError {
        DataError::NoPrice {
            file: format!("price list {}", self.name),
            what,
            name: name.to_owned(),
            known: known.collect::<Vec<_>>().join(", "),
        }
    }
}
