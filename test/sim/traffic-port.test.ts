// The Envoys of a namespace keep the laws of the traffic port, and every law catches somebody who does not.
import { describe, expect, test } from '@jest/globals';
import type { Traffic } from '@sluice/operator/core/traffic/port.ts';
import { describeTrafficPort } from '@sluice/operator/core/traffic/testing/conformance.ts';
import { laws, type TrafficWorld, type Wanted } from '@sluice/operator/core/traffic/testing/laws.ts';
import { EnvoyTrafficWorld } from './traffic-world.ts';

describeTrafficPort('Envoy', () => new EnvoyTrafficWorld());

/** An implementation that answers wrongly in one way; `asked` is what was wanted last. */
type Fault = (answers: Traffic, asked: Wanted | undefined) => Partial<Traffic>;

const withCounts =
  (change: (counts: Traffic['counts']) => Partial<Traffic['counts']>): Fault =>
  ({ counts }) => ({ counts: { ...counts, ...change(counts) } });

const sharesOf = (asked: Wanted) => Object.entries(asked).map(([revision, percent]) => ({ revision, percent }));
const zero = { requests: 0, errors: 0, overloaded: 0, nonFinite: 0, latency: [] };

const faults: Readonly<Record<string, Fault>> = {
  'believes that everything is taken': () => ({ isTaken: true }),
  'never knows that anything is taken': () => ({ isTaken: false }),
  'says that it was asked for what is on its way': (_, asked) =>
    asked ? { asked: sharesOf(asked), isTaken: true } : {},
  'forgets what it was asked for': () => ({ asked: undefined }),
  'takes one gateway for all': ({ counts }) => ({ isTaken: counts.of('live').length > 0 }),
  'waits for gateways that are gone': ({ counts, isTaken }) => ({ isTaken: isTaken && counts.sources.length > 1 }),
  'is open without a gateway': () => ({ isOpen: true }),
  'is never open': () => ({ isOpen: false }),
  'finds every pod': () => ({ reachOf: () => 'Everywhere' }),
  'finds no pod': () => ({ reachOf: () => 'Nowhere' }),
  'says that it finds some': () => ({ reachOf: () => 'Partly' }),
  'counts nothing': withCounts(() => ({ of: () => [] })),
  'counts 0 of those that are silent': withCounts(({ sources, of }) => ({
    of: (revision) =>
      sources.map(({ uid }) => of(revision).find(({ podUid }) => podUid === uid) ?? { podUid: uid, ...zero }),
  })),
  'counts no errors': withCounts(({ of }) => ({
    of: (revision) => of(revision).map((each) => ({ ...each, errors: 0 })),
  })),
  'counts what reached no revision of the live one': withCounts(({ unrouted }) => ({ of: unrouted })),
  'does not count what reached no revision': withCounts(({ of }) => ({ unrouted: () => of('nobody') })),
  'misses nothing': withCounts(() => ({ missing: undefined })),
  'always misses something': withCounts(() => ({ missing: 'all of it' })),
  'has just read everything': (answers) => withCounts(() => ({ at: answers.now }))(answers, undefined),
  'takes each process for the first': withCounts(({ of }) => ({
    of: (revision) => of(revision).map((each) => ({ ...each, since: 0 })),
  })),
  'takes each look for another process': (answers) =>
    withCounts(({ of }) => ({ of: (revision) => of(revision).map((each) => ({ ...each, since: answers.now })) }))(
      answers,
      undefined,
    ),
  'does not see that a gateway ends': withCounts(({ sources }) => ({
    sources: sources.map((each) => ({ ...each, isEnding: false })),
  })),
  'sees no obstacle': () => ({ obstacle: () => undefined }),
  'always sees an obstacle': () => ({ obstacle: () => ({ reason: 'GatewayPending', message: 'no gateway' }) }),
  'does not say whom nobody finds': () => ({ reachObstacle: () => undefined }),
  'says that nobody finds it': () => ({ reachObstacle: () => ({ reason: 'ServersNotFound', message: 'not found' }) }),
  'has no port': ({ entrance }) => ({ entrance: { ...entrance, port: undefined } }),
};

function worldWith(fault: Fault): TrafficWorld {
  const world = new EnvoyTrafficWorld();
  const { want, answers } = { want: world.want.bind(world), answers: world.answers.bind(world) };
  let asked: Wanted | undefined;
  world.want = (shares) => {
    asked = shares;
    want(shares);
  };
  world.answers = () => {
    const right = answers();
    return { ...right, ...fault(right, asked) };
  };
  return world;
}

/** The laws that an implementation with the fault breaks. */
const brokenBy = (fault: Fault): string[] =>
  laws.flatMap(({ law, holds }) => {
    try {
      holds(worldWith(fault));
      return [];
    } catch {
      return [law];
    }
  });

describe('an implementation of the traffic port that', () => {
  test.each(Object.entries(faults))('%s breaks a law', (_, fault) => expect(brokenBy(fault)).not.toEqual([]));

  test('keeps every law is none of these: each law is broken by one of them', () => {
    const broken = new Set(Object.values(faults).flatMap(brokenBy));
    expect(laws.map(({ law }) => law).filter((law) => !broken.has(law))).toEqual([]);
  });
});
