# shellcheck shell=bash
# Sourced by the scripts beside it.

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

# Tools live outside the checkout, so that a second clone does not build them
# again, each in a folder of its version, so that two clones may differ.
CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/doorstep"

say() { printf 'doorstep: %s\n' "$*" >&2; }
die() {
  say "$*"
  exit 1
}
have() { command -v "$1" >/dev/null; }

# wasm-bindgen's program must equal the crate to the digit: Cargo.lock decides.
locked_version() {
  awk -F'"' -v crate="$1" '/^name = / { name = $2 } /^version = / && name == crate { print $2; exit }' \
    "$ROOT/Cargo.lock"
}

# What comes after the last dash is the version that script/setup installs.
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
# With what the README's lines in Python need, for the test that runs them, and a mail server.
export DOORSTEP_TEST_PYTHONPATH="$PYJWT:$AIOSMTPD"

# Build tools come before everything else: a wasm-opt as old as Debian 12's
# exits 0 and writes wasm that never hydrates. Servers come after everything
# else: one that is already there is preferred.
PATH="$CARGO_LEPTOS/bin:$WASM_BINDGEN/bin:$BINARYEN/node_modules/.bin:$SASS/node_modules/.bin:$OHA/bin:$CARGO_FUZZ/bin:$CARGO_DEB/bin:$CARGO_DENY/bin:$CARGO_CYCLONEDX/bin:$PATH:$MONGODB/fiftyone/db/bin:$MONGOSH/node_modules/.bin:$REDIS/bin"
export PATH
