# shellcheck shell=bash
# Sourced by the scripts beside it.

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

# Tools are outside the checkout, so that a second clone does not build them again. Each has a folder for its version,
# so that clones may use different ones.
CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/doorstep"

say() { printf 'doorstep: %s\n' "$*" >&2; }
die() {
  say "$*"
  exit 1
}
have() { command -v "$1" >/dev/null; }

# The wasm-bindgen program must have exactly the version of the crate in Cargo.lock.
locked_version() {
  awk -F'"' -v crate="$1" '/^name = / { name = $2 } /^version = / && name == crate { print $2; exit }' \
    "$ROOT/Cargo.lock"
}

# The part after the last dash is the version that script/setup installs.
CARGO_LEPTOS="$CACHE/cargo-leptos-0.3.7" # 0.3.11 needs Rust 1.96
WASM_BINDGEN="$CACHE/wasm-bindgen-$(locked_version wasm-bindgen)"
BINARYEN="$CACHE/binaryen-132.0.0"
SASS="$CACHE/sass-1.108.2"
OHA="$CACHE/oha-1.16.0"
export LIGHTHOUSE="$CACHE/lighthouse-12.8.2" # 13 needs Node 22
CARGO_FUZZ="$CACHE/cargo-fuzz-0.13.2"
CARGO_DEB="$CACHE/cargo-deb-3.8.0"
CARGO_DENY="$CACHE/cargo-deny-0.20.2"
CARGO_CYCLONEDX="$CACHE/cargo-cyclonedx-0.5.9"
MONGOSH="$CACHE/mongosh-2.12.0"
MONGODB="$CACHE/mongodb-6.0.5"
export MONGODB_DRIVER="$CACHE/mongodb-driver-6.22.0"
REDIS="$CACHE/redis"
PYJWT="$CACHE/pyjwt-2.15.1"
AIOSMTPD="$CACHE/aiosmtpd-1.4.6"
export SCHEMATHESIS="$CACHE/schemathesis-4.32.0"
export NEWMAN="$CACHE/newman-6.2.2"
# The packages for the README's Python example, which a test runs, and a mail server.
export DOORSTEP_TEST_PYTHONPATH="$PYJWT:$AIOSMTPD"

# Build tools come first: the wasm-opt of Debian 12 is so old that it exits with 0 and writes wasm that never hydrates.
# Servers come last: installed ones are preferred.
PATH="$CARGO_LEPTOS/bin:$WASM_BINDGEN/bin:$BINARYEN/node_modules/.bin:$SASS/node_modules/.bin:$OHA/bin:$CARGO_FUZZ/bin:$CARGO_DEB/bin:$CARGO_DENY/bin:$CARGO_CYCLONEDX/bin:$PATH:$MONGODB/fiftyone/db/bin:$MONGOSH/node_modules/.bin:$REDIS/bin"
export PATH
