// The processes inside a trainer's pod as the node sees them: signals that no program in the pod sends.
import type { World } from './world.ts';

/** Process ids of a program in a pod: those whose control group names the pod. */
const findScript = `for pid in $(pgrep -f "[/]app/$1.mjs"); do
  grep -qs "$0" /proc/$pid/cgroup && echo $pid
done; true`;

/** Sends a signal to the training process of a pod, or to its supervisor; waits until there is one. */
export async function signalTrainer(
  world: World,
  podUid: string,
  signal: string,
  program: 'train' | 'supervisor' = 'train',
): Promise<void> {
  const pids = await world.eventually({ what: `${program} in pod ${podUid}` }, async () => {
    const output = await world.onNode(['sh', '-c', findScript, podUid, program]);
    return output.trim() === '' ? undefined : output.trim().split('\n');
  });
  await world.onNode(['kill', `-${signal}`, ...pids]);
}
