// The cluster's only node as tests disturb it: it takes no new pods, or its apiserver is gone for a while.
import { CommandError } from '../cluster/run-command.ts';
import type { World } from './world.ts';

/** Does `work` while no node takes new pods: what is deleted meanwhile stays away until the end. */
export async function withoutNewPods<T>(world: World, work: () => Promise<T>): Promise<T> {
  const nodes = (await world.kubectl(['get', 'nodes', '--output=name'])).split('\n').filter(Boolean);
  await world.kubectl(['cordon', ...nodes]);
  try {
    return await work();
  } finally {
    await world.kubectl(['uncordon', ...nodes]);
  }
}

/** The node's process 1 keeps every component alive in a shell of its own; one that is halted starts nothing again. */
const kill = [
  'apiserver=$(pgrep -x kube-apiserver)',
  'keeper=$(ps -o ppid= -p "$apiserver" | tr -d " ")',
  'kill -STOP "$keeper"',
  'kill -KILL "$apiserver"',
  'echo "$keeper"',
].join(' && ');

async function isServing(world: World): Promise<boolean> {
  try {
    return (await world.kubectl(['get', '--raw', '/readyz', '--request-timeout=5s'])) === 'ok';
  } catch (error) {
    if (error instanceof CommandError) return false;
    throw error;
  }
}

/** From when until when the apiserver was away; milliseconds since 1970. */
export type Outage = { readonly from: number; readonly to: number };

/** Kills the apiserver, and lets it come back `seconds` later; resolves when it answers again. */
export async function loseApiserver(world: World, seconds: number): Promise<Outage> {
  const keeper = (await world.onNode(['sh', '-c', kill])).trim();
  const from = Date.now();
  let to = from;
  try {
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    if (await isServing(world)) throw new Error('the apiserver was killed and answers');
    to = Date.now();
  } finally {
    await world.onNode(['kill', '-CONT', keeper]);
    await world.eventually({ what: 'the apiserver' }, async () => ((await isServing(world)) ? true : undefined));
  }
  return { from, to };
}
