// A pod that mounts claims, as a person would use to copy, look at, or damage what lies in them.
import { applyObjects } from '../../demo/steps/place.ts';
import { restrictedPod } from '../../demo/steps/restricted-pod.ts';
import { demoPlace } from './demo-place.ts';
import type { World } from './world.ts';

const pod = 'claims';

/** Starts the pod; each claim is mounted at `/claims/<name>`. */
export async function openClaims(world: World, ...claims: readonly string[]): Promise<void> {
  const place = demoPlace(world);
  const volumes = Object.fromEntries(
    claims.map((claimName) => [`/claims/${claimName}`, { persistentVolumeClaim: { claimName } }]),
  );
  await applyObjects(place, [restrictedPod(place, { name: pod, volumes })]);
  await world.kubectl([
    '--namespace',
    world.namespace,
    'wait',
    '--for=condition=Ready',
    `pod/${pod}`,
    '--timeout=120s',
  ]);
}

/** Runs a shell script in the pod; `$0`, `$1`, … are the arguments. Resolves to its output. */
export function inClaims(world: World, script: string, ...args: readonly string[]): Promise<string> {
  return world.kubectl(['--namespace', world.namespace, 'exec', pod, '--', 'sh', '-euc', script, ...args]);
}
