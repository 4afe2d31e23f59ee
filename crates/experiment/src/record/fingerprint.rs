//! The name of what an archive's evaluations are of: the traces, and the deployment with all that its data files say.
//!
//! Question, analysis, claims and search are not in it: changing them keeps the evaluations. The axes are not in it
//! either, for the archive's header has them; nor is the code, which each line names.

use deployment::Deployment;

use crate::evaluate::Traces;

/// 16 hexadecimal digits.
pub(crate) fn fingerprint(deployment: &Deployment, traces: &Traces) -> String {
    let mut text = String::new();
    traces.all.iter().for_each(|(name, trace)| text += &format!(" {name}{:016x}", trace.fingerprint()));
    text += " ";
    text += &deployment.identity();
    format!("{:016x}", fnv1a(text.as_bytes()))
}

/// FNV-1a: stable across platforms and versions, which a hasher of the standard library is not.
pub(crate) fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn fnv1a_as_published() {
        // The offset basis for the empty text, and the published value for "a".
        assert_eq!(super::fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(super::fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
    }
}
