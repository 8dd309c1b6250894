// Events on a real apiserver: accepted, and repeated ones become a series.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { EventObject } from '@sluice/operator/kube/events/event-object.ts';
import { EventRecorder } from '@sluice/operator/kube/events/events.ts';
import { RESOURCES } from '@sluice/operator/kube/resources.ts';
import { type Cluster, connect, createOwner } from './cluster.ts';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await connect();
});

afterAll(() => cluster.close());

test('H10: an Event is accepted, and its repetitions are written as a series', async () => {
  const problems: unknown[] = [];
  const { client, namespace } = cluster;
  const recorder = new EventRecorder({
    client,
    component: 'test.dev/operator',
    instance: 'pod-1',
    onDropped: (_cause, error) => problems.push(error),
  });
  const object = await createOwner(cluster, 'owner');
  const happening = { type: 'Warning', reason: 'Refused', action: 'Check', note: 'x'.repeat(2_000) } as const;
  recorder.record(object, happening);
  await recorder.flush();
  recorder.record(object, happening);
  recorder.record(object, happening);
  await recorder.flush();
  expect(problems).toEqual([]);
  const { items } = await client.list<EventObject>(RESOURCES.events, { namespace });
  expect(items).toHaveLength(1);
  expect(items[0]).toMatchObject({ reason: 'Refused', series: { count: 3 }, regarding: { uid: object.metadata.uid } });
});
