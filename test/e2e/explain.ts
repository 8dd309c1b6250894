// What a wait in vain prints: everything by which a person can tell whether the product or the test was at fault.
import { stringify } from 'yaml';
import { systemNamespace } from '../cluster/chart.ts';
import type { World } from './world.ts';

/** An object of the world's namespace. */
export type Named = { readonly kind: string; readonly name: string };

/** Lines of the operator's log and of events: the newest are what counts. */
const newest = 40;

const lastLines = (text: string) => text.trimEnd().split('\n').slice(-newest).join('\n');

/** kubectl's output under a title; that it failed is told in its place, so that the rest is still printed. */
async function section(world: World, title: string, args: readonly string[]): Promise<string> {
  const text = await world.kubectl(args).catch((error: unknown) => String(error));
  return `--- ${title} ---\n${lastLines(text)}`;
}

const ofEvents =
  'custom-columns=LAST:.lastTimestamp,TIME:.eventTime,TYPE:.type,OBJECT:.involvedObject.name,REASON:.reason,MESSAGE:.message';

/** The object's whole spec and status. */
async function stateOf(world: World, { kind, name }: Named): Promise<string> {
  const object = await world.find(kind, name);
  if (!object) return `there is no ${kind} ${name}`;
  const { metadata, spec, status } = object;
  return `--- ${kind} ${name} ---\n${stringify({ generation: metadata.generation, spec, status }).trimEnd()}`;
}

/** The object as it is, the events and pods of its namespace, and the operator's pods with the end of their log. */
export async function explain(world: World, about?: Named): Promise<string> {
  const here = ['--namespace', world.namespace];
  const there = ['--namespace', systemNamespace];
  const operator = '--selector=app.kubernetes.io/component=operator';
  const sections = await Promise.all([
    about ? stateOf(world, about).catch((error: unknown) => String(error)) : `in namespace ${world.namespace}`,
    section(world, 'events', [...here, 'get', 'events', '--sort-by=.metadata.creationTimestamp', '--output', ofEvents]),
    section(world, 'pods', [...here, 'get', 'pods', '--output=wide']),
    section(world, 'operator', [...there, 'get', 'pods', operator, '--output=wide']),
    section(world, "the operator's log", [...there, 'logs', operator, `--tail=${newest}`]),
  ]);
  return sections.join('\n');
}

/** Does what `work` does; where it fails, the error also tells what `explain` does. */
export async function explained<T>(world: World, about: Named, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`${message}\n${await explain(world, about)}`, { cause: error });
  }
}
