# The program alone, static, run by nobody in particular. No Docker engine has built this file yet, and CI does not.
#
#   docker build --tag zenml-tflint .
#   docker run --rm --volume "$PWD:/work:ro" zenml-tflint
#
# To mend files, mount them without `:ro` and give the user that owns them: --user "$(id -u):$(id -g)".
FROM rust:1.95-alpine AS build
RUN apk add --no-cache musl-dev
WORKDIR /build
COPY . .
# Alpine's Rust links the C library statically.
RUN cargo build --locked --profile dist && mv target/dist/zenml-tflint /zenml-tflint

FROM scratch
COPY --from=build /zenml-tflint /zenml-tflint
# What `verify` trusts.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
USER 65532:65532
WORKDIR /work
ENTRYPOINT ["/zenml-tflint"]
