// The operator as tests disturb it: found by its labels, ended without notice, and back again.
import type { World } from './world.ts';

const namespace = ['--namespace', 'sluice-system'];
const selector = '--selector=app.kubernetes.io/component=operator';

const holderOnly = '--output=jsonpath={.spec.holderIdentity}';

const podNames = async (world: World): Promise<string[]> =>
  (await world.kubectl([...namespace, 'get', 'pods', selector, '--output=name'])).split('\n').filter(Boolean);

/** Ends every operator pod at once; the kubelet leaves each a second. */
export async function killOperator(world: World): Promise<void> {
  await world.kubectl([...namespace, 'delete', 'pods', selector, '--grace-period=0', '--force']);
}

/** Waits until an operator other than the `former` pods leads: one that is ready may wait for the lease of another. */
export async function untilOperatorIsBack(world: World, former: readonly string[]): Promise<void> {
  await world.eventually({ what: 'a new operator that leads', within: 180 }, async () => {
    const holder = await world.kubectl([...namespace, 'get', 'lease', 'sluice-operator', holderOnly]);
    const heirs = (await podNames(world)).filter((name) => !former.includes(name));
    return heirs.some((name) => holder.startsWith(`${name.replace('pod/', '')}_`)) ? true : undefined;
  });
  await world.kubectl([...namespace, 'rollout', 'status', 'deployment/sluice-operator', '--timeout=120s']);
}

/** Kills the operator and waits for its successor. */
export async function replaceOperator(world: World): Promise<void> {
  const former = await podNames(world);
  await killOperator(world);
  await untilOperatorIsBack(world, former);
}
