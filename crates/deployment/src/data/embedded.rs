//! The data files built into the program: every file of the five kinds under `datasets/`. A test compares the two.

macro_rules! embed {
    ($($path:literal)*) => {
        &[$(($path, include_str!(concat!("../../../../datasets/", $path)))),*]
    };
}

/// Path under `datasets/` and text, sorted by path.
pub(super) const FILES: &[(&str, &str)] = embed! {
    "gpus/b200.toml"
    "gpus/h100-sxm.toml"
    "gpus/h20.toml"
    "gpus/h200.toml"
    "gpus/l40s.toml"
    "gpus/rtx-4090.toml"
    "gpus/rtx-pro-6000.toml"
    "media/dram.toml"
    "media/essd-pl1.toml"
    "media/essd-pl2.toml"
    "media/essd-pl3.toml"
    "media/h100-pcie5-measured.toml"
    "media/h100-vm-disk-measured.toml"
    "media/nvme.toml"
    "models/llama-3.1-70b.toml"
    "models/llama-3.1-8b.toml"
    "models/qwen3-30b-a3b.toml"
    "models/qwen3-32b-fp8.toml"
    "models/qwen3-32b.toml"
    "prices/alibaba-cny.toml"
    "profiles/b200-qwen3-32b-vllm-tp4.toml"
    "profiles/h100-sxm-llama-3.1-70b-vllm-tp4.toml"
    "profiles/h100-sxm-llama-3.1-70b-vllm-tp8.toml"
    "profiles/h100-sxm-llama-3.1-8b-vllm-tp1.toml"
    "profiles/h100-sxm-qwen3-30b-a3b-vllm-tp1-table.toml"
    "profiles/h100-sxm-qwen3-30b-a3b-vllm-tp1.toml"
    "profiles/h100-sxm-qwen3-32b-fp8-vllm-tp4.toml"
    "profiles/h100-sxm-qwen3-32b-sglang-tp4.toml"
    "profiles/h100-sxm-qwen3-32b-trtllm-tp4.toml"
    "profiles/h100-sxm-qwen3-32b-vllm-tp2.toml"
    "profiles/h100-sxm-qwen3-32b-vllm-tp4.toml"
    "profiles/h200-llama-3.1-70b-vllm-tp4.toml"
    "profiles/h200-qwen3-32b-vllm-tp4.toml"
    "profiles/l40s-llama-3.1-8b-vllm-tp1.toml"
    "profiles/rtx-pro-6000-llama-3.1-8b-vllm-tp1.toml"
    "profiles/rtx-pro-6000-qwen3-32b-vllm-tp2.toml"
};
