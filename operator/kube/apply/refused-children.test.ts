// When a child that was refused is tried again.
import { expect, test } from '@jest/globals';
import type { KubeObject } from '../objects.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { RefusedChildren } from './refused-children.ts';

const child = (name: string, value = '1'): KubeObject & { data: object } => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data: { value },
});
const lasting = (cause: string) => ({ cause, passesSoon: false });

test('a child that is refused again and again is tried ever more seldom, at most 30 s apart', async () => {
  const clock = new FakeClock();
  const refused = new RefusedChildren<string>(clock);
  const waits: number[] = [];
  for (let round = 0; round < 8; round += 1) {
    refused.note('uid', child('a'), lasting('no'));
    expect(refused.early('uid', child('a'))).toBe('no');
    const waitMs = refused.dueInMs('uid') ?? 0;
    waits.push(waitMs);
    await clock.advance(waitMs);
    expect(refused.early('uid', child('a'))).toBeUndefined();
  }
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});

test('another manifest, another child and another owner are tried at once', () => {
  const refused = new RefusedChildren<string>(new FakeClock());
  refused.note('uid', child('a'), lasting('no'));
  expect(refused.early('uid', child('a', '2'))).toBeUndefined();
  expect(refused.early('uid', child('b'))).toBeUndefined();
  expect(refused.early('other', child('a'))).toBeUndefined();
});

test('what goes by itself is looked for every two seconds', async () => {
  const clock = new FakeClock();
  const refused = new RefusedChildren<string>(clock);
  for (let round = 0; round < 5; round += 1) {
    refused.note('uid', child('a'), { cause: 'leaving', passesSoon: true });
    await clock.advance(2_000);
    expect(refused.early('uid', child('a'))).toBeUndefined();
  }
});

test('a child that was made, or is not wanted any more, is forgotten', () => {
  const refused = new RefusedChildren<string>(new FakeClock());
  for (const name of ['a', 'b']) refused.note('uid', child(name), lasting('no'));
  refused.keepOnly('uid', [child('b')]);
  expect([refused.early('uid', child('a')), refused.early('uid', child('b'))]).toEqual([undefined, 'no']);
  refused.keepOnly('uid', []);
  expect(refused.dueInMs('uid')).toBeUndefined();
});
