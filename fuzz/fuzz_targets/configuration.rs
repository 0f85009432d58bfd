#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| zenml_tflint_fuzz::configuration(bytes));
