// How each end of a pod is understood.
import { describe, expect, test } from '@jest/globals';
import { evaluator } from '../../evaluation/evaluator.ts';
import { verifier } from '../../modelversion/verifier.ts';
import { endedPod, pod, success } from '../../trainingjob/testing/samples.ts';
import { trainer } from '../../trainingjob/trainer.ts';
import type { ObservedPod } from '../observed.ts';
import { endingOf } from './ending.ts';
import type { Program } from './program.ts';

const ofTrainer = (one: ObservedPod) => endingOf(one, trainer);
const told = (name: string, message: string) => JSON.stringify({ failure: { class: name, message } });
const disrupted = (exitCode: number): ObservedPod => {
  const ended = endedPod(1, { exitCode, reason: 'Error' });
  const conditions = [
    { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI', message: 'drained' },
  ];
  return { ...ended, status: { ...ended.status, conditions } };
};

describe('a trainer ended', () => {
  test('with a readable result: success', () => {
    expect(ofTrainer(endedPod(1, { exitCode: 0, message: JSON.stringify({ success }) }))).toEqual({
      type: 'Result',
      result: success,
    });
  });

  test('with exit code 20: it drained, which is no failure', () => {
    expect(ofTrainer(endedPod(1, { exitCode: 20 }))).toEqual({ type: 'Drained' });
  });

  test('drained by an eviction: still no failure', () => {
    expect(ofTrainer(disrupted(20))).toEqual({ type: 'Drained' });
  });

  const misplaced = { ...success, bundle: { ...success.bundle, directory: 'elsewhere' } };
  test.each<[string, ObservedPod, string, RegExp]>([
    ['exit code 0 and no message is a bug of ours', endedPod(1, { exitCode: 0 }), 'Internal', /left none/],
    [
      'exit code 0 and half a message is a bug of ours',
      endedPod(1, { exitCode: 0, message: '{"success":{' }),
      'Internal',
      /cannot be read/,
    ],
    [
      'a bundle whose directory is not its digest is a bug of ours',
      endedPod(1, { exitCode: 0, message: JSON.stringify({ success: misplaced }) }),
      'Internal',
      /cannot be read/,
    ],
    [
      'the kernel killed it for memory, whatever it said',
      endedPod(1, { exitCode: 137, reason: 'OOMKilled', message: told('UserCode', 'x') }),
      'OutOfMemory',
      /resources\.memory/,
    ],
    [
      'the supervisor told the class',
      endedPod(1, { exitCode: 12, message: told('Diverged', 'loss is NaN at step 7') }),
      'Diverged',
      /loss is NaN/,
    ],
    [
      'the supervisor’s word counts more than the exit code',
      endedPod(1, { exitCode: 1, message: told('Data', 'no column label') }),
      'Data',
      /no column label/,
    ],
    ['exit code 10 without a message', endedPod(1, { exitCode: 10 }), 'Data', /code 10 and said nothing/],
    ['exit code 11 without a message', endedPod(1, { exitCode: 11 }), 'NoAccelerator', /code 11/],
    ['exit code 13 without a message', endedPod(1, { exitCode: 13 }), 'OutOfMemory', /code 13/],
    ['exit code 14 without a message', endedPod(1, { exitCode: 14 }), 'Hang', /code 14/],
    ['exit code 15 without a message', endedPod(1, { exitCode: 15 }), 'Infrastructure', /code 15/],
    ['exit code 16 without a message', endedPod(1, { exitCode: 16 }), 'Internal', /code 16/],
    [
      'log lines instead of our document',
      endedPod(1, { exitCode: 1, message: 'TypeError: x\n  at main.ts:3' }),
      'UserCode',
      /TypeError: x at main/,
    ],
    ['JSON of somebody else', endedPod(1, { exitCode: 3, message: '{"level":"error"}' }), 'UserCode', /"level"/],
    [
      'a class that does not exist is not believed',
      endedPod(1, { exitCode: 3, message: told('Magic', 'x') }),
      'UserCode',
      /Magic/,
    ],
    ['killed from outside', endedPod(1, { exitCode: 137, reason: 'Error' }), 'Infrastructure', /killed from outside/],
    ['terminated without a reason', endedPod(1, { exitCode: 143, reason: 'Error' }), 'Infrastructure', /143/],
    ['evicted while it ran', disrupted(143), 'Infrastructure', /EvictionByEvictionAPI/],
    [
      'evicted before it ran',
      pod(1, { phase: 'Failed', reason: 'Evicted', message: 'node was low on memory' }),
      'Infrastructure',
      /Evicted\): node was low/,
    ],
    [
      'refused by the kubelet',
      pod(1, { phase: 'Failed', reason: 'UnexpectedAdmissionError', message: 'no device' }),
      'Infrastructure',
      /before the trainer ran .*no device/,
    ],
    [
      'the entry point does not exist',
      endedPod(1, { exitCode: 128, reason: 'StartError', message: 'exec: not found' }),
      'Image',
      /exec: not found/,
    ],
    [
      'the node lost sight of it',
      endedPod(1, { exitCode: 137, reason: 'ContainerStatusUnknown' }),
      'Infrastructure',
      /lost sight/,
    ],
  ])('%s', (_, ended, expected, message) => {
    const ending = ofTrainer(ended);
    expect(ending).toMatchObject({ type: 'Failure', class: expected, pod: 'digits-1-x' });
    expect(ending).toHaveProperty('message', expect.stringMatching(message));
  });

  test('the last lines of a long log are kept, not the first', () => {
    const ending = ofTrainer(endedPod(1, { exitCode: 1, message: `first ${'x'.repeat(3000)} last` }));
    expect(ending).toHaveProperty('message', expect.stringMatching(/…x+ last$/));
  });
});

