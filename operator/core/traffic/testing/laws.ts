// What every implementation of the traffic port keeps, whoever gives out the requests: one list of laws, each a sentence and
// what must hold in a world of its own. `conformance.ts` runs them.
import { expect } from '@jest/globals';
import type { Traffic } from '../port.ts';
import { areInForce, type Share } from '../shares.ts';

/** Percent of the requests by revision. */
export type Wanted = Readonly<Record<string, number>>;

/** One ModelDeployment with two gateways that clients reach, each by its number, and nothing wanted yet. */
export type TrafficWorld = {
  /** Commands these shares, and lets the command come to where gateways are told of it. */
  want(shares: Wanted): void;
  /** The gateway takes what it was told. */
  take(gateway: number): void;
  /** What the gateway knows and has counted comes to who asks. */
  read(gateway: number): void;
  /** One more gateway, that answers and that clients do not reach yet. @returns its number. */
  add(): number;
  /** Clients reach it. */
  open(gateway: number): void;
  /** It is told to end, and goes on for now. */
  retire(gateway: number): void;
  /** It is gone. */
  remove(gateway: number): void;
  /** It finds so many pods of the revision. */
  find(gateway: number, revision: string, pods: number): void;
  /** It gives out so many requests, by the shares that it has; every pod of `failing` fails its own. */
  serve(gateway: number, requests: number, failing?: string): void;
  /** Its process ends, and another one begins in the same place. */
  restart(gateway: number): void;
  /** It refuses what it is told, in these words; undefined: it does not any more. */
  refuse(gateway: number, words: string | undefined): void;
  pass(seconds: number): void;
  /** What the gateway really does: percent by revision; undefined when clients do not reach it. */
  given(gateway: number): Wanted | undefined;
  answers(): Traffic;
};

export type Law = { readonly law: string; holds(world: TrafficWorld): void };

const both = [0, 1];
const all = (world: TrafficWorld, gateways: readonly number[] = both) => {
  for (const gateway of gateways) {
    world.take(gateway);
    world.read(gateway);
  }
};

/** The shares as a status holds them, asked for when the world began. */
const sharesOf = (wanted: Wanted, world: TrafficWorld): Share[] =>
  Object.entries(wanted).map(([revision, wantedPercent]) => ({
    ...{ revision, version: revision, wantedPercent },
    changedAt: new Date(world.answers().now).toISOString(),
  }));

const inForce = (world: TrafficWorld, wanted: Wanted) => areInForce(sharesOf(wanted, world), world.answers());

const onlyLive = { live: 100, candidate: 0 };
const step = { live: 90, candidate: 10 };

const total = (world: TrafficWorld, revision: string, what: 'requests' | 'errors') =>
  world
    .answers()
    .counts.of(revision)
    .reduce((sum, counted) => sum + counted[what], 0);

const startOf = (world: TrafficWorld) => world.answers().counts.of('live').at(0)?.since;

/** Longer than any answer counts for news, or a command is on its way. */
const longSeconds = 60;

