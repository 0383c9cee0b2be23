//! A migration that was added is compiled in: `sqlx::migrate!` alone sees changes of files it knows.

fn main() {
    println!("cargo::rerun-if-changed=../../migrations");
}
