// Checkpoints on a real file system: whole or not at all, newest valid one first.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { FitState } from '../fitting/engine.ts';
import { decodeState, encodeState } from './state-file.ts';
import { type CheckpointPlan, findCheckpoint, removeCheckpoints, saveCheckpoint } from './store.ts';

const origin = { engine: 'eager', dataDigest: 'sha256:data', specDigest: 'sha256:spec', splitVersion: 2 };

function makeState(step: number): FitState {
  return {
    step,
    sums: { loss: 0.1 + 0.2, quality: 3, rows: 32 },
    stopping: { best: 1 / 3, bestEpoch: 2, waited: 1 },
    tensors: [
      { name: 'weight/0', shape: [2, 2], dtype: 'float32', values: new Float32Array([1, Number.NaN, -0, step]) },
      { name: 'optimizer/0', shape: [], dtype: 'int32', values: new Int32Array([step]) },
    ],
  };
}

let plan: CheckpointPlan;
let home = '';
beforeEach(async () => {
  const storageDirectory = await mkdtemp(join(tmpdir(), 'checkpoints-'));
  plan = { storageDirectory, ownerUid: 'uid-1', origin, keep: 2 };
  home = join(storageDirectory, 'checkpoints', 'uid-1');
});
afterEach(() => rm(plan.storageDirectory, { recursive: true, force: true }));

describe('encodeState and decodeState', () => {
  test('give back every bit', () => {
    const floats = fc.float32Array({ minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(floats, fc.nat(), (values, step) => {
        const tensors = [{ name: 'weight/0', shape: [values.length], dtype: 'float32', values } as const];
        const state = { ...makeState(step), tensors };
        expect(decodeState(origin, encodeState(origin, state))).toEqual(state);
      }),
    );
  });

  test.each(['engine', 'dataDigest', 'specDigest'] as const)('refuse a state of another %s', (key) => {
    const files = encodeState({ ...origin, [key]: 'other' }, makeState(1));
    expect(() => decodeState(origin, files)).toThrow(`another ${key}`);
  });

  test.each([1, undefined])('refuse a state that was fitted on rows of another split: version %s', (splitVersion) => {
    const files = encodeState({ ...origin, splitVersion }, makeState(1));
    expect(() => decodeState(origin, files)).toThrow('another splitVersion');
  });
});

describe('findCheckpoint', () => {
  test('finds nothing where nothing was saved', async () => {
    expect(await findCheckpoint(plan)).toEqual({ state: undefined, rejected: [] });
  });

  test('gives back the newest state', async () => {
    await saveCheckpoint(plan, makeState(9));
    await saveCheckpoint(plan, makeState(10));
    expect((await findCheckpoint(plan)).state).toEqual(makeState(10));
  });

  test.each<[string, (directory: string) => Promise<void>]>([
    [
      'a flipped byte',
      async (directory) => {
        const bytes = await readFile(join(directory, 'state.bin'));
        await writeFile(
          join(directory, 'state.bin'),
          bytes.map((byte, place) => (place === 3 ? byte ^ 1 : byte)),
        );
      },
    ],
    ['a cut file', async (directory) => writeFile(join(directory, 'state.bin'), 'x')],
    ['a description that is no JSON', async (directory) => writeFile(join(directory, 'state.json'), '{')],
    ['a missing file', async (directory) => rm(join(directory, 'state.bin'))],
  ])('passes over a checkpoint with %s and takes the one before', async (_, damage) => {
    await saveCheckpoint(plan, makeState(1));
    await saveCheckpoint(plan, makeState(2));
    await damage(join(home, '2'));
    const found = await findCheckpoint(plan);
    expect(found.state?.step).toBe(1);
    expect(found.rejected.map(({ directory }) => directory)).toEqual([join(home, '2')]);
  });

  test('passes over what belongs to other data', async () => {
    await saveCheckpoint({ ...plan, origin: { ...origin, dataDigest: 'sha256:old' } }, makeState(5));
    expect((await findCheckpoint(plan)).state).toBeUndefined();
  });

  test('does not see a checkpoint that was being written when the process died', async () => {
    await mkdir(join(home, '.7.12.tmp'), { recursive: true });
    expect(await findCheckpoint(plan)).toEqual({ state: undefined, rejected: [] });
  });
});

describe('saveCheckpoint', () => {
  test('keeps the newest and clears what dead processes left', async () => {
    await mkdir(join(home, '.7.12.tmp'), { recursive: true });
    for (const step of [8, 9, 10, 11]) await saveCheckpoint(plan, makeState(step));
    expect((await readdir(home)).sort()).toEqual(['10', '11']);
  });

  test('replaces a checkpoint of the same step that was rejected', async () => {
    await saveCheckpoint({ ...plan, origin: { ...origin, engine: 'old' } }, makeState(3));
    await saveCheckpoint(plan, makeState(3));
    expect((await findCheckpoint(plan)).state).toEqual(makeState(3));
  });

  test("leaves another job's checkpoints alone, also when all of this job's are removed", async () => {
    const other = { ...plan, ownerUid: 'uid-2' };
    await saveCheckpoint(plan, makeState(1));
    await saveCheckpoint(other, makeState(2));
    await removeCheckpoints(plan);
    expect((await findCheckpoint(plan)).state).toBeUndefined();
    expect((await findCheckpoint(other)).state?.step).toBe(2);
  });
});
