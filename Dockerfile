# syntax=docker/dockerfile:1
#
# docker build --build-arg VERSION="$(git describe --tags --always)" -t tenure .
#
# The image has no git: the GitOps repository is given by its URL, not by a path,
# which go-git would read with the git command. So `serve --dev`, which keeps a
# repository in a folder and listens on loopback only, is not for this image.

# Styles and scripts
FROM node:24-bookworm-slim AS assets
WORKDIR /src/web
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-fund --no-audit
COPY web/ ./
RUN npm run --silent build

# The binary, static
FROM golang:1.26-bookworm AS binary
WORKDIR /src
ENV CGO_ENABLED=0 GOTOOLCHAIN=local GOFLAGS=-mod=readonly
COPY go.mod go.sum ./
RUN go mod download
COPY . ./
COPY --from=assets /src/web/static/build/ web/static/build/
ARG VERSION=unknown
RUN go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /out/tenure ./cmd/tenure \
 && install -d -m 0700 -o 65532 -g 65532 /out/data /out/tmp

# What runs: the binary, the certificate authorities, an empty data folder; no shell
FROM scratch
COPY --from=binary /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=binary /out/tenure /usr/bin/tenure
COPY --from=binary --chown=65532:65532 /out/tmp /tmp
COPY --from=binary --chown=65532:65532 /out/data /data
USER 65532:65532
ENV TMPDIR=/tmp
VOLUME /data
EXPOSE 8080 8443
ENTRYPOINT ["/usr/bin/tenure"]
CMD ["help"]
