// Checks the elector's loop: gaining, keeping, losing and giving back the lease.
import { describe, expect, test } from '@jest/globals';
import { KubeClient } from '../client.ts';
import { NetworkError } from '../errors.ts';
import { FakeClock, settle } from '../testing/fake-clock.ts';
import { MemoryTransport } from '../testing/memory-transport.ts';
import { LeaderElector, type LeaderElectorOptions } from './lease.ts';

const PATH = '/apis/coordination.k8s.io/v1/namespaces/system/leases/operator';

function candidate(
  identity: string,
  world: { transport: MemoryTransport; clock: FakeClock },
  rest: Partial<LeaderElectorOptions> = {},
) {
  const told: string[] = [];
  const stop = new AbortController();
  const client = new KubeClient(world.transport, { fieldManager: 'test' });
  const common = { client, name: 'operator', namespace: 'system', identity, clock: world.clock, random: () => 0 };
  const elector = new LeaderElector({ ...common, ...rest });
  const running = elector.run(stop.signal, {
    onAcquired: () => told.push('acquired'),
    onLost: (reason) => told.push(`lost: ${reason}`),
  });
  const end = async (): Promise<void> => {
    stop.abort();
    await running;
  };
  return { elector, told, end };
}

function world() {
  return { transport: new MemoryTransport(), clock: new FakeClock() };
}

describe('LeaderElector', () => {
  test('H10: the first candidate leads at once and renews with a MicroTime every 15 seconds', async () => {
    const both = world();
    const one = candidate('one', both);
    await both.clock.advance(45_000);
    expect(one.told).toEqual(['acquired']);
    expect(one.elector.isLeader()).toBe(true);
    expect(both.transport.writes().map((each) => each.method)).toEqual(['POST', 'PUT', 'PUT', 'PUT']);
    expect(both.transport.objects.get(PATH)).toMatchObject({ spec: { renewTime: '2026-11-21T10:00:45.073000Z' } });
    await one.end();
  });

  test('a second candidate waits, and leads at its next look after the first gave the lease back', async () => {
    const both = world();
    const one = candidate('one', both);
    await settle();
    const two = candidate('two', both);
    await both.clock.advance(120_000);
    expect(two.told).toEqual([]);
    await one.end();
    expect(one.elector.isLeader()).toBe(false);
    expect(one.told).toEqual(['acquired']);
    await both.clock.advance(15_000);
    expect(two.told).toEqual(['acquired']);
    await two.end();
  });

  test('H12: a leader that cannot reach the apiserver stops leading at the renewal deadline', async () => {
    const both = world();
    const one = candidate('one', both);
    await settle();
    both.transport.isDown = true;
    await both.clock.advance(39_999);
    expect(one.elector.isLeader()).toBe(true);
    await both.clock.advance(1);
    expect(one.elector.isLeader()).toBe(false);
    expect(one.told).toEqual(['acquired', 'lost: the lease was not renewed for 40 s']);
    await one.end();
  });

  test('H18: a leader that stands still for the renewal deadline gives up, though it could renew', async () => {
    const both = world();
    let stillSinceMs = Number.POSITIVE_INFINITY;
    const stillForMs = (): number => Math.max(0, both.clock.monotonicMs() - stillSinceMs);
    const one = candidate('one', both, { stillForMs });
    await settle();
    stillSinceMs = 0;
    const two = candidate('two', both);
    await both.clock.advance(39_999);
    expect(one.told).toEqual(['acquired']);
    expect(both.transport.writes()).toHaveLength(2);
    await both.clock.advance(1);
    expect(one.told.at(-1)).toBe('lost: the process stood still for 40 s');
    await both.clock.advance(37_000);
    expect(two.told).toEqual(['acquired']);
    await one.end();
    await two.end();
  });

  test('H12: a leader that was not answered asks again after two seconds, not after a whole interval', async () => {
    const both = world();
    const one = candidate('one', both);
    await settle();
    both.transport.isDown = true;
    await both.clock.advance(15_000);
    const asked = both.transport.requests.length;
    await both.clock.advance(10_000);
    expect(both.transport.requests.length - asked).toBe(5);
    both.transport.isDown = false;
    await both.clock.advance(20_000);
    expect(one.elector.isLeader()).toBe(true);
    expect(one.told).toEqual(['acquired']);
    await one.end();
  });

  test('gives back a lease that was taken by a write whose answer it did not wait for', async () => {
    const both = world();
    const stop = new AbortController();
    const client = new KubeClient(both.transport, { fieldManager: 'test' });
    const common = { client, name: 'operator', namespace: 'system', identity: 'one', clock: both.clock };
    both.transport.afterWrite = () => {
      stop.abort();
      throw new NetworkError('cut');
    };
    await new LeaderElector(common).run(stop.signal, { onAcquired: () => {}, onLost: () => {} });
    expect(both.transport.objects.get(PATH)).toMatchObject({ spec: { holderIdentity: '' } });
  });

  test('of two candidates that write at the same moment one is refused and waits', async () => {
    const both = world();
    const [one, two] = [candidate('one', both), candidate('two', both)];
    await settle();
    expect([...one.told, ...two.told]).toEqual(['acquired']);
    await one.end();
    await two.end();
  });

  test('refuses times by which two could lead at once', () => {
    const client = new KubeClient(new MemoryTransport(), { fieldManager: 'test' });
    const timing = { leaseSeconds: 15, renewSeconds: 15, retrySeconds: 2 };
    const create = () => new LeaderElector({ client, name: 'a', namespace: 'b', identity: 'c', timing });
    expect(create).toThrow('leaseSeconds must exceed renewSeconds');
  });
});
