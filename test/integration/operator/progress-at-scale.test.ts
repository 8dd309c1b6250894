// 2,000 trainers at work, each with another epoch every second: the real poller, planner and round against supervisors on
// loopback addresses and an apiserver that only counts, each side in a thread of its own. The times are real.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { StatusWrite } from './counting-apiserver.ts';
import type { OperatorOrder, OperatorReport } from './operator-thread.ts';
import type { TrainerPlace } from './running-trainers.ts';

const jobs = 2000;
const watchedMs = 30_000;

/** 20 trainers in a namespace of their own, all others in another; one in a hundred has an address that misbehaves. */
const places: readonly TrainerPlace[] = Array.from({ length: jobs }, (_, at) => ({
  namespace: at < 20 ? 'small' : 'busy',
  name: `job-${at}`,
  address: `127.1.${Math.floor(at / 200)}.${isSound(at) ? 10 + (at % 200) : 1 + ((at / 100) % 5)}`,
}));

function isSound(at: number): boolean {
  return at % 100 !== 0;
}

const supervisors = new Worker(new URL('./supervisors.ts', import.meta.url));
let report: OperatorReport;

beforeAll(async () => {
  const [port] = (await once(supervisors, 'message')) as [number];
  const order: OperatorOrder = { port, places, watchedMs };
  const operator = new Worker(new URL('./operator-thread.ts', import.meta.url), { workerData: order });
  [report] = (await once(operator, 'message')) as [OperatorReport];
}, 120_000);

afterAll(() => supervisors.terminate());

const mostInASecond = (all: readonly StatusWrite[]) =>
  Math.max(...all.map(({ atMs }, at) => all.slice(at).filter((other) => other.atMs < atMs + 1000).length));

describe('2,000 trainers that are read', () => {
  test('had the news that they run written at once, whatever the budget of their progress', () => {
    const { transitions } = report;
    expect(transitions.length).toBeGreaterThanOrEqual(jobs);
    expect((transitions.at(-1)?.atMs ?? 0) - (transitions[0]?.atMs ?? 0)).toBeLessThan((jobs / 14) * 500);
  });

  test('cost fewer than 20 writes in every second, and are written all the time', () => {
    expect(mostInASecond(report.writes)).toBeLessThan(20);
    expect(report.writes.length).toBeGreaterThan((watchedMs / 1000) * 5);
  });

  test('come in their turn: none is written again before all others of its namespace were', () => {
    const busy = report.writes.filter(({ key }) => key.startsWith('busy/')).map(({ key }) => key);
    expect(new Set(busy).size).toBe(busy.length);
  });

  test('do not make a small namespace wait for a busy one', () => {
    const few = report.writes.filter(({ key }) => key.startsWith('small/')).map(({ key }) => key);
    expect(new Set(few).size).toBe(places.slice(0, 20).filter((_, at) => isSound(at)).length);
  });

  test('are believed their numbers only: what misbehaves has no progress', () => {
    const misbehaving = new Set(places.filter((_, at) => !isSound(at)).map(({ name }) => name));
    expect(report.shown.length).toBeGreaterThan(100);
    expect(report.shown.filter((name) => misbehaving.has(name))).toEqual([]);
  });

  test('never keep the event loop to themselves, from the start to the end', () => {
    expect(report.longestStallMs).toBeLessThanOrEqual(100);
  });
});
