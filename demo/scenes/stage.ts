// What every scene of the demo has at hand.
import type { Screen } from '../screen/screen.ts';
import { applyManifest, exampleApplication } from '../steps/examples.ts';
import type { Place } from '../steps/place.ts';

/** The place where steps are done, and the screen where they are told. */
export interface Stage {
  readonly place: Place;
  readonly screen: Screen;
  /** Whether a node offers nvidia.com/gpu. */
  readonly gpu: boolean;
}

/** Applies a file and shows it as a user would type it. */
export async function showApply({ place, screen, gpu }: Stage, file: string): Promise<void> {
  const { commandLine, manifest } = await exampleApplication(file, place.namespace, gpu);
  screen.say(`$ ${commandLine}`);
  screen.say(...(await applyManifest(place, manifest)).trimEnd().split('\n'));
}

/** Shows a kubectl command of the demo's namespace with its output. */
export function showGet({ place, screen }: Stage, args: readonly string[]): Promise<void> {
  return screen.kubectl(place.cluster, ['get', '--namespace', place.namespace, ...args]);
}
