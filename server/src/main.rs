//! The web process. All of it is in the library, so that tests can start it.

use server::commands::{Arguments, run};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    run(Arguments::parse(std::env::args_os().skip(1))?).await
}
