// How an attempt ended, by how its training process ended.
import { expect, test } from '@jest/globals';
import { exitCodes, trainingResultSchema } from '@sluice/crds/contract.ts';
import type { Outcome } from '../messages.ts';
import { type ChildEnd, judgeEnd } from './verdict.ts';

const end: ChildEnd = {
  outcome: undefined,
  code: 0,
  signal: null,
  killedFor: undefined,
  oomKills: 0,
  lastLines: '',
  progressSeconds: 60,
};

const success = {
  bundle: {
    digest: `sha256:${'a'.repeat(64)}`,
    specDigest: `sha256:${'a'.repeat(64)}`,
    directory: 'sha256-aa',
    format: 'TFJSLayers',
    bytes: 1,
  },
  data: { digest: `sha256:${'b'.repeat(64)}`, rows: 1, bytes: 1 },
  metrics: [],
  accelerator: 'CPU',
} as const;
const complete: Outcome = { type: 'Complete', success: { ...success, metrics: [] } };
const failed: Outcome = { type: 'Failed', failure: { class: 'Data', message: 'no such file' } };

test.each<[string, Partial<ChildEnd>, number, string | undefined]>([
  ['said complete', { outcome: complete }, exitCodes.complete, undefined],
  ['said complete, then crashed on exit', { outcome: complete, code: null, signal: 'SIGSEGV' }, 0, undefined],
  ['said failed', { outcome: failed }, exitCodes.Data, 'Data'],
  ['said drained', { outcome: { type: 'Drained' } }, exitCodes.drained, undefined],
  ['killed by us for a hang', { code: null, signal: 'SIGKILL', killedFor: 'Hang' }, exitCodes.Hang, 'Hang'],
  ['a hang while memory was short', { signal: 'SIGKILL', killedFor: 'Hang', oomKills: 1 }, exitCodes.Hang, 'Hang'],
  ['too slow to drain', { signal: 'SIGKILL', killedFor: 'Grace' }, exitCodes.Infrastructure, 'Infrastructure'],
  ['killed by the kernel for memory', { signal: 'SIGKILL', oomKills: 1 }, exitCodes.OutOfMemory, 'OutOfMemory'],
  ['killed, no counters to read', { signal: 'SIGKILL', oomKills: undefined }, exitCodes.OutOfMemory, 'OutOfMemory'],
  ['killed by someone else', { signal: 'SIGKILL', oomKills: 0 }, exitCodes.Infrastructure, 'Infrastructure'],
  [
    'aborted with a full heap',
    { signal: 'SIGABRT', lastLines: 'FATAL ERROR: JavaScript heap out of memory' },
    exitCodes.OutOfMemory,
    'OutOfMemory',
  ],
  ['aborted for another reason', { signal: 'SIGABRT' }, exitCodes.Internal, 'Internal'],
  ['crashed', { signal: 'SIGSEGV' }, exitCodes.Internal, 'Internal'],
  ['ended without a word', { code: 0 }, exitCodes.Internal, 'Internal'],
  ['ended with a code', { code: 7, lastLines: 'TypeError: x' }, exitCodes.Internal, 'Internal'],
])('%s', (_, seen, exitCode, failureClass) => {
  const verdict = judgeEnd({ ...end, ...seen });
  expect(verdict.exitCode).toBe(exitCode);
  expect(verdict.result?.failure?.class).toBe(failureClass);
  if (verdict.result !== undefined) expect(trainingResultSchema.safeParse(verdict.result).success).toBe(true);
});

test('a crash carries the last lines of standard error', () => {
  const { result } = judgeEnd({ ...end, code: 1, lastLines: 'TypeError: x is not a function' });
  expect(result?.failure?.message).toContain('TypeError: x is not a function');
});
