# One image for every service: the gateway, the five subgraphs and the migration job differ by their command alone.
# Build from the repository's root:  docker build -f infra/docker/service.Dockerfile -t tessera .
FROM node:26-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc tsconfig.json ./
COPY gateway/package.json gateway/
COPY infra/service/package.json infra/service/
COPY infra/local/package.json infra/local/
COPY schema/package.json schema/
COPY tests/package.json tests/
COPY subgraphs/auth/package.json subgraphs/auth/
COPY subgraphs/tenant/package.json subgraphs/tenant/
COPY subgraphs/user/package.json subgraphs/user/
COPY subgraphs/storage/package.json subgraphs/storage/
COPY subgraphs/analytics/package.json subgraphs/analytics/
RUN npm ci --ignore-scripts
COPY gateway gateway
COPY infra infra
COPY schema schema
COPY subgraphs subgraphs
RUN node node_modules/@typescript/native/bin/tsc -b infra/local && npm prune --omit=dev --ignore-scripts

FROM node:26-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build --chown=root:root /app /app
# The image's own unprivileged user; nothing under /app is writable for it.
USER node
EXPOSE 4000 4001 4002 4003 4004 4005
# Which port is probed is the service's own PORT.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=32", "--v8-pool-size=1", "--expose-gc", "--no-allocation-site-pretenuring", "gateway/dist/main.js"]
