//! A policy as files name it: a name, or a table of a name and parameters, each with its place.

use std::fmt;

use serde::Deserialize;
use serde::de::{Error as _, MapAccess, Visitor};
use toml::Spanned;

/// A policy as the file has it: its name, or a table of its name and parameters.
#[derive(Debug, Clone)]
pub(crate) struct PolicyFile {
    pub(crate) name: String,
    pub(crate) params: Vec<(Spanned<String>, Spanned<Value>)>,
}

/// The value of a parameter. Only a number is right. Other values are kept, so that the message can name the policy and
/// the range.
#[derive(Debug, Clone)]
pub enum Value {
    /// A number.
    Number(f64),
    /// Anything else, as it is written.
    Other(String),
}

impl<'de> Deserialize<'de> for PolicyFile {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct WireVisitor;
        impl<'de> Visitor<'de> for WireVisitor {
            type Value = PolicyFile;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a policy's name, or a table such as `{ policy = \"fixed\", ttl_s = 600 }`")
            }
            fn visit_str<E>(self, name: &str) -> Result<PolicyFile, E> {
                Ok(PolicyFile { name: name.to_owned(), params: Vec::new() })
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<PolicyFile, A::Error> {
                let (mut name, mut params) = (None, Vec::new());
                while let Some(key) = map.next_key::<Spanned<String>>()? {
                    if key.get_ref() == "policy" {
                        name = Some(map.next_value()?);
                    } else {
                        params.push((key, map.next_value()?));
                    }
                }
                let name = name.ok_or_else(|| A::Error::missing_field("policy"))?;
                Ok(PolicyFile { name, params })
            }
        }
        deserializer.deserialize_any(WireVisitor)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ValueVisitor;
        impl Visitor<'_> for ValueVisitor {
            type Value = Value;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }
            fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
                Ok(Value::Number(number))
            }
            fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
                Ok(Value::Number(number as f64))
            }
            fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
                Ok(Value::Number(number as f64))
            }
            fn visit_str<E>(self, text: &str) -> Result<Value, E> {
                Ok(Value::Other(format!("{text:?}")))
            }
            fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
                Ok(Value::Other(value.to_string()))
            }
        }
        deserializer.deserialize_any(ValueVisitor)
    }
}
