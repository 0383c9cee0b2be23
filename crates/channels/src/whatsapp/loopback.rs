//! Servers on this machine that answer in Graph's place, for tests.

use std::net::SocketAddr;

use axum::Router;
use tokio::net::TcpListener;

pub(super) fn http() -> reqwest::Client {
    reqwest::ClientBuilder::new()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .expect("a client")
}

pub(super) async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    (listener, address)
}

pub(super) async fn serve(router: Router) -> SocketAddr {
    let (listener, address) = listen().await;
    in_background(async move {
        axum::serve(listener, router).await.expect("nothing stops it");
    });
    address
}

/// An address where nobody listens.
pub(super) async fn nowhere() -> SocketAddr {
    let (listener, address) = listen().await;
    drop(listener);
    address
}

#[expect(clippy::disallowed_methods, reason = "ends with the runtime of the test")]
pub(super) fn in_background(task: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(task);
}
