// Who may open a stream, and when it ends. With real tokens, over the wire: test/integration/gateway/hop.test.ts.
import { EventEmitter } from 'node:events';
import { Metadata, status } from '@grpc/grpc-js';
import { beforeEach, expect, test } from '@jest/globals';
import type { TokenHolder, TokenRefusal } from '../../core/gateway/hop/claims.ts';
import { FakeClock } from '../../kube/testing/fake-clock.ts';
import { type Admitted, Gate } from './gate.ts';

/** A call as far as the gate sees it; how it ended. */
class PlayedCall extends EventEmitter {
  readonly metadata = new Metadata();
  cancelled = false;
  ended: unknown;

  constructor(...authorization: string[]) {
    super();
    for (const each of authorization) this.metadata.add('authorization', each);
    this.on('error', (why) => {
      this.ended = why;
    });
  }

  getPeer(): string {
    return '10.0.0.9:4000';
  }
}

let clock: FakeClock;
let gate: Gate;
let answer: () => Promise<TokenHolder | TokenRefusal>;
let isReady: boolean;
let isThere: boolean;
let told: unknown[];
let entered: Admitted[];

beforeEach(() => {
  clock = new FakeClock();
  [isReady, isThere, told, entered] = [true, true, [], []];
  const until = clock.wall().getTime() + 60_000;
  answer = async () => ({ namespace: 'ml', pod: { name: 'gateway-1', uid: 'uid-1' }, until });
  gate = new Gate({
    tokens: {
      admit: async (authorization) => (authorization === undefined ? 'NoToken' : answer()),
      isStill: () => isThere,
    },
    isReady: () => isReady,
    onRefusal: (reason, peer) => told.push(`${reason} ${peer}`),
    onFailure: (error) => told.push(String(error)),
    clock,
  });
});

async function opened(...authorization: string[]): Promise<PlayedCall> {
  const call = new PlayedCall(...authorization);
  await gate.admit(call, (admitted) => entered.push(admitted));
  return call;
}

test('whose token is good hears of its namespace until the token ends, and may come again', async () => {
  const call = await opened('Bearer good');
  expect(entered).toMatchObject([{ namespace: 'ml' }]);
  await clock.advance(59_999);
  expect(call.ended).toBeUndefined();
  await clock.advance(1);
  expect(call.ended).toMatchObject({ code: status.UNAVAILABLE });
  expect(told).toEqual([]);
});

test.each<[string, string[], TokenRefusal]>([
  ['without a token', [], 'NoToken'],
  ['with two', ['Bearer good', 'Bearer good'], 'NoToken'],
  ['whose token is refused', ['Bearer bad'], 'OtherAudience'],
])('a stranger %s does not come in, hears not why, and is told of', async (_, authorization, reason) => {
  answer = async () => 'OtherAudience';
  const call = await opened(...authorization);
  expect(entered).toEqual([]);
  expect(call.ended).toEqual({ code: status.UNAUTHENTICATED, details: 'no gateway pod of this operator' });
  expect(told).toEqual([`${reason} 10.0.0.9:4000`]);
});

test('who asks for another namespace is a stranger, too', async () => {
  const call = await opened('Bearer good');
  entered[0]?.refuse('OtherNamespace');
  expect(call.ended).toMatchObject({ code: status.UNAUTHENTICATED });
  expect(told).toEqual(['OtherNamespace 10.0.0.9:4000']);
});

test('a stream ends when its pod is gone, those of other namespaces go on, and one that ended leaves nothing', async () => {
  const call = await opened('Bearer good');
  isThere = false;
  gate.check('other');
  expect(call.ended).toBeUndefined();
  gate.check('ml');
  expect(call.ended).toMatchObject({ code: status.UNAUTHENTICATED });
  expect(clock.nextTimerMs()).toBeUndefined();
});

test('while nobody can say who it is, it is to come again, and is no stranger', async () => {
  isReady = false;
  expect((await opened('Bearer good')).ended).toMatchObject({ code: status.UNAVAILABLE });
  isReady = true;
  answer = () => Promise.reject(new Error('no keys'));
  expect((await opened('Bearer good')).ended).toMatchObject({ code: status.UNAVAILABLE });
  expect(told).toEqual(['Error: no keys']);
});

test('who has left meanwhile is not let in', async () => {
  const call = new PlayedCall('Bearer good');
  const admitting = gate.admit(call, (admitted) => entered.push(admitted));
  call.cancelled = true;
  await admitting;
  expect(entered).toEqual([]);
  expect(clock.nextTimerMs()).toBeUndefined();
});
