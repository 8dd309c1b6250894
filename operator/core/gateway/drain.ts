// How a gateway pod ends: it tells clients to go elsewhere, and waits until the last request is answered.

import { longestWaitSeconds } from '../traffic/time-limits.ts';
import { gatewayPorts } from './envoy/bootstrap.ts';
import { windowName } from './envoy/stat-names.ts';

/** Until clients and kube-proxy know that the pod is leaving. */
const farewellSeconds = 12;

/** What the kubelet must allow the whole end to take. */
export const gracePeriodSeconds = farewellSeconds + longestWaitSeconds + 10;

/**
 * Run before SIGTERM, at which Envoy ends at once. Failing the health check makes Envoy close kept-alive connections
 * after their next answer; then the requests under way are counted until there are none. Both images have bash and no
 * HTTP client, so the requests to Envoy are written by hand.
 */
export const drainScript = (seconds: number = farewellSeconds): string =>
  [
    `ask() { exec 3<>/dev/tcp/127.0.0.1/${gatewayPorts.admin}`,
    'printf \'%s HTTP/1.1\\r\\nhost: admin\\r\\nconnection: close\\r\\ncontent-length: 0\\r\\n\\r\\n\' "$1" >&3',
    'cat <&3; exec 3>&-; }',
    "ask 'POST /healthcheck/fail' >/dev/null",
    `sleep ${seconds}`,
    `for ((left = ${longestWaitSeconds}; left > 0; left--)); do`,
    "  ask 'GET /stats?filter=downstream_rq_active$' |",
    `    grep -v '^http\\.\\(admin\\|${windowName}\\)\\.' | grep -q 'downstream_rq_active: [1-9]' || exit 0`,
    '  sleep 1',
    'done',
  ].join('\n');
