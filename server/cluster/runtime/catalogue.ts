/**
 * Public images that exercises use without describing them: what they run, where they listen, who they run as. Written from their Dockerfiles and
 * documentation; sizes and times are those of an ordinary registry. A scenario's own image of the same name comes first.
 */
import type * as z from 'zod'
import type { profileSchema } from '../profile.ts'

export type CatalogueEntry = { /** Registry and path, without tag. */ name: string; /** Tags that exist. */ tags: RegExp; profile: z.input<typeof profileSchema>; pullMs: number; sizeBytes: number; arch?: string[] }

const megabyte = 1_000_000
const version = /^(latest|v?\d+(\.\d+){0,2})(-[a-z0-9.]+)*$/
const distribution = (base: string): RegExp => new RegExp(`^(latest|stable|${base}|v?\\d+(\\.\\d+){0,3})(-(alpine|slim|bookworm|bullseye|trixie|glibc|musl|uclibc|perl|otel|debian|oracle|lts|alpine-slim|alpine[0-9.]+|alpine-perl))*$`)

const shellImage: z.input<typeof profileSchema>['image'] = { command: ['sh'], shellExecs: true }

export const catalogue: readonly CatalogueEntry[] = [
  { name: 'docker.io/library/busybox', tags: distribution('unstable|musl|glibc|uclibc'), pullMs: 900, sizeBytes: 2 * megabyte, profile: { about: 'busybox: a shell and small tools', image: shellImage } },
  { name: 'docker.io/library/alpine', tags: distribution('edge'), pullMs: 900, sizeBytes: 4 * megabyte, profile: { about: 'Alpine Linux with busybox', image: { ...shellImage, command: ['/bin/sh'], libc: 'musl' } } },
  { name: 'docker.io/library/debian', tags: distribution('bookworm|bullseye|trixie|bookworm-slim|trixie-slim|stable-slim'), pullMs: 2500, sizeBytes: 48 * megabyte, profile: { about: 'Debian', image: { ...shellImage, command: ['bash'], userland: 'debian' } } },
  { name: 'docker.io/library/ubuntu', tags: distribution('noble|jammy|focal'), pullMs: 2500, sizeBytes: 30 * megabyte, profile: { about: 'Ubuntu', image: { ...shellImage, command: ['/bin/bash'], userland: 'debian' } } },
  {
    name: 'docker.io/library/nginx', tags: distribution('mainline|alpine|alpine-slim|perl'), pullMs: 3000, sizeBytes: 72 * megabyte,
    profile: {
      about: 'nginx web server', image: { entrypoint: ['/docker-entrypoint.sh'], command: ['nginx', '-g', 'daemon off;'], userland: 'debian', tools: ['curl'], stopSignal: 'SIGQUIT', files: { '/usr/share/nginx/html/index.html': '<h1>Welcome to nginx!</h1>\n', '/etc/nginx/nginx.conf': 'worker_processes auto;\n', '/etc/nginx/conf.d/default.conf': 'server { listen 80; }\n', '/var/cache/nginx/': '', '/run/': '' } },
      binary: '/docker-entrypoint.sh', alsoNamed: ['/usr/sbin/nginx'], start: { time: '300ms' }, listen: [{ port: 80 }], http: { '/': { latency: '1ms', body: '<h1>Welcome to nginx!</h1>\n' } },
      writes: [{ path: '/var/cache/nginx/client_temp/', onFailure: 'exit', every: '1h' }, { path: '/run/nginx.pid', onFailure: 'exit', every: '1h' }],
      memory: { live: '6Mi', garbage: '0', nonHeap: '4Mi' }, cpu: { idle: 0.001, load: 0.05 }, stop: { drain: '0s' }, commands: { '/usr/sbin/nginx -t': { output: 'nginx: configuration file /etc/nginx/nginx.conf test is successful\n' } },
      log: { ready: ['/docker-entrypoint.sh: Configuration complete; ready for start up'] },
    },
  },
  {
    name: 'docker.io/nginxinc/nginx-unprivileged', tags: distribution('mainline|alpine'), pullMs: 3000, sizeBytes: 72 * megabyte,
    profile: { about: 'nginx that runs as user 101 on port 8080', image: { user: 101, group: 101, entrypoint: ['/docker-entrypoint.sh'], userland: 'debian', tools: ['curl'], stopSignal: 'SIGQUIT' }, start: { time: '300ms' }, listen: [{ port: 8080 }], http: { '/': { latency: '1ms', body: '<h1>Welcome to nginx!</h1>\n' } }, writes: [{ path: '/tmp/nginx.pid', onFailure: 'exit', every: '1h' }], memory: { live: '6Mi', garbage: '0', nonHeap: '4Mi' }, cpu: { idle: 0.001, load: 0.05 } },
  },
  {
    name: 'docker.io/library/redis', tags: distribution('bookworm|alpine'), pullMs: 2500, sizeBytes: 45 * megabyte,
    profile: {
      about: 'Redis', image: { entrypoint: ['docker-entrypoint.sh'], command: ['redis-server'], workingDir: '/data', userland: 'debian', files: { '/data/': { directory: true, owner: 999, group: 999, mode: '755' } } },
      binary: 'docker-entrypoint.sh', alsoNamed: ['redis-server'], start: { time: '500ms' }, listen: [{ port: '${--port:-6379}', kind: 'tcp' }], memory: { live: '10Mi', garbage: '0', nonHeap: '5Mi' }, cpu: { idle: 0.005, load: 0.1 },
      log: { start: ['* Redis is starting'], ready: ['* Ready to accept connections tcp'] }, commands: { 'redis-cli ping': { output: 'PONG\n' }, 'redis-cli *': { output: 'OK\n' } },
    },
  },
  {
    name: 'docker.io/library/mysql', tags: distribution('oraclelinux9|lts|innovation'), pullMs: 9000, sizeBytes: 240 * megabyte,
    profile: {
      about: 'MySQL', image: { entrypoint: ['docker-entrypoint.sh'], command: ['mysqld'], userland: 'debian', files: { '/var/lib/mysql/': { directory: true, owner: 999, group: 999, mode: '755' } } },
      binary: 'docker-entrypoint.sh', alsoNamed: ['mysqld'], start: { time: '20s', cpu: 8, afterCrash: '45s' }, listen: [{ port: 3306, kind: 'tcp' }], writes: [{ path: '/var/lib/mysql/ibdata1', onFailure: 'exit' }],
      env: [{ name: 'MYSQL_ROOT_PASSWORD', fileVariant: true, exitCode: 1, log: '[ERROR] [Entrypoint]: Database is uninitialized and password option is not specified' }],
      memory: { live: '400Mi', garbage: '0', nonHeap: '40Mi', rampTime: '15s' }, cpu: { idle: 0.02, load: 0.5 }, stop: { drain: '2s' },
      log: { ready: ['[Server] /usr/sbin/mysqld: ready for connections. port: 3306'] }, commands: { 'mysqladmin ping*': { output: 'mysqld is alive\n', readyOnly: true } },
    },
  },
  {
    name: 'docker.io/library/postgres', tags: distribution('bookworm|alpine'), pullMs: 6000, sizeBytes: 150 * megabyte,
    profile: {
      about: 'PostgreSQL', image: { entrypoint: ['docker-entrypoint.sh'], command: ['postgres'], userland: 'debian', stopSignal: 'SIGINT', files: { '/var/lib/postgresql/data/': { directory: true, owner: 999, group: 999, mode: '755' } } },
      binary: 'docker-entrypoint.sh', alsoNamed: ['postgres'], start: { time: '5s', cpu: 3, afterCrash: '15s' }, listen: [{ port: 5432, kind: 'tcp' }], writes: [{ path: '/var/lib/postgresql/data/postmaster.pid', onFailure: 'exit' }],
      env: [{ name: 'POSTGRES_PASSWORD', fileVariant: true, exitCode: 1, log: 'Error: Database is uninitialized and superuser password is not specified.' }],
      memory: { live: '60Mi', garbage: '0', nonHeap: '20Mi' }, cpu: { idle: 0.01, load: 0.4 }, stop: { drain: '1s' },
      log: { ready: ['LOG:  database system is ready to accept connections'] }, commands: { 'pg_isready*': { output: '/var/run/postgresql:5432 - accepting connections\n', readyOnly: true } },
    },
  },
  { name: 'docker.io/curlimages/curl', tags: version, pullMs: 1000, sizeBytes: 9 * megabyte, profile: { about: 'curl on Alpine', image: { user: 100, group: 101, entrypoint: ['/entrypoint.sh'], shellExecs: true, tools: ['curl'], files: { '/entrypoint.sh': '#!/bin/sh\nexec "$@"\n' } } } },
  { name: 'docker.io/nicolaka/netshoot', tags: version, pullMs: 6000, sizeBytes: 200 * megabyte, profile: { about: 'network tools', image: { ...shellImage, command: ['sh'], tools: ['curl'] } } },
  {
    name: 'docker.io/fluent/fluent-bit', tags: version, pullMs: 2500, sizeBytes: 35 * megabyte,
    profile: { about: 'log agent that follows files', image: { entrypoint: ['/fluent-bit/bin/fluent-bit'], shell: false }, start: { time: '500ms' }, listen: [{ port: 2020 }], http: { '/': { latency: '1ms' }, '/api/v1/health': { latency: '1ms' } }, memory: { live: '15Mi', garbage: '0', nonHeap: '10Mi' }, cpu: { idle: 0.005, load: 0.02 }, log: { ready: ['[info] [engine] started'] } },
  },
  ...['docker.io/otel/opentelemetry-collector', 'docker.io/otel/opentelemetry-collector-contrib'].map((name): CatalogueEntry => ({
    name, tags: version, pullMs: 3500, sizeBytes: 60 * megabyte,
    profile: {
      about: 'OpenTelemetry collector: OTLP over gRPC on 4317 and over HTTP on 4318', image: { user: 10001, group: 10001, entrypoint: ['/otelcol'], shell: false }, start: { time: '1500ms' },
      listen: [{ port: 4317, kind: 'grpc' }, { port: 4318, kind: 'http' }, { port: 13133, kind: 'http' }, { port: 8888, kind: 'http' }], http: { '/': { latency: '1ms' }, '/v1/traces': { latency: '2ms' }, '/v1/metrics': { latency: '2ms' }, '/v1/logs': { latency: '2ms' }, '/metrics': { latency: '3ms' } }, grpc: { '': {}, 'opentelemetry.proto.collector.trace.v1.TraceService': {} },
      memory: { live: '40Mi', garbage: '40Mi' }, cpu: { idle: 0.01, load: 0.1 }, log: { ready: ['Everything is ready. Begin running and processing data.'] },
    },
  })),
  {
    name: 'docker.io/prom/prometheus', tags: version, pullMs: 4500, sizeBytes: 110 * megabyte,
    profile: { about: 'Prometheus', image: { user: 65534, group: 65534, entrypoint: ['/bin/prometheus'] , files: { '/prometheus/': { directory: true, owner: 65534, group: 65534, mode: '755' } } }, start: { time: '3s', cpu: 1 }, listen: [{ port: 9090 }], http: { '/-/healthy': {}, '/-/ready': {}, '/metrics': {} }, writes: [{ path: '/prometheus/wal', onFailure: 'exit' }], memory: { live: '120Mi', garbage: '80Mi' }, cpu: { idle: 0.03, load: 0.2 } },
  },
  {
    name: 'docker.io/hashicorp/http-echo', tags: version, pullMs: 1000, sizeBytes: 5 * megabyte,
    profile: { about: 'answers every request with a text', image: { entrypoint: ['/http-echo'], shell: false, user: 65532, group: 65532 }, start: { time: '100ms' }, listen: [{ port: '${--listen:-:5678}' }] },
  },
  {
    name: 'registry.k8s.io/e2e-test-images/agnhost', tags: version, pullMs: 3000, sizeBytes: 50 * megabyte,
    profile: { about: 'Kubernetes test server', image: { entrypoint: ['/agnhost'], command: ['pause'] }, start: { time: '100ms' }, listen: [{ port: '${--http-port:-8080}' }], http: { '/': {}, '/healthz': {}, '/hostname': {} } },
  },
  { name: 'registry.k8s.io/pause', tags: version, pullMs: 400, sizeBytes: 320_000, profile: { about: 'does nothing, for ever', image: { user: 65535, group: 65535, entrypoint: ['/pause'], shell: false }, start: { time: '0ms' }, memory: { live: '1Mi', garbage: '0', nonHeap: '0' }, cpu: { idle: 0 } } },
  {
    name: 'registry.k8s.io/coredns/coredns', tags: version, pullMs: 1200, sizeBytes: 22 * megabyte,
    profile: {
      about: 'cluster DNS', image: { user: 65532, group: 65532, entrypoint: ['/coredns'], shell: false }, start: { time: '300ms' },
      listen: [{ port: 53, protocol: 'UDP', kind: 'udp' }, { port: 53, kind: 'tcp' }, { port: 9153, kind: 'http' }, { port: 8080, kind: 'http' }, { port: 8181, kind: 'http' }],
      http: { '/ready': { latency: '1ms' }, '/health': { latency: '1ms' }, '/metrics': { latency: '2ms' } }, memory: { live: '15Mi', garbage: '10Mi' }, cpu: { idle: 0.003, load: 0.02 }, stop: { drain: '5s' },
      log: { ready: ['.:53', 'CoreDNS-1.13.1'] },
    },
  },
]
