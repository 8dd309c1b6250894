// Scene: a ModelDeployment turns the version into live traffic.
import { servingLine } from '../screen/progress-line.ts';
import { startClient } from '../steps/client.ts';
import { endpointOf, waitForServing } from '../steps/models.ts';
import { type Stage, showApply, showGet } from './stage.ts';

/** Name of the ModelDeployment in examples/digits. */
export const deployment = 'digits';

/** Resolves to the URL that clients in the cluster use; a client's pod is running then, too. */
export async function serve(stage: Stage, version: string): Promise<string> {
  const { screen, place } = stage;
  await showApply(stage, 'examples/digits/model-deployment.yaml');
  const onChange = (now: Parameters<typeof servingLine>[0]) => screen.live(servingLine(now));
  const [status] = await Promise.all([waitForServing(place, { deployment, version, onChange }), startClient(place)]);
  await showGet(stage, ['modeldeployments,modelversions']);
  return endpointOf(status);
}
