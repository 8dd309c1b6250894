// How pods end in the lives that the tests tell, and a life that has begun.
import { toldAfterSeconds } from '../passing.ts';
import { success } from './samples.ts';
import { World } from './world.ts';

export const succeeded = { exitCode: 0, message: JSON.stringify({ success }) };
export const badData = {
  exitCode: 10,
  message: JSON.stringify({ failure: { class: 'Data', message: 'no column label' } }),
};

/** A world whose first attempt has just begun to run. */
export function runningWorld(spec: { readonly [field: string]: unknown } = {}): World {
  const world = new World(spec);
  world.settle();
  world.startPod();
  world.settle();
  return world;
}

/** A world whose first attempt has run for long enough that its status says so. */
export function toldWorld(spec: { readonly [field: string]: unknown } = {}): World {
  const world = runningWorld(spec);
  world.pass(toldAfterSeconds.running);
  world.settle();
  return world;
}
