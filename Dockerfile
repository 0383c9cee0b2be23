# syntax=docker/dockerfile:1
#
# One image with the three programs and the site: `server` (also `server migrate` and `server demo`), `worker`, `sandbox`.
# `cargo xtask build` provides everything else it needs (npm packages at the versions of end2end/package-lock.json).

FROM rust:1.95-trixie AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends nodejs npm \
    && rm -rf /var/lib/apt/lists/* \
    && rustup target add wasm32-unknown-unknown
WORKDIR /src
COPY . .
# The target folder is a cache, not a layer: what is wanted from it is copied out in the same step.
RUN --mount=type=cache,id=fanfare-registry,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,id=fanfare-target,target=/src/target,sharing=locked \
    cargo xtask build --profile release \
    && mkdir -p /out/bin \
    && cp target/release/server target/release/worker target/release/sandbox /out/bin/ \
    && cp -R target/site /out/site

FROM debian:trixie-slim
# The roots by which Graph's certificate is checked.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin fanfare
COPY --from=build /out /opt/fanfare
COPY LICENSE /opt/fanfare/LICENSE
# Inside a container the ports are reached from outside of it.
ENV PATH=/opt/fanfare/bin:$PATH \
    FANFARE_SERVER__SITE_ROOT=/opt/fanfare/site \
    FANFARE_SERVER__LISTEN=0.0.0.0:8080 \
    FANFARE_WORKER__LISTEN=0.0.0.0:9101
WORKDIR /opt/fanfare
USER fanfare
EXPOSE 8080 9090 9101
# Both programs stop in order on SIGTERM; give them the time they need (docs/operations.md).
STOPSIGNAL SIGTERM
CMD ["server"]
