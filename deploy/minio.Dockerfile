# MinIO from its Go module: images of it are no longer published.
# Both base images can be named otherwise, for sites with a registry of their own.
ARG GO_IMAGE=docker.io/library/golang:1.24.8-bookworm
ARG BASE_IMAGE=docker.io/library/debian:12.12-slim

FROM ${GO_IMAGE} AS build
ARG MINIO_VERSION=v0.0.0-20260212201848-7aac2a2c5b7c
RUN CGO_ENABLED=0 GOBIN=/out go install -trimpath -ldflags="-s -w" "github.com/minio/minio@${MINIO_VERSION}"

FROM ${BASE_IMAGE}
# curl is what the health check asks with; Debian keeps one version of each for a release.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin minio \
    && install -d -o minio -g minio -m 0700 /data
COPY --from=build /out/minio /usr/local/bin/minio
USER 10001
VOLUME /data
EXPOSE 9000
ENTRYPOINT ["minio"]
CMD ["server", "/data", "--address", ":9000"]
