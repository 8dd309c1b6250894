// The port between who decides which share of the requests each revision gets, and the gateways: the processes that give
// the requests out. What is wanted is commanded by the shares in a ModelDeployment's status; this is what is answered.
// Every implementation keeps the laws in `testing/laws.ts`.
import type { CounterReading } from '../gates/ledger.ts';
import type { Obstacle } from '../obstacle.ts';
import type { Instant } from '../plan.ts';
import type { Share } from './shares.ts';

/**
 * How far the gateways find the pods of a revision.
 * - `Everywhere`: each has said lately that it finds one.
 * - `Partly`: one says that it finds none.
 * - `Nowhere`: all that clients reach say that they find none.
 * - `Unknown`: none says that it finds none, and not each says that it finds one. Silence is no statement.
 */
export type Reach = 'Everywhere' | 'Partly' | 'Nowhere' | 'Unknown';

/** What a gateway has counted since its process began, of the revision that was asked about. */
export type Counted = Omit<CounterReading, 'revision'>;

/** What was counted of the requests. Counters only grow, and begin at 0 with each process. */
export type Counts = {
  /** The gateways that count, by the uid of their pod; what was counted by any other is final. */
  readonly sources: readonly { readonly uid: string; readonly isEnding: boolean }[];
  /** When the newest counters were read; the time of this look when none were. */
  readonly at: Instant;
  /** What is not known of the requests of these seconds, in words; undefined when every gateway was read lately. */
  readonly missing: string | undefined;
  /** Of a revision's answers: one entry for each gateway that says what it counts. */
  of(revision: string): readonly Counted[];
  /** Of all requests, in the same way; errors are those that were failed without asking any revision. */
  unrouted(): readonly Counted[];
};

/** Where clients find the ModelDeployment. */
export type Entrance = {
  /** Labels of the gateway pods, to which its client Service leads. */
  readonly gatewayLabels: Readonly<Record<string, string>>;
  /** Port behind its client Service; undefined before there is one, and while that is not known. */
  readonly port: number | undefined;
  /** Whether it speaks TLS; undefined while that is not known. */
  readonly hasTls: boolean | undefined;
  /** From outside of the cluster; undefined where nothing leads to it. */
  readonly externalUrl: string | undefined;
  /** Why nothing leads to it from outside although it wants that. */
  readonly notExposed: Obstacle | undefined;
};

/** What is known at one moment of the traffic of one ModelDeployment. */
export type Traffic = {
  readonly now: Instant;
  /** Whether a gateway is there that clients reach. */
  readonly isOpen: boolean;
  /** The shares that the gateways were asked for last; undefined before they were asked for any. */
  readonly asked: readonly { readonly revision: string; readonly percent: number }[] | undefined;
  /** Whether each gateway that clients reach, or are about to reach, is known to give what was asked last. */
  readonly isTaken: boolean;
  reachOf(revision: string): Reach;
  readonly counts: Counts;
  readonly entrance: Entrance;
  /** What keeps these shares from being in force; undefined while they are, or may still be without anybody's help. */
  obstacle(shares: readonly Share[]): Obstacle | undefined;
  /** Why a revision that every gateway knows is given no requests: its pods are not found. */
  reachObstacle(share: Share): Obstacle | undefined;
};
