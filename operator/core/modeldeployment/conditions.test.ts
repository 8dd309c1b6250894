// The status contract: Ready says whether the cluster does what spec asks, Stalled is the only failure, and conditions that
// hold only for a while are there only while they hold.
import { describe, expect, test } from '@jest/globals';
import { reasons } from '@sluice/crds/reasons.ts';
import fc from 'fast-check';
import type { Obstacle } from '../obstacle.ts';
import { conditionsOf, type Situation, type StableSituation } from './conditions.ts';

const obstacle: Obstacle = { reason: 'ServerNotStarting', message: 'no node takes pod x' };
const stable: StableSituation = { version: 'digits-1', isServing: true, isComplete: true, obstacle: undefined };
const candidate = { version: 'digits-2', hasWeight: false, obstacle: undefined };
const quiet: Situation = {
  isPinned: false,
  problem: undefined,
  stable,
  candidate: undefined,
  gatewayObstacle: undefined,
  hasGateway: true,
  isDraining: false,
};
const noVersion = { reason: 'NoVersion', message: 'no ModelVersion', stalled: false } as const;
const notFound = { reason: 'VersionNotFound', message: 'there is no digits-9', stalled: true } as const;

/** `Type=Status/Reason` of each condition. */
const said = (changes: Partial<Situation>) =>
  conditionsOf({ ...quiet, ...changes }).map(({ type, status, reason }) => `${type}=${status}/${reason}`);

describe('the conditions', () => {
  test.each<[string, Partial<Situation>, string[]]>([
    ['of a version that serves alone', {}, ['Available=True/Serving', 'Ready=True/Serving']],
    [
      'before there is any version',
      { stable: undefined, problem: noVersion },
      ['Available=False/NothingServes', 'Ready=False/NoVersion'],
    ],
    [
      'of a first version that warms up',
      { stable: undefined, candidate },
      [
        'Available=False/NothingServes',
        'Ready=False/WarmingUp',
        'Reconciling=True/WarmingUp',
        'Progressing=True/WarmingUp',
      ],
    ],
    [
      'of a first version that cannot start',
      { stable: undefined, candidate: { ...candidate, obstacle } },
      [
        'Available=False/NothingServes',
        'Ready=False/ServerNotStarting',
        'Stalled=True/ServerNotStarting',
        'Progressing=False/ServerNotStarting',
      ],
    ],
    [
      'of Latest while another version warms up',
      { candidate },
      ['Available=True/Serving', 'Ready=True/StableServes', 'Reconciling=True/WarmingUp', 'Progressing=True/WarmingUp'],
    ],
    [
      'of Latest while another version cannot start: what serves is good',
      { candidate: { ...candidate, obstacle } },
      ['Available=True/Serving', 'Ready=True/StableServes', 'Progressing=False/ServerNotStarting'],
    ],
    [
      'of a pinned version that is on its way',
      { isPinned: true, candidate: { ...candidate, hasWeight: true } },
      [
        'Available=True/Serving',
        'Ready=False/SwitchingTraffic',
        'Reconciling=True/SwitchingTraffic',
        'Progressing=True/SwitchingTraffic',
      ],
    ],
    [
      'of a pinned version that cannot start',
      { isPinned: true, candidate: { ...candidate, obstacle } },
      [
        'Available=True/Serving',
        'Ready=False/ServerNotStarting',
        'Stalled=True/ServerNotStarting',
        'Progressing=False/ServerNotStarting',
      ],
    ],
    [
      'of a pinned version that does not exist',
      { isPinned: true, problem: notFound },
      ['Available=True/Serving', 'Ready=False/VersionNotFound', 'Stalled=True/VersionNotFound'],
    ],
    [
      'while the old revision drains',
      { isDraining: true },
      ['Available=True/Serving', 'Ready=True/Serving', 'Reconciling=True/DrainingOld'],
    ],
    [
      'while pods are added or lost',
      { stable: { ...stable, isComplete: false } },
      ['Available=True/Serving', 'Ready=True/Serving', 'Reconciling=True/Scaling'],
    ],
    [
      'when every server pod is gone',
      { stable: { ...stable, isServing: false, isComplete: false } },
      ['Available=False/NothingServes', 'Ready=False/NothingServes', 'Reconciling=True/Scaling'],
    ],
    [
      'when no server pod can come back',
      { stable: { ...stable, isServing: false, isComplete: false, obstacle } },
      ['Available=False/NothingServes', 'Ready=False/NothingServes', 'Stalled=True/ServerNotStarting'],
    ],
  ])('%s', (_, situation, conditions) => expect(said(situation)).toEqual(conditions));

  test('say why nothing can answer', () => {
    const [available] = conditionsOf({ ...quiet, hasGateway: false, stable: { ...stable, isServing: false } });
    expect(available?.message).toBe('digits-1 has the traffic but cannot answer: no gateway pod takes requests');
  });
});

describe('in every situation', () => {
  const obstacles = fc.option(fc.constant(obstacle), { nil: undefined });
  const situations = fc.record<Situation>({
    isPinned: fc.boolean(),
    problem: fc.constantFrom(undefined, noVersion, notFound),
    stable: fc.option(
      fc.record({
        version: fc.constant('digits-1'),
        isServing: fc.boolean(),
        isComplete: fc.boolean(),
        obstacle: obstacles,
      }),
      { nil: undefined },
    ),
    candidate: fc.option(
      fc.record({
        ...{ version: fc.constant('digits-2'), hasWeight: fc.boolean(), waitsForRoom: fc.boolean() },
        obstacle: obstacles,
      }),
      { nil: undefined },
    ),
    gatewayObstacle: obstacles,
    hasGateway: fc.boolean(),
    isDraining: fc.boolean(),
  });
  const conditionOf = (situation: Situation, type: string) =>
    conditionsOf(situation).find((each) => each.type === type);

  test('Ready and Available are there once, and Reconciling and Stalled only while true and never together', () => {
    fc.assert(
      fc.property(situations, (situation) => {
        const types = conditionsOf(situation).map(({ type }) => type);
        expect(new Set(types).size).toBe(types.length);
        expect(types).toEqual(expect.arrayContaining(['Ready', 'Available']));
        expect(types.includes('Reconciling') && types.includes('Stalled')).toBe(false);
        for (const type of ['Reconciling', 'Stalled'])
          expect(conditionOf(situation, type)?.status ?? 'True').toBe('True');
      }),
    );
  });

  test('what is Ready is not Stalled, and is Available', () => {
    fc.assert(
      fc.property(situations, (situation) => {
        if (conditionOf(situation, 'Ready')?.status !== 'True') return;
        expect(conditionOf(situation, 'Stalled')).toBeUndefined();
        expect(conditionOf(situation, 'Available')?.status).toBe('True');
      }),
    );
  });

  test('every reason stands where the table of reasons says that it appears', () => {
    fc.assert(
      fc.property(situations, (situation) => {
        for (const { type, reason } of conditionsOf(situation)) {
          const row = Object.entries<{ on: readonly string[] }>(reasons.ModelDeployment).find(
            ([name]) => name === reason,
          );
          expect({ reason, on: row?.[1].on }).toEqual({ reason, on: expect.arrayContaining([type]) });
        }
      }),
    );
  });
});
