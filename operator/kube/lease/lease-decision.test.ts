// Checks leader election as a table, and as a game of two candidates with clocks of different speed.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  DEFAULT_LEASE_TIMING,
  decideLease,
  decidesWithinMs,
  decideUnanswered,
  heldLease,
  type LeaseSpec,
  type LeaseView,
  stillLeads,
} from './lease-decision.ts';

const base: LeaseView = {
  identity: 'me',
  timing: DEFAULT_LEASE_TIMING,
  spec: { holderIdentity: 'other', leaseDurationSeconds: 60 },
  unchangedForMs: 0,
  renewedForMs: undefined,
  stillForMs: 0,
};
const mine = { holderIdentity: 'me', leaseDurationSeconds: 60 };

describe('decideLease', () => {
  const table: [string, Partial<LeaseView>, string][] = [
    ['no lease yet', { spec: undefined }, 'create'],
    ['held by another', {}, 'wait'],
    ['held by another, unchanged for just under its duration', { unchangedForMs: 59_999 }, 'wait'],
    ['held by another, unchanged for its duration', { unchangedForMs: 60_000 }, 'take'],
    [
      'the other asked for less',
      { spec: { holderIdentity: 'other', leaseDurationSeconds: 15 }, unchangedForMs: 15_000 },
      'take',
    ],
    ['released', { spec: { holderIdentity: '' } }, 'take'],
    ['mine from before, not yet renewed by this process', { spec: mine }, 'take'],
    ['held by a predecessor, which has ended', { heirOf: 'oth' }, 'take'],
    ['held by one that is no predecessor', { heirOf: 'the' }, 'wait'],
    ['leading, but a predecessor holds it', { heirOf: 'oth', renewedForMs: 1_000 }, 'stepDown'],
    ['a candidate that stands still', { spec: undefined, stillForMs: 20_000 }, 'wait'],
    ['leading', { spec: mine, renewedForMs: 15_000 }, 'renew'],
    ['leading, still for just under half the deadline', { spec: mine, renewedForMs: 0, stillForMs: 19_999 }, 'renew'],
    ['leading, still for half the deadline', { spec: mine, renewedForMs: 0, stillForMs: 20_000 }, 'wait'],
    ['leading, still for the deadline', { spec: mine, renewedForMs: 25_000, stillForMs: 40_000 }, 'stepDown'],
    ['leading, last renewal just under the deadline', { spec: mine, renewedForMs: 39_999 }, 'renew'],
    ['leading, renewal too late', { spec: mine, renewedForMs: 40_000 }, 'stepDown'],
    ['leading, but another holds it', { renewedForMs: 1_000 }, 'stepDown'],
    ['leading, but it was deleted', { spec: undefined, renewedForMs: 1_000 }, 'stepDown'],
  ];
  test.each(table)('H13: %s', (_case, view, act) => expect(decideLease({ ...base, ...view }).act).toBe(act));
});

describe('decideUnanswered', () => {
  test.each([
    ['a candidate', {}, 'wait'],
    ['a leader within its deadline', { renewedForMs: 39_999 }, 'wait'],
    ['a leader beyond it', { renewedForMs: 40_000 }, 'stepDown'],
    ['a leader that stands still for too long', { renewedForMs: 1_000, stillForMs: 40_000 }, 'stepDown'],
  ])('H12: %s', (_case, view, act) => expect(decideUnanswered({ ...base, ...view }).act).toBe(act));
});

describe('decidesWithinMs', () => {
  test.each([
    [{ renewedForMs: 15_000, stillForMs: 0 }, 25_000],
    [{ renewedForMs: 15_000, stillForMs: 30_000 }, 10_000],
    [{ renewedForMs: 45_000, stillForMs: 0 }, 0],
  ])('%j leaves %d ms', (view, leftMs) => {
    expect(decidesWithinMs({ timing: DEFAULT_LEASE_TIMING, ...view })).toBe(leftMs);
  });
});

describe('stillLeads', () => {
  test.each([
    [undefined, false],
    [0, true],
    [39_999, true],
    [40_000, false],
  ])('%p ms after the last renewal: %p', (renewedForMs, leads) => {
    expect(stillLeads(renewedForMs, DEFAULT_LEASE_TIMING)).toBe(leads);
  });
});

describe('heldLease', () => {
  test('a takeover counts a transition, a renewal does not', () => {
    const taken = heldLease({ ...base, spec: { ...base.spec, leaseTransitions: 4 } }, 'T1');
    expect(taken).toMatchObject({ holderIdentity: 'me', acquireTime: 'T1', renewTime: 'T1', leaseTransitions: 5 });
    const renewed = heldLease({ ...base, spec: taken, renewedForMs: 1 }, 'T2');
    expect(renewed).toMatchObject({ acquireTime: 'T1', renewTime: 'T2', leaseTransitions: 5 });
  });
});

describe('two candidates', () => {
  test('H13: never both lead, while their clocks differ by a third at most and requests may fail', () => {
    const turn = fc.record({ who: fc.constantFrom(0, 1), passMs: fc.nat(30_000), isDown: fc.boolean() });
    const rates = fc.tuple(
      fc.double({ min: 0.87, max: 1.15, noNaN: true }),
      fc.double({ min: 0.87, max: 1.15, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(turn, { minLength: 100, maxLength: 200 }), rates, (turns, [first, second]) => {
        let stored: { spec: LeaseSpec; version: number } | undefined;
        let nowMs = 0;
        const players = [first, second].map((rate, at) => ({
          identity: `p${at}`,
          clock: () => nowMs * rate,
          seen: { version: -1, atMs: 0 },
          renewedMs: undefined as number | undefined,
        }));
        const renewedForMs = (player: (typeof players)[number]) =>
          player.renewedMs === undefined ? undefined : player.clock() - player.renewedMs;
        for (const { who, passMs, isDown } of turns) {
          nowMs += passMs;
          const player = players[who];
          if (player === undefined || isDown) continue;
          const version = stored?.version ?? 0;
          if (player.seen.version !== version) player.seen = { version, atMs: player.clock() };
          const view: LeaseView = {
            ...base,
            identity: player.identity,
            spec: stored?.spec,
            unchangedForMs: player.clock() - player.seen.atMs,
            renewedForMs: renewedForMs(player),
          };
          const { act } = decideLease(view);
          if (act === 'stepDown') player.renewedMs = undefined;
          else if (act !== 'wait') {
            stored = { spec: heldLease(view, 'T'), version: version + 1 };
            player.renewedMs = player.clock();
          }
          const leading = players.filter((each) => stillLeads(renewedForMs(each), DEFAULT_LEASE_TIMING));
          expect(leading.length).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});
