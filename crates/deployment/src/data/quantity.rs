//! Sizes, bandwidths and durations of a file: texts with a unit. They are checked while the file is read, so that an
//! error points at the value.

use kv_core::units::{ParseQuantityError, parse_bandwidth_bytes_per_s, parse_bytes, parse_duration_ns};
use serde::{Deserialize, Deserializer, de};

macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident, $parse:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) struct $name(pub(crate) u64);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = String::deserialize(from)?;
                $parse(&text).map(Self).map_err(|error: ParseQuantityError| de::Error::custom(error))
            }
        }
    };
}

quantity!(
    /// A size \[B\], written `"512 GiB"`.
    ByteSize,
    parse_bytes
);
quantity!(
    /// A bandwidth \[B/s\], written `"55 GB/s"`.
    BytesPerS,
    parse_bandwidth_bytes_per_s
);
quantity!(
    /// A duration \[ns\], written `"600 s"`.
    Nanos,
    parse_duration_ns
);
