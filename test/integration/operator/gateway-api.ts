// The real CRDs of the Gateway API, from its Go module, on an apiserver of the tests.
import { cp, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KubeClient } from '@sluice/operator/kube/client.ts';
import { isNotFound } from '@sluice/operator/kube/errors.ts';
import type { KubeObject, Resource } from '@sluice/operator/kube/objects.ts';
import { resources } from '@sluice/operator/shell/resources.ts';
import { parse } from 'yaml';
import { cachedDirectory } from '../../cluster/cache-directory.ts';
import { goCompiler } from '../../cluster/go-compiler.ts';
import { runCommand } from '../../cluster/run-command.ts';
import { until } from './controllers-in-cluster.ts';

const version = 'v1.3.0';

const definitions: Resource = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
};

/** Where the standard CRDs lie; they are fetched once. */
async function standardCrds(): Promise<string> {
  return cachedDirectory(`gateway-api-${version}`, async (directory) => {
    const go = await goCompiler(() => {});
    const said = await runCommand([go, 'mod', 'download', '-json', `sigs.k8s.io/gateway-api@${version}`]);
    const { Dir: module } = JSON.parse(said) as { Dir: string };
    await mkdir(directory, { recursive: true });
    await cp(join(module, 'config/crd/standard'), directory, { recursive: true });
  });
}

const isServed = (client: KubeClient, resource: Resource) =>
  client.list(resource, { limit: 1 }).then(
    () => true,
    (error: unknown) => {
      if (isNotFound(error)) return false;
      throw error;
    },
  );

/** Resolves when routes and Gateways can be made. */
export async function installGatewayApi(client: KubeClient): Promise<void> {
  const directory = await standardCrds();
  const files = (await readdir(directory)).filter((name) => /_(httproutes|gateways|gatewayclasses)\.yaml$/.test(name));
  for (const file of files) {
    const definition: KubeObject = parse(await readFile(join(directory, file), 'utf8'));
    await client.apply(definitions, definition);
  }
  await until(() => isServed(client, resources.httpRoutes));
  await until(() => isServed(client, resources.outerGateways));
}
