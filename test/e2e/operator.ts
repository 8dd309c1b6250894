// The operator as tests disturb it: found by its labels, killed without a word, and back again.
import { eventually, type World } from './world.ts';

const namespace = ['--namespace', 'sluice-system'];
const selector = '--selector=app.kubernetes.io/component=operator';

const podNames = async (world: World): Promise<string[]> =>
  (await world.kubectl([...namespace, 'get', 'pods', selector, '--output=name'])).split('\n').filter(Boolean);

/** Kills every operator pod at once, without a signal that it could hear. */
export async function killOperator(world: World): Promise<void> {
  await world.kubectl([...namespace, 'delete', 'pods', selector, '--grace-period=0', '--force']);
}

/** Waits until an operator other than the `former` pods is ready. */
export async function untilOperatorIsBack(world: World, former: readonly string[]): Promise<void> {
  await eventually({ what: 'a new operator', within: 120 }, async () =>
    (await podNames(world)).some((name) => !former.includes(name)) ? true : undefined,
  );
  await world.kubectl([...namespace, 'rollout', 'status', 'deployment/sluice-operator', '--timeout=120s']);
}

/** Kills the operator and waits for its successor. */
export async function replaceOperator(world: World): Promise<void> {
  const former = await podNames(world);
  await killOperator(world);
  await untilOperatorIsBack(world, former);
}
