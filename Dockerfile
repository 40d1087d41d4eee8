# A static, non-root image that holds the binary, its catalogue, root certificates and nothing else.
#   docker build -t sekisho .
#   docker run -p 8895:8895 -p 127.0.0.1:9895:9895 -v sekisho:/var/lib/sekisho sekisho
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY cmd cmd
COPY filter filter
COPY policy policy
ARG VERSION=unknown
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /sekisho ./cmd/sekisho \
    && mkdir -p -m 0700 /state/sekisho

FROM scratch
COPY --from=build /sekisho /sekisho
# Whom to believe about PostgreSQL, S3 and OpenID Connect.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
# As a folder in a folder, so that it keeps its mode: held messages are nobody else's.
COPY --from=build --chown=65532:65532 /state /var/lib
COPY deploy/sekisho.container.yaml /etc/sekisho/sekisho.yaml
USER 65532:65532
VOLUME /var/lib/sekisho
EXPOSE 8895 9895
HEALTHCHECK --interval=30s --timeout=3s CMD ["/sekisho", "health", "--url", "http://127.0.0.1:9895/healthz"]
ENTRYPOINT ["/sekisho"]
CMD ["run", "--config", "/etc/sekisho/sekisho.yaml"]
