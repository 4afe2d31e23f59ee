# The commands of this repository, and the only list of them. `scripts/just` runs it on a machine without `just`.
# Everything is built with one profile, release, so that the long dependencies are compiled once.

# Given as `just locked=--locked test`: Cargo.lock must fit the manifests as it is.
locked := ""

kareto := "cargo run " + locked + " --release --package kareto-cli --bin kareto --"

[private]
default:
    @{{ just_executable() }} --justfile {{ justfile() }} --list --unsorted

# the main job: every experiment in full, then the report; into another folder, changed files may be uncommitted
reproduce folder="reports":
    {{ kareto }} run experiments/*.toml --scale full --out {{ quote(folder) }} {{ if folder == "reports" { "--require-clean" } else { "" } }}
    {{ kareto }} report {{ quote(folder) }} {{ if folder == "reports" { "--readme README.md" } else { "" } }}

# all tests, with nextest where it is installed, and the examples in the documentation
test:
    if cargo nextest --version >/dev/null 2>&1; then \
        cargo nextest run {{ locked }} --release --workspace --no-fail-fast && cargo test {{ locked }} --release --workspace --doc; \
    else \
        cargo test {{ locked }} --release --workspace --no-fail-fast; \
    fi

# formatting, lints with warnings denied, who may depend on whom, and on what of the outside world
check:
    cargo fmt --all --check
    cargo clippy --release --workspace --all-targets -- -D warnings
    cargo test --release --package kareto-cli --test it -- --include-ignored edges circles dependencies

# benchmarks; arguments go to cargo bench
bench *arguments:
    cargo bench --workspace --benches {{ arguments }}

# every experiment at its smallest scale, and the report, into a folder
smoke folder="out/smoke":
    {{ kareto }} run experiments/*.toml --scale smoke --out {{ quote(folder) }}
    {{ kareto }} report {{ quote(folder) }}

# redraw the report from the records in reports/, without simulating
report:
    {{ kareto }} report reports --readme README.md

# the policies there are, with their parameters; a name shows one
policies *name:
    {{ kareto }} policies {{ name }}

# the documentation of the crates, warnings denied
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc {{ locked }} --release --workspace --no-deps --lib
