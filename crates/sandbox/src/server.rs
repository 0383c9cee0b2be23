//! The listening side: HTTP/1.1 with keep-alive, and the ability to drop a connection without an answer.

use std::io;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;
use tracing::warn;

/// How long requests in flight may take once the sandbox is told to stop.
const DRAIN: Duration = Duration::from_secs(2);

/// Marks a response that must not be written: the connection ends instead.
#[derive(Debug, Clone, Copy)]
struct CutConnection;

/// A response that ends the connection without a single byte of answer.
pub(crate) fn cut_connection() -> Response {
    let mut response = ().into_response();
    response.extensions_mut().insert(CutConnection);
    response
}

/// What the service says to hyper to have the connection dropped.
#[derive(Debug, thiserror::Error)]
#[error("the connection is cut on purpose")]
struct Cut;

/// Accepts connections until told to stop.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    stop: CancellationToken,
    tasks: TaskTracker,
) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return,
        };
        match accepted {
            Ok((stream, _)) => {
                tasks.spawn(serve_connection(stream, router.clone(), stop.clone()));
            }
            Err(error) => {
                // Out of file descriptors, as a rule: wait for some to be closed.
                warn!(%error, "accepting a connection failed");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

async fn serve_connection(stream: TcpStream, router: Router, stop: CancellationToken) {
    if let Err(error) = stream.set_nodelay(true) {
        warn!(%error, "turning off Nagle's algorithm failed");
    }
    let service = service_fn(move |request: Request<Incoming>| {
        let router = router.clone();
        async move { respond(router, request).await }
    });
    // Without a timer hyper leaves idle connections open. Closing one at the moment a client writes to it
    // would look like a cut nobody asked for.
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    // Whatever ends a connection, a cut on purpose or the client going away, there is nobody left to tell.
    tokio::select! {
        _ = connection.as_mut() => {}
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            let _ = tokio::time::timeout(DRAIN, connection).await;
        }
    }
}

async fn respond(router: Router, request: Request<Incoming>) -> Result<Response<Body>, Cut> {
    let Ok(response) = router.oneshot(request).await;
    match response.extensions().get::<CutConnection>() {
        Some(_) => Err(Cut),
        None => Ok(response),
    }
}

/// Binds an address.
pub(crate) async fn bind(address: std::net::SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await
}
