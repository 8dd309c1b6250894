// Keeps the checkpoints of one TrainingJob in `checkpoints/<uid>/<step>/`: written whole or not at all, newest valid one first.
import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '@sluice/model/error-code.ts';
import { makeDirectory } from '@sluice/model/make-directory.ts';
import type { FitState } from '../fitting/engine.ts';
import { decodeState, encodeState, type Origin } from './state-file.ts';

const descriptionFile = 'state.json';
const bytesFile = 'state.bin';
const stepDirectory = /^\d+$/;

/** Where checkpoints go, what they belong to, and how many stay. */
export type CheckpointPlan = {
  /** The storage mount: `<modelName>/` of the claim. */
  readonly storageDirectory: string;
  readonly ownerUid: string;
  readonly origin: Origin;
  readonly keep: number;
};

/** Why a checkpoint was not used. */
export type Rejection = { readonly directory: string; readonly reason: string };

function jobDirectory(plan: Pick<CheckpointPlan, 'storageDirectory' | 'ownerUid'>): string {
  return join(plan.storageDirectory, 'checkpoints', plan.ownerUid);
}

/** Writes a state and then removes all but the newest `keep`. Throws the file system's error. */
export async function saveCheckpoint(plan: CheckpointPlan, state: FitState): Promise<void> {
  const home = jobDirectory(plan);
  const temporary = join(home, `.${state.step}.${process.pid}.tmp`);
  const final = join(home, String(state.step));
  await makeDirectory(temporary);
  const files = encodeState(plan.origin, state);
  await writeDurably(join(temporary, bytesFile), files.bytes);
  await writeDurably(join(temporary, descriptionFile), files.description);
  await syncDirectory(temporary);
  await rm(final, { recursive: true, force: true }); // only a checkpoint that was rejected can be there
  await rename(temporary, final);
  await syncDirectory(home);
  await removeOld(home, plan.keep);
}

/** The newest checkpoint that is complete and of the same origin, and the newer ones that are not. */
export async function findCheckpoint(
  plan: CheckpointPlan,
): Promise<{ state: FitState | undefined; rejected: Rejection[] }> {
  const rejected: Rejection[] = [];
  for (const step of await listSteps(jobDirectory(plan))) {
    const directory = join(jobDirectory(plan), String(step));
    try {
      const [description, bytes] = await Promise.all([
        readFile(join(directory, descriptionFile)),
        readFile(join(directory, bytesFile)),
      ]);
      return { state: decodeState(plan.origin, { description, bytes }), rejected };
    } catch (error) {
      rejected.push({ directory, reason: String(error) });
    }
  }
  return { state: undefined, rejected };
}

/** Removes every checkpoint of this job: its bundle is published. */
export async function removeCheckpoints(plan: Pick<CheckpointPlan, 'storageDirectory' | 'ownerUid'>): Promise<void> {
  await rm(jobDirectory(plan), { recursive: true, force: true });
}

/** Steps with a directory, newest first; none when the job has no directory yet. */
async function listSteps(home: string): Promise<number[]> {
  const names = await listDirectory(home);
  return names
    .filter((name) => stepDirectory.test(name))
    .map(Number)
    .sort((a, b) => b - a);
}

async function listDirectory(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Also removes what an interrupted write left: one attempt runs at a time, so every other temporary directory is dead. */
async function removeOld(home: string, keep: number): Promise<void> {
  const old = (await listSteps(home)).slice(keep).map(String);
  const dead = (await listDirectory(home)).filter((name) => name.endsWith('.tmp'));
  await Promise.all([...old, ...dead].map((name) => rm(join(home, name), { recursive: true, force: true })));
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
