//! `cargo xtask bench NAME`: one measurement. The last line on stdout is one JSON object.

mod sending;
pub mod wasm_size;

use std::process::ExitCode;

use anyhow::{Result, bail};
use serde_json::Value;

use crate::arguments::Arguments;
use crate::workspace::Workspace;

/// One measurement. A new one is a module beside this one and an entry in [`BENCHES`].
struct Bench {
    name: &'static str,
    measures: &'static str,
    run: fn(&Workspace, Arguments) -> Result<Value>,
}

const BENCHES: &[Bench] = &[
    Bench {
        name: "dispatch",
        measures: "messages a second from launch to the last one settled, full ledger, sender unlimited; \
                   --peer: against queues from npm; --latency-ms N: every answer takes so long",
        run: sending::dispatch,
    },
    Bench {
        name: "paced",
        measures: "50,000 messages at 1,000 a second: the mean rate, and the most in any one second",
        run: sending::paced,
    },
    Bench {
        name: "launch",
        measures: "seconds to resolve and freeze 50,000 and 1,000,000 recipients",
        run: sending::launch,
    },
    Bench {
        name: "claim",
        measures: "what taking the next batch costs after 10,000 and after 10,000,000 rows of history",
        run: sending::claim,
    },
    Bench {
        name: "webhooks",
        measures: "signed status events a second, durable before they are answered; against Fastify",
        run: sending::webhooks,
    },
    Bench {
        name: "wasm-size",
        measures: "bytes over the wire before the first page is interactive: script and WASM, brotli",
        run: wasm_size::run,
    },
];

pub fn run(workspace: &Workspace, arguments: Arguments) -> Result<ExitCode> {
    let mut words = arguments.into_words();
    let name = if words.is_empty() { String::new() } else { words.remove(0) };
    let Some(bench) = BENCHES.iter().find(|bench| bench.name == name) else {
        let list: Vec<String> =
            BENCHES.iter().map(|bench| format!("  {:<12} {}", bench.name, bench.measures)).collect();
        bail!("name one of these:\n{}", list.join("\n"));
    };
    let result = (bench.run)(workspace, Arguments::new(words))?;
    println!("{result}");
    Ok(ExitCode::SUCCESS)
}
