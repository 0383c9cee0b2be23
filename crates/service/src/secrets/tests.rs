use super::*;

const ROW: &[u8] = b"workspace and row";

fn ring(active_key: &str, ids: &[&str]) -> KeyRing {
    let keys: Vec<(String, [u8; 32])> =
        ids.iter().map(|id| ((*id).to_owned(), [id.as_bytes()[1]; 32])).collect();
    KeyRing::new(active_key, keys.iter().map(|(id, key)| (id.as_str(), key)))
        .expect("the active key is there")
}

fn token() -> SecretString {
    SecretString::from("a provider's token")
}

#[test]
fn what_is_sealed_opens_again() {
    let ring = ring("k1", &["k1"]);
    let sealed = ring.seal(&token(), ROW);
    assert_eq!(ring.open(&sealed, ROW).expect("it opens").expose_secret(), token().expose_secret());
}

#[test]
fn the_same_secret_is_never_sealed_alike() {
    let ring = ring("k1", &["k1"]);
    assert_ne!(ring.seal(&token(), ROW).bytes, ring.seal(&token(), ROW).bytes);
}

#[test]
fn it_does_not_open_for_another_row() {
    let ring = ring("k1", &["k1"]);
    let sealed = ring.seal(&token(), ROW);
    assert_eq!(ring.open(&sealed, b"another row").expect_err("another row"), OpenError::Refused);
    assert_ne!(
        bound_to(Uuid::from_u128(1), Uuid::from_u128(2)),
        bound_to(Uuid::from_u128(2), Uuid::from_u128(1))
    );
}

#[test]
fn every_flipped_bit_is_noticed() {
    let ring = ring("k1", &["k1"]);
    let sealed = ring.seal(&token(), ROW);
    for index in 0..sealed.bytes.len() {
        let mut damaged = sealed.clone();
        damaged.bytes[index] ^= 1;
        assert_eq!(ring.open(&damaged, ROW).expect_err("damaged"), OpenError::Refused);
    }
    let cut = Sealed { key_id: "k1".to_owned(), bytes: sealed.bytes[..5].to_vec() };
    assert_eq!(ring.open(&cut, ROW).expect_err("cut"), OpenError::Refused);
}

#[test]
fn a_new_key_seals_and_the_old_one_still_opens() {
    let old = ring("k1", &["k1"]).seal(&token(), ROW);
    let ring = ring("k2", &["k1", "k2"]);
    assert_eq!((old.key_id.as_str(), ring.active_key()), ("k1", "k2"));
    assert!(ring.open(&old, ROW).is_ok());
    let new = ring.seal(&token(), ROW);
    assert_eq!(new.key_id, "k2");
}

#[test]
fn a_key_that_was_taken_away_is_named() {
    let sealed = ring("k1", &["k1"]).seal(&token(), ROW);
    let error = ring("k2", &["k2"]).open(&sealed, ROW).expect_err("k1 is gone");
    assert_eq!(error, OpenError::UnknownKey { key_id: "k1".to_owned() });
    assert!(KeyRing::new("k1", []).is_err());
}

#[test]
fn debug_shows_no_bytes() {
    let ring = ring("k1", &["k1"]);
    assert_eq!(format!("{ring:?}"), "KeyRing(active k1, 1 keys)");
    assert_eq!(format!("{:?}", Sealed { key_id: "k1".to_owned(), bytes: vec![7; 3] }), "Sealed(k1, 3 bytes)");
}
