use super::*;

#[test]
fn placeholder() {
    assert_eq!("off".parse(), Ok(Level::Off));
}
