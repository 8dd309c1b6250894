// Pods on loopback addresses answer, do not, or answer nonsense; the poller keeps what can be known.

import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';
import { until } from '../../kube/testing/until.ts';
import { closeServer } from '../status-server.ts';
import { answerLimits } from './answer-budget.ts';
import { PodPoller } from './pod-poller.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** A pod whose answer can be changed, and a poller that asks it for numbers. */
async function setUp(first: (response: ServerResponse) => void) {
  let answer = first;
  let asked = 0;
  const server = createServer((_request, response) => {
    asked += 1;
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const changes: string[] = [];
  const parse = (body: string) => (/^\d+$/.test(body) ? Number(body) : undefined);
  const question = { port, path: '/', maxBytes: 100, pace: { perSecond: 134, burst: 20 }, parse, maxBytesPerEntry: 10 };
  const poller = new PodPoller<number>(question, (owner) => changes.push(owner));
  ends.push(
    () => poller.close(),
    () => closeServer(server),
  );
  const pod = { name: 'one', uid: 'one', ip: '127.0.0.1' };
  return {
    poller,
    changes,
    asked: () => asked,
    close: () => closeServer(server),
    answer: (next: typeof first) => {
      answer = next;
    },
    want: (everySeconds = 0.01, entries = 0) => poller.want('owner', [{ pod, everySeconds, entries }]),
  };
}

const say =
  (text: string, status = 200) =>
  (response: ServerResponse) => {
    response.writeHead(status);
    response.end(text);
  };

describe('a pod that answers', () => {
  test('has its newest answer kept, and its owner told of changes only', async () => {
    const world = await setUp(say('1'));
    world.want();
    await until(() => world.asked() > 3);
    expect(world.changes).toEqual(['owner']);
    world.answer(say('2'));
    await until(() => world.poller.reading('one')?.report === 2);
    expect(world.changes).toEqual(['owner', 'owner']);
    expect(world.poller.silence('one')).toBeUndefined();
  });

  test('is asked more often at once when that is wanted, not after the next answer', async () => {
    const world = await setUp(say('1'));
    world.want(3600);
    await until(() => world.poller.reading('one') !== undefined);
    world.want();
    await until(() => world.asked() > 2);
  });

  test('may say more when it has more to tell of', async () => {
    const world = await setUp(say('1'.repeat(120)));
    world.want(0.01, 2);
    await until(() => world.poller.reading('one') !== undefined);
  });

  test('is forgotten when it is not wanted any more, and not by another owner', async () => {
    const world = await setUp(say('1'));
    world.want();
    await until(() => world.poller.reading('one') !== undefined);
    world.poller.want('other', []);
    expect(world.poller.reading('one')?.report).toBe(1);
    world.poller.want('owner', []);
    expect(world.poller.reading('one')).toBeUndefined();
  });
});

describe('a pod that gives no answer', () => {
  test.each<[string, (response: ServerResponse) => void, { problem: string; isAnswering: boolean }]>([
    ['says that it cannot', say('7', 503), { problem: 'HTTP status 503', isAnswering: true }],
    ['answers something else', say('seven'), { problem: 'the answer cannot be read', isAnswering: true }],
    ['answers too much', say('1'.repeat(101)), { problem: 'the answer is longer than 100 bytes', isAnswering: true }],
    ['breaks the connection', (response) => response.destroy(), { problem: 'other side closed', isAnswering: false }],
  ])('%s: why and since when is known, and no reading is made of it', async (_, answer, known) => {
    const world = await setUp(answer);
    world.want();
    await until(() => world.asked() > 2 && world.poller.silence('one') !== undefined);
    expect(world.poller.silence('one')).toMatchObject(known);
    expect(world.poller.reading('one')).toBeUndefined();
  });

  test('and says too much again and again is asked less and less often, until it answers', async () => {
    const world = await setUp(say('1'.repeat(101)));
    world.want();
    await until(() => world.asked() >= answerLimits.patientAnswers);
    const asked = world.asked();
    const startedMs = performance.now();
    await until(() => world.asked() > asked + 1);
    expect(performance.now() - startedMs).toBeGreaterThan(answerLimits.firstPauseMs / 2);
    world.answer(say('1'));
    await until(() => world.poller.reading('one') !== undefined);
  }, 20_000);

  test.each<[string, (response: ServerResponse) => void, string]>([
    ['drips', (response) => void setInterval(() => response.write('1'), 200).unref(), 'no answer within 2000 ms'],
    [
      'never ends its headers',
      (response) => void response.socket?.write('HTTP/1.1 200 OK\r\nx: '),
      'no answer within 2000 ms',
    ],
    [
      'has headers without an end',
      (response) => void response.socket?.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(1_000_000)}`),
      'Headers Overflow Error',
    ],
    [
      'leads elsewhere',
      (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      'HTTP status 302',
    ],
    [
      'is a bomb',
      (response) =>
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('1'.repeat(1e6)).subarray(0, 90)),
      'the answer cannot be read',
    ],
  ])(
    'one that %s is cut off, and why is known',
    async (_, answer, problem) => {
      const world = await setUp(answer);
      world.want();
      await until(() => world.poller.silence('one') !== undefined);
      expect(world.poller.silence('one')?.problem).toBe(problem);
    },
    20_000,
  );

  test('keeps its last reading and the time when it fell silent, until it answers again', async () => {
    const world = await setUp(say('1'));
    world.want();
    await until(() => world.poller.reading('one') !== undefined);
    world.answer(say('', 500));
    await until(() => world.poller.silence('one') !== undefined);
    const since = world.poller.silence('one')?.since;
    const asked = world.asked();
    await until(() => world.asked() > asked + 2);
    expect(world.poller.silence('one')?.since).toBe(since);
    expect(world.poller.reading('one')?.report).toBe(1);
    world.answer(say('3'));
    await until(() => world.poller.silence('one') === undefined);
    expect(world.poller.reading('one')?.report).toBe(3);
  });
});

test('of an owner with thousands of pods only a few are asked', async () => {
  const world = await setUp(say('1'));
  const pods = Array.from({ length: 3000 }, (_, index) => ({ name: `${index}`, uid: `${index}`, ip: '127.0.0.1' }));
  world.poller.want(
    'crowd',
    pods.map((pod) => ({ pod, everySeconds: 0.01 })),
  );
  await until(() => world.poller.reading('0') !== undefined);
  await until(() => world.asked() > 3 * answerLimits.podsPerOwner);
  const read = pods.filter(({ uid }) => world.poller.reading(uid) !== undefined);
  expect(read.length).toBeLessThanOrEqual(answerLimits.podsPerOwner);
});

test('a poller that is closed asks nobody any more', async () => {
  const world = await setUp(say('1'));
  world.want();
  await until(() => world.asked() > 0);
  await world.poller.close();
  expect(world.poller.reading('one')).toBeUndefined();
});