export const laws: readonly Law[] = [
  {
    law: 'nothing is in force before it was asked for',
    holds(world) {
      all(world);
      expect(world.answers()).toMatchObject({ asked: undefined, isTaken: false, isOpen: true });
      expect(world.answers().entrance.port).toBeUndefined();
    },
  },
  {
    law: 'shares are in force when the last gateway gives them, and not sooner',
    holds(world) {
      world.want(onlyLive);
      expect(inForce(world, onlyLive)).toBe(false);
      all(world, [0]);
      expect(inForce(world, onlyLive)).toBe(false);
      all(world, [1]);
      expect(inForce(world, onlyLive)).toBe(true);
      expect(world.answers().entrance.port).toEqual(expect.any(Number));
    },
  },
  {
    law: 'shares that were in force are not any more once others are asked for',
    holds(world) {
      world.want(onlyLive);
      all(world);
      world.want(step);
      expect(inForce(world, onlyLive)).toBe(false);
      expect(inForce(world, step)).toBe(false);
    },
  },
  {
    law: 'what a gateway said before it took the shares does not say that it has them',
    holds(world) {
      world.want(onlyLive);
      all(world);
      world.want(step);
      for (const gateway of both) world.read(gateway);
      expect(world.answers().isTaken).toBe(false);
    },
  },
  {
    law: 'a gateway that is about to be reached must give them, too',
    holds(world) {
      world.want(onlyLive);
      all(world);
      const third = world.add();
      world.read(third);
      expect(inForce(world, onlyLive)).toBe(false);
      all(world, [third]);
      expect(inForce(world, onlyLive)).toBe(true);
    },
  },
  {
    law: 'a gateway that is gone is not waited for',
    holds(world) {
      world.want(onlyLive);
      all(world, [0]);
      world.remove(1);
      expect(inForce(world, onlyLive)).toBe(true);
    },
  },
  {
    law: 'without a gateway nothing is open, and nothing in force',
    holds(world) {
      world.want(onlyLive);
      all(world);
      for (const gateway of both) world.remove(gateway);
      expect(world.answers()).toMatchObject({ isOpen: false, isTaken: false });
      expect(world.answers().counts.missing).toEqual(expect.any(String));
    },
  },
  {
    law: 'pods of a revision are found everywhere only when each gateway says so',
    holds(world) {
      const reach = () => {
        for (const gateway of both) world.read(gateway);
        return world.answers().reachOf('live');
      };
      world.want(onlyLive);
      all(world);
      expect(world.answers().reachOf('stranger')).toBe('Unknown');
      for (const gateway of both) world.find(gateway, 'live', 2);
      expect(reach()).toBe('Everywhere');
      world.find(1, 'live', 0);
      expect(reach()).toBe('Partly');
      world.find(0, 'live', 0);
      expect(reach()).toBe('Nowhere');
    },
  },
  {
    law: 'what was found long ago says nothing of now',
    holds(world) {
      world.want(onlyLive);
      for (const gateway of both) world.find(gateway, 'live', 2);
      all(world);
      world.pass(longSeconds);
      expect(world.answers().reachOf('live')).toBe('Unknown');
      world.read(0);
      expect(world.answers().reachOf('live')).toBe('Unknown');
    },
  },
  {
    law: 'what gateways count is told by gateway, and only grows',
    holds(world) {
      world.want(step);
      all(world);
      for (const requests of [100, 50]) {
        for (const gateway of both) world.serve(gateway, requests, 'candidate');
        all(world);
      }
      const { counts } = world.answers();
      expect([total(world, 'live', 'requests'), total(world, 'live', 'errors')]).toEqual([270, 0]);
      expect([total(world, 'candidate', 'requests'), total(world, 'candidate', 'errors')]).toEqual([30, 30]);
      const counting = counts.sources.map(({ uid }) => uid);
      expect(counts.of('live').map(({ podUid }) => podUid)).toEqual(counting);
      expect(counts.missing).toBeUndefined();
    },
  },
  {
    law: 'requests for which no revision was asked are counted by themselves',
    holds(world) {
      world.want({ live: 0 });
      all(world);
      world.serve(0, 40);
      all(world);
      expect(world.answers().counts.unrouted()[0]).toMatchObject({ requests: 40, errors: 40 });
      expect(total(world, 'live', 'requests')).toBe(0);
      world.want({ live: 100 });
      all(world);
      world.serve(0, 10, 'live');
      all(world);
      expect(world.answers().counts.unrouted()[0]).toMatchObject({ requests: 50, errors: 40 });
    },
  },
  {
    law: 'a gateway that does not say what it counts is missing, and counts no 0',
    holds(world) {
      world.want(onlyLive);
      all(world, [0]);
      expect(world.answers().counts.of('live')).toHaveLength(1);
      expect(world.answers().counts.missing).toEqual(expect.any(String));
    },
  },
  {
    law: 'the newest counters say when they were read',
    holds(world) {
      world.want(onlyLive);
      all(world);
      const readAt = world.answers().now;
      world.pass(longSeconds);
      expect(world.answers().counts.at).toBe(readAt);
      world.read(1);
      expect(world.answers().counts.at).toBe(world.answers().now);
    },
  },
  {
    law: 'a process that begins anew counts from 0, and says that it is another one',
    holds(world) {
      world.want(onlyLive);
      all(world);
      world.serve(0, 10);
      world.read(0);
      const before = startOf(world);
      world.pass(1);
      expect(startOf(world)).toBe(before);
      world.restart(0);
      world.read(0);
      expect(total(world, 'live', 'requests')).toBe(0);
      expect(startOf(world)).not.toBe(before);
    },
  },
  {
    law: 'a gateway that ends still counts, and says that it ends',
    holds(world) {
      world.want(onlyLive);
      all(world);
      world.serve(0, 10);
      world.retire(0);
      world.read(0);
      expect(world.answers().counts.sources.map(({ isEnding }) => isEnding)).toEqual([true, false]);
      expect(total(world, 'live', 'requests')).toBe(10);
    },
  },
  {
    law: 'nothing is in the way of what was asked a moment ago',
    holds(world) {
      const shares = sharesOf(onlyLive, world);
      world.want(onlyLive);
      expect(world.answers().obstacle(shares)).toBeUndefined();
    },
  },
  {
    law: 'nothing is in the way of what is in force',
    holds(world) {
      const shares = sharesOf(onlyLive, world);
      world.want(onlyLive);
      all(world);
      world.pass(longSeconds);
      all(world);
      expect(world.answers().obstacle(shares)).toBeUndefined();
    },
  },
  {
    law: 'it is said when no gateway has come in time',
    holds(world) {
      const shares = sharesOf(onlyLive, world);
      world.want(onlyLive);
      for (const gateway of both) world.remove(gateway);
      world.pass(longSeconds);
      const obstacle = world.answers().obstacle(shares);
      expect(obstacle?.reason).toBe('GatewayPending');
      expect(obstacle?.message.length).toBeLessThanOrEqual(200);
    },
  },
  {
    law: 'what a gateway refuses is said at once in its own words, and as long as it does',
    holds(world) {
      const shares = sharesOf(onlyLive, world);
      const words = 'only one of two may have this name';
      world.want(onlyLive);
      world.refuse(1, words);
      all(world);
      expect(inForce(world, onlyLive)).toBe(false);
      expect(world.answers().obstacle(shares)?.message).toContain(words);
      world.refuse(1, undefined);
      all(world);
      expect(inForce(world, onlyLive)).toBe(true);
      expect(world.answers().obstacle(shares)).toBeUndefined();
    },
  },
  {
    law: 'a revision that no gateway finds is told so when it has waited for long',
    holds(world) {
      const [, waiting] = sharesOf(onlyLive, world);
      world.want(onlyLive);
      for (const gateway of both) {
        world.find(gateway, 'live', 2);
        world.find(gateway, 'candidate', 0);
      }
      all(world);
      if (!waiting) throw new Error('the candidate has a share');
      const known = { ...waiting, verifiedPercent: 0 };
      expect(world.answers().reachObstacle(known)).toBeUndefined();
      world.pass(longSeconds);
      all(world);
      expect(world.answers().reachObstacle(known)?.reason).toBe('ServersNotFound');
      for (const gateway of both) world.find(gateway, 'candidate', 1);
      all(world);
      expect(world.answers().reachObstacle(known)).toBeUndefined();
    },
  },
];
