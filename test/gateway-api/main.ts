// npm run gateway-api: a request through Envoy Gateway, a real implementation of the Gateway API, to a model of a real cluster.
import { strict as assert } from 'node:assert';
import { startClient } from '../../demo/steps/client.ts';
import type { Cluster } from '../cluster/cluster-type.ts';
import { Progress } from '../cluster/progress.ts';
import { readCommandLine } from '../command-line.ts';
import { twoClasses } from '../e2e/datasets.ts';
import { demoPlace } from '../e2e/demo-place.ts';
import { dataset, modelDeployment, models, trainingJob } from '../e2e/manifests.ts';
import { askAboutPoint, untilLive } from '../e2e/serving.ts';
import { setUpCluster } from '../e2e/setup.ts';
import { apiVersion, type Conditioned, condition, World } from '../e2e/world.ts';
import { apply, installEnvoyGateway, removeEnvoyGateway } from './envoy-gateway.ts';

readCommandLine({
  name: 'npm run gateway-api --',
  summary:
    'Asks a model through Envoy Gateway, which is compiled from its Go module the first time (a quarter of an hour).',
  options: {},
});

const gatewayOf = (world: World, from: 'Same' | 'All') => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'Gateway',
  metadata: { name: 'public', namespace: `${world.namespace}-infra` },
  spec: {
    gatewayClassName: 'eg',
    listeners: [{ name: 'http', protocol: 'HTTP', port: 8080, allowedRoutes: { namespaces: { from } } }],
  },
});

const said = (object: Conditioned) => `${condition(object, 'Ready')?.reason}: ${condition(object, 'Ready')?.message}`;

/** Waits until Ready says such a thing, and prints it. */
async function untilSaid(world: World, what: RegExp): Promise<Conditioned> {
  const found = await world.until({ kind: 'ModelGateway', name: 'default', within: 120 }, (object) =>
    what.test(said(object)),
  );
  console.log(`ModelGateway ${said(found)}`);
  return found;
}

async function trainAndServe(world: World): Promise<void> {
  await world.apply(models, dataset('points', twoClasses(400)), trainingJob('points'));
  await startClient(demoPlace(world));
  await world.apply(modelDeployment('points', { name: 'points', track: 'Latest' }));
  await untilLive(world, 'points', 'points-1');
}

/** A Gateway of another namespace, first with no room for our routes, then with. */
async function goThrough(cluster: Cluster, world: World): Promise<void> {
  const httpRoute = { gatewayName: 'public', gatewayNamespace: `${world.namespace}-infra` };
  await world.apply({
    apiVersion,
    kind: 'ModelGateway',
    metadata: { name: 'default' },
    spec: { replicas: 1, expose: { type: 'HTTPRoute', httpRoute } },
  });
  await apply(cluster, [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: httpRoute.gatewayNamespace } },
    gatewayOf(world, 'Same'),
  ]);
  await untilSaid(world, /^RouteNotAccepted: .*NotAllowedByListeners/);
  await apply(cluster, [gatewayOf(world, 'All')]);
  const reached = await untilSaid(world, /^PodsReady/);
  console.log(`address ${reached.status?.['address']}, url ${reached.status?.['url']}`);
  const { status } = await world.until(
    { kind: 'ModelDeployment', name: 'points', within: 60 },
    (object) => object.status?.['externalUrl'] !== undefined,
  );
  const url = String(status?.['externalUrl']);
  const answer = await world.eventually({ what: `an answer of ${url}` }, () =>
    askAboutPoint(world, url, 2.5, -2.5).catch(() => undefined),
  );
  console.log(`${url} answered: ${JSON.stringify(answer)}`);
  assert.equal(answer.version, 'points-1');
}

const { cluster, environment } = await setUpCluster();
Object.assign(process.env, environment);
const world = await World.open('route');
const progress = new Progress();
try {
  await trainAndServe(world);
  await world.apply({ apiVersion, kind: 'ModelGateway', metadata: { name: 'default' }, spec: { replicas: 1 } });
  await installEnvoyGateway(cluster, progress);
  await goThrough(cluster, world);
  console.log('passed');
} finally {
  await removeEnvoyGateway(cluster);
  await cluster.kubectl(['delete', 'namespace', `${world.namespace}-infra`, '--ignore-not-found', '--wait=false']);
  await world.close();
  if (process.env['SLUICE_KEEP_CLUSTER'] !== '1') await cluster.down();
}
