// What breaks while models are served and replaced, and what clients notice of it: nothing.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startClient } from '../../demo/steps/client.ts';
import { twoClasses } from './datasets.ts';
import { demoPlace } from './demo-place.ts';
import { dataset, modelDeployment, models, trainingJob } from './manifests.ts';
import { replaceOperator } from './operator.ts';
import { inferUrl, pointBody, servingStatus, underLoad, untilLive } from './serving.ts';
import { condition, World } from './world.ts';

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