/** The same pod, of another kind. */
const ofKind = (container: string, one: ObservedPod): ObservedPod => ({
  ...one,
  status: {
    ...one.status,
    containerStatuses: one.status?.containerStatuses?.map((each) => ({ ...each, name: container })),
  },
});

const kinds: readonly [string, Program<unknown>][] = [
  ['trainer', trainer],
  ['evaluator', evaluator],
  ['verifier', verifier],
];

describe.each(kinds)('a pod of the %s ended', (container, program) => {
  const ending = (one: ObservedPod) => endingOf(ofKind(container, one), program);

  test.each<[string, ObservedPod, string, RegExp]>([
    ['by the kernel, for memory', endedPod(1, { exitCode: 137, reason: 'OOMKilled' }), 'OutOfMemory', /the kernel/],
    ['by an eviction', disrupted(143), 'Infrastructure', /took the pod away \(EvictionByEvictionAPI\): drained/],
    ['by a kill', endedPod(1, { exitCode: 137, reason: 'Error' }), 'Infrastructure', /was killed from outside/],
    ['out of sight', endedPod(1, { exitCode: 137, reason: 'ContainerStatusUnknown' }), 'Infrastructure', /lost sight/],
    ['before it started', endedPod(1, { exitCode: 128, reason: 'StartError', message: 'no' }), 'Image', /start.*: no$/],
    ['refused by the kubelet', pod(1, { phase: 'Failed', reason: 'OutOfcpu' }), 'Infrastructure', /\(OutOfcpu\)/],
    ['with a code and a last word', endedPod(1, { exitCode: 16, message: 'oh' }), 'Internal', /with code 16: oh$/],
    ['with a code of its own', endedPod(1, { exitCode: 3 }), program.unknownCode, /code 3 and said nothing/],
  ])('%s', (_, one, expected, message) => {
    expect(ending(one)).toMatchObject({
      type: 'Failure',
      class: expected,
      message: expect.stringMatching(message),
      pod: 'digits-1-x',
    });
  });

  test('in order: going on from there is for those that can', () => {
    const stopped = { type: 'Failure', class: 'Infrastructure', message: expect.stringMatching(/was stopped from/) };
    expect(ending(endedPod(1, { exitCode: 20 }))).toMatchObject(program.resumes ? { type: 'Drained' } : stopped);
  });
});
