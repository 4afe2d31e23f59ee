//! The value of a setting, and the values of an axis, as files write them.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};

/// Values of an axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AxisValues {
    /// `{ from, to, step }`.
    Range {
        /// The first value.
        from: i64,
        /// The last value. It must be a whole number of steps away from the first.
        to: i64,
        /// The step.
        step: i64,
    },
    /// `[0, 512, 1024]`.
    Integers(Vec<i64>),
    /// `["nvme", "essd-pl1"]`.
    Names(Vec<String>),
}

/// The value of one setting: an integer or a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingValue {
    /// An integer in the unit that ends the name of the setting.
    Integer(i64),
    /// A category.
    Name(String),
}

/// A table of settings, such as one point of the space.
#[derive(Debug, Clone, Default)]
pub struct Settings(pub BTreeMap<String, SettingValue>);

impl fmt::Display for SettingValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(value) => value.fmt(f),
            Self::Name(name) => name.fmt(f),
        }
    }
}

impl<'de> Deserialize<'de> for AxisValues {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Range {
            from: i64,
            to: i64,
            step: i64,
        }
        struct ValuesVisitor;
        impl<'de> Visitor<'de> for ValuesVisitor {
            type Value = AxisValues;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of integers, a list of names, or `{ from, to, step }`")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<AxisValues, A::Error> {
                let Range { from, to, step } =
                    Range::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                Ok(AxisValues::Range { from, to, step })
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<AxisValues, A::Error> {
                let (mut integers, mut names) = (Vec::new(), Vec::new());
                while let Some(value) = seq.next_element::<SettingValue>()? {
                    match value {
                        SettingValue::Integer(value) => integers.push(value),
                        SettingValue::Name(name) => names.push(name),
                    }
                }
                match (integers.is_empty(), names.is_empty()) {
                    (false, false) => Err(A::Error::custom("an axis has integers or names, not both")),
                    (_, true) => Ok(AxisValues::Integers(integers)),
                    (true, false) => Ok(AxisValues::Names(names)),
                }
            }
        }
        deserializer.deserialize_any(ValuesVisitor)
    }
}

impl<'de> Deserialize<'de> for SettingValue {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ValueVisitor;
        impl Visitor<'_> for ValueVisitor {
            type Value = SettingValue;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an integer or a name")
            }
            fn visit_i64<E>(self, value: i64) -> Result<SettingValue, E> {
                Ok(SettingValue::Integer(value))
            }
            fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<SettingValue, E> {
                i64::try_from(value).map(SettingValue::Integer).map_err(E::custom)
            }
            fn visit_str<E>(self, value: &str) -> Result<SettingValue, E> {
                Ok(SettingValue::Name(value.to_owned()))
            }
        }
        deserializer.deserialize_any(ValueVisitor)
    }
}

impl<'de> Deserialize<'de> for Settings {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::deserialize(deserializer).map(Self)
    }
}
