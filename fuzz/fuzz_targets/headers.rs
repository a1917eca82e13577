#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| doorstep_fuzz::headers(input));
