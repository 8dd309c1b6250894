// What breaks while models are served and replaced, and what clients notice of it: nothing.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { inClient, startClient } from '../../demo/steps/client.ts';
import { twoClasses } from './datasets.ts';
import { demoPlace } from './demo-place.ts';
import { aCertificate, aKey } from './gateway-secrets.ts';
import { dataset, modelDeployment, models, trainingJob } from './manifests.ts';
import { replaceOperator } from './operator.ts';
import { inferUrl, pointBody, servingStatus, underLoad, untilLive } from './serving.ts';
import { apiVersion, condition, World } from './world.ts';

let world: World;
let order: { url: string; bodies: string[] };

/** Enough that other pods of a busy node do not starve the server: an overload would be answered with 429. */
const served = { cpu: '300m', memory: '256Mi' };

beforeAll(async () => {
  world = await World.open('serving-faults');
  await world.apply(models, dataset('points', twoClasses(200)), trainingJob('first', { model: 'points' }));
  await world.apply(modelDeployment('points', { name: 'points', track: 'Latest' }, { resources: served }));
  const [deployment] = await Promise.all([untilLive(world, 'points', 'points-1'), startClient(demoPlace(world))]);
  order = { url: inferUrl(deployment), bodies: [pointBody(0, 0), pointBody(2.5, -2.5)] };
}, 240_000);

afterAll(() => world.close());

test('the operator may be killed in the middle of a switch', async () => {
  const load = await underLoad(world, order, async () => {
    await world.apply(trainingJob('second', { model: 'points', spec: { seed: 2 } }));
    await world.until({ kind: 'ModelDeployment', name: 'points', within: 120 }, (deployment) => {
      const { candidate, traffic } = servingStatus(deployment);
      return candidate?.version === 'points-2' && traffic?.length === 2;
    });
    await replaceOperator(world);
    await untilLive(world, 'points', 'points-2');
  });
  expect(load.versions.map(({ version }) => version)).toEqual(['points-1', 'points-2']);
}, 300_000);

test('a version that cannot start leaves what serves alone, and a good setting heals it', async () => {
  await underLoad(world, order, async () => {
    const scheduling = { nodeSelector: { 'example.com/no': 'such-node' } };
    await world.patch('ModelDeployment', 'points', { spec: { server: { scheduling } } });
    const deployment = await world.until({ kind: 'ModelDeployment', name: 'points' }, (each) =>
      Boolean(condition(each, 'Progressing')?.message?.includes('no node takes pod')),
    );
    expect(condition(deployment, 'Available')?.status).toBe('True');
    expect(condition(deployment, 'Ready')).toMatchObject({ status: 'True', reason: 'StableServes' });
    await world.patch('ModelDeployment', 'points', { spec: { server: { scheduling: null } } });
    await untilLive(world, 'points', 'points-2');
  });
}, 180_000);

test('a server pod may be deleted while others answer', async () => {
  await world.patch('ModelDeployment', 'points', { spec: { server: { replicas: 2 } } });
  const untilTwo = () =>
    world.until(
      { kind: 'ModelDeployment', name: 'points', within: 120 },
      (deployment) =>
        servingStatus(deployment).readyReplicas === 2 &&
        servingStatus(deployment).observedGeneration === deployment.metadata.generation,
    );
  await untilTwo();
  await underLoad(world, order, async () => {
    const [pod] = await world.list('Pod', 'sluice.dev/model-deployment=points');
    if (!pod) throw new Error('no server pod');
    await world.remove('Pod', pod.metadata.name);
    await world.eventually({ what: `the end of pod ${pod.metadata.name}`, within: 120 }, async () =>
      (await world.find('Pod', pod.metadata.name)) === undefined ? true : undefined,
    );
    await untilTwo();
  });
}, 240_000);

/** Statuses that clients get who know the certificate: without a key, and with one. */
const askOverTls = `
  const [host, body, key] = process.argv.slice(1);
  const ask = (headers) => new Promise((resolve, reject) => {
    const to = { host, path: '/v2/models/points/infer', method: 'POST', headers };
    require('node:https').request(to, (answer) => resolve(answer.resume().statusCode)).on('error', reject).end(body);
  });
  Promise.all([ask({}), ask({ 'x-api-key': key })]).then((statuses) => console.log(JSON.stringify(statuses)));
`;

test('keys and a certificate are mounted from Secrets: while they are missing nobody is let in, and objects say which', async () => {
  const host = `points.${world.namespace}`;
  const { key, secret } = aKey('callers');
  const { certificate, secret: tls } = await aCertificate('points-tls', host);
  await world.apply(tls, {
    apiVersion,
    kind: 'ModelGateway',
    metadata: { name: 'default' },
    spec: {
      replicas: 1,
      access: { apiKeys: { secretName: 'callers' } },
      tls: { secretName: 'points-tls', clientCertificates: 'Off' },
    },
  });
  const says = (kind: string, name: string, type: string, message: RegExp) =>
    world.until({ kind, name, within: 90 }, (object) => {
      const found = condition(object, type);
      return found?.status === 'False' && message.test(found.message ?? '');
    });
  await says('ModelDeployment', 'points', 'Available', /cannot answer/);
  await says('ModelGateway', 'default', 'Ready', /Secrets? callers/);
  await world.apply(secret);
  await world.untilCondition(
    { kind: 'ModelGateway', name: 'default', within: 150 },
    { type: 'Ready', status: 'True', reason: 'PodsReady' },
  );
  await world.untilCondition({ kind: 'ModelDeployment', name: 'points' }, { type: 'Available', status: 'True' });
  const known = `printf %s "$0" > /tmp/ca.crt; NODE_EXTRA_CA_CERTS=/tmp/ca.crt node -e "$1" "$2" "$3" "$4"`;
  const command = ['sh', '-euc', known, certificate, askOverTls, host, pointBody(0, 0), key];
  // Until the Service leads to no pod of before any more.
  const statuses = await world.eventually({ what: 'answers over TLS' }, () =>
    inClient(demoPlace(world), command).catch(() => undefined),
  );
  expect(JSON.parse(statuses)).toEqual([401, 200]);
}, 300_000);
