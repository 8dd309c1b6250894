// How long a new weight takes: from the write of the routing table until a real Envoy gives requests by it. The table is
// written to the apiserver, the operator sees it in its watch and tells Envoy, and requests at the listener show it.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { networkInterfaces } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { ports } from '@sluice/crds/contract.ts';
import { routesKey, routesName } from '@sluice/operator/core/gateway/children.ts';
import { nextRoutingTable, type Route, type RoutingTable } from '@sluice/operator/core/gateway/routes.ts';
import { commonLabels, gatewayName } from '@sluice/operator/core/names.ts';
import type { KubeClient } from '@sluice/operator/kube/client.ts';
import { type KubeObject, ownerReferenceTo, type Stored } from '@sluice/operator/kube/objects.ts';
import { RESOURCES } from '@sluice/operator/kube/resources.ts';
import { closeServer } from '@sluice/operator/shell/status-server.ts';
import { Agent } from 'undici';
import { startDnsServer } from '../../integration/gateway/dns-server.ts';
import { startEnvoy } from '../../integration/gateway/envoy-process.ts';
import type { OperatorProcess } from '../control-plane/operator-process.ts';
import type { Place } from '../control-plane/place.ts';
import { names } from '../control-plane/workload.ts';
import { rolloutNamespaces } from './objects.ts';

type Report = (detail: string) => void;

export type Push = {
  readonly listeners: number;
  /** Milliseconds of each change, from the beginning of the write to the first answer by the new weight. */
  readonly milliseconds: readonly number[];
  /** Of these, until the apiserver had answered the write. */
  readonly writeMilliseconds: readonly number[];
};

const namespace = rolloutNamespaces.push;
/** Loopback addresses stand for pods. */
const addresses = { aaaa: '127.84.0.2', bbbb: '127.84.0.3' } as const;
type Revision = keyof typeof addresses;
const revisions: readonly Revision[] = ['aaaa', 'bbbb'];
/** Between two changes: each meets a gateway that has nothing else to do. */
const pauseMs = 50;
const deadlineMs = 30_000;

async function serve(revision: Revision): Promise<Server> {
  const server = createServer((_request, response) => response.end(revision));
  server.listen(ports.http, addresses[revision]);
  await once(server, 'listening');
  return server;
}

/** The table in which each deployment gives all its requests to one revision. */
function tableOf(chosen: ReadonlyMap<string, Revision>, before: RoutingTable | undefined): RoutingTable {
  const requests = [...chosen].map(([deployment, revision]) => ({
    deployment,
    port: undefined,
    backends: revisions.map((each) => ({
      revision: each,
      percent: each === revision ? 100 : 0,
      requestTimeoutSeconds: 10,
    })),
  }));
  return nextRoutingTable(requests, before, { knownVersion: 0, now: Date.now() });
}

const configMap = (table: RoutingTable) =>
  ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: routesName, namespace, labels: commonLabels('gateway') },
    data: { [routesKey]: JSON.stringify(table) },
  }) as KubeObject;

/** Between two requests, when the other revision answered: asking without a pause takes a core from what is measured. */
const askEveryMs = 1;
/** … and when nobody did. */
const silentMs = 20;

/** Asks at the listener, one request after the other, until `revision` answers. */
async function untilAnswered(agent: Agent, { port }: Route, revision: Revision): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (performance.now() < deadline) {
    const answer = await agent
      .request({ origin: `http://127.0.0.1:${port}`, path: '/', method: 'POST', body: '{}' })
      .then(({ body }) => body.text())
      .catch((error: unknown) => String(error));
    if (answer === revision) return;
    await delay(revisions.some((each) => each === answer) ? askEveryMs : silentMs);
  }
  throw new Error(`Port ${port} was not given the new weight within ${deadlineMs / 1000} s.`);
}

/** A pod of a Deployment that belongs to the table: the operator tells its routes to nobody else. */
async function gatewayPodOf(
  client: KubeClient,
  table: Stored,
): Promise<{ readonly name: string; readonly uid: string }> {
  const labels = commonLabels('gateway');
  const spec = { containers: [{ name: 'envoy', image: 'envoy:1' }] };
  await client.apply(RESOURCES.deployments, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: gatewayName, namespace, labels, ownerReferences: [ownerReferenceTo(table)] },
    spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  } as KubeObject);
  const deadline = performance.now() + deadlineMs;
  while (performance.now() < deadline) {
    const [pod] = (await client.list(RESOURCES.pods, { namespace })).items;
    if (pod) return pod.metadata;
    await delay(20);
  }
  throw new Error(`${gatewayName} had no pod within ${deadlineMs / 1000} s.`);
}

/** Changes the weights of one listener after the other. */
export async function measurePushes(
  { client, program }: Place,
  operator: OperatorProcess,
  { listeners, changes, report }: { readonly listeners: number; readonly changes: number; readonly report: Report },
): Promise<Push> {
  const deployments = names('push', listeners);
  const hosts = deployments.flatMap((name) =>
    revisions.map((each) => [`${name}-${each}.${namespace}.svc.cluster.local`, [addresses[each]]] as const),
  );
  const dns = await startDnsServer(new Map(hosts));
  const servers = await Promise.all(revisions.map(serve));
  const hasIpv6 = networkInterfaces()['lo']?.some(({ family }) => family === 'IPv6') === true;
  const chosen = new Map<string, Revision>(deployments.map((name) => [name, 'aaaa']));
  let table = tableOf(chosen, undefined);
  const pod = await gatewayPodOf(client, await client.apply(RESOURCES.configMaps, configMap(table)));
  const { hop } = program;
  const envoy = await startEnvoy({
    ...{ namespace, podName: pod.name, xdsPort: operator.xdsPort, dnsPort: dns.port, hasIpv6 },
    certificates: hop.certificates,
    token: await hop.tokenOf({ namespace, ...pod }),
  });
  const agent = new Agent({ connections: 1 });
  const milliseconds: number[] = [];
  const writeMilliseconds: number[] = [];
  try {
    for (const route of table.routes) await untilAnswered(agent, route, 'aaaa');
    for (let change = 0; change < changes; change += 1) {
      const name = deployments[change % listeners] ?? '';
      const revision = chosen.get(name) === 'aaaa' ? 'bbbb' : 'aaaa';
      chosen.set(name, revision);
      table = tableOf(chosen, table);
      const route = table.routes.find(({ deployment }) => deployment === name);
      if (!route) throw new Error(`${name} has no listener.`);
      const beganMs = performance.now();
      const writing = client.apply(RESOURCES.configMaps, configMap(table));
      const written = writing.then(() => writeMilliseconds.push(performance.now() - beganMs));
      await untilAnswered(agent, route, revision);
      milliseconds.push(performance.now() - beganMs);
      await written;
      report(`${change + 1} of ${changes}`);
      await delay(pauseMs);
    }
  } finally {
    await agent.close();
    await envoy.stop();
    for (const server of servers) await closeServer(server);
    dns.socket.close();
  }
  return { listeners, milliseconds, writeMilliseconds };
}
