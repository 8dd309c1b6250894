// Envoy Gateway from its Go module: compiled once, put into an image, and installed by its own chart.
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { baseImage } from '../cluster/base-image.ts';
import { cachedDirectory } from '../cluster/cache-directory.ts';
import type { Cluster } from '../cluster/cluster-type.ts';
import { buildImage } from '../cluster/docker-image.ts';
import { goCompiler } from '../cluster/go-compiler.ts';
import { imageName } from '../cluster/images.ts';
import type { Progress } from '../cluster/progress.ts';
import { runCommand } from '../cluster/run-command.ts';

const version = 'v1.5.0';
const image = `localhost/envoy-gateway:${version}`;

/** Namespace of its chart. */
export const namespace = 'envoy-gateway-system';

/** The module's sources with the program beside them; some fifteen minutes on two cores. */
function compiled(progress: Progress): Promise<string> {
  return cachedDirectory(`envoy-gateway-${version}`, (directory) =>
    progress.stage('compiling Envoy Gateway', async (report) => {
      const go = await goCompiler(report);
      const said = await runCommand([go, 'mod', 'download', '-json', `github.com/envoyproxy/gateway@${version}`]);
      const { Dir: module } = JSON.parse(said) as { Dir: string };
      await cp(module, directory, { recursive: true });
      // A module lies read-only in the cache.
      await runCommand(['chmod', '-R', 'u+w', directory]);
      const build = [go, 'build', '-C', directory, '-mod=mod', '-trimpath', '-ldflags=-s -w', '-o', 'envoy-gateway'];
      await runCommand([...build, './cmd/envoy-gateway'], { env: { CGO_ENABLED: '0' }, onErrorLine: report });
    }),
  );
}

/** Its chart has placeholders where a release puts the image. */
async function chartIn(directory: string): Promise<string> {
  const chart = join(directory, 'charts', 'gateway-helm');
  const template = await readFile(join(chart, 'values.tmpl.yaml'), 'utf8');
  const values = template
    .replaceAll(`\${GatewayImage}`, image)
    .replaceAll(`\${GatewayImagePullPolicy}`, 'IfNotPresent')
    .replaceAll(`\${ImageTag}`, version);
  await writeFile(join(chart, 'values.yaml'), values);
  return chart;
}

/** The proxies run the Envoy of our own image, at an address of the cluster: there is no balancer. */
const gatewayClass = () => [
  {
    apiVersion: 'gateway.envoyproxy.io/v1alpha1',
    kind: 'EnvoyProxy',
    metadata: { name: 'ours', namespace },
    spec: {
      provider: {
        type: 'Kubernetes',
        kubernetes: {
          envoyDeployment: { container: { image: imageName('gateway'), resources: { requests: { cpu: '20m' } } } },
          envoyService: { type: 'ClusterIP' },
        },
      },
    },
  },
  {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'GatewayClass',
    metadata: { name: 'eg' },
    spec: {
      controllerName: 'gateway.envoyproxy.io/gatewayclass-controller',
      parametersRef: { group: 'gateway.envoyproxy.io', kind: 'EnvoyProxy', name: 'ours', namespace },
    },
  },
];

export const apply = (cluster: Cluster, objects: readonly object[]) =>
  cluster.kubectl(
    ['apply', '--server-side', '--force-conflicts', '-f', '-'],
    objects.map((each) => JSON.stringify(each)).join('\n---\n'),
  );

/** Installs it with the CRDs of the Gateway API and a GatewayClass `eg`. */
export async function installEnvoyGateway(cluster: Cluster, progress: Progress): Promise<void> {
  const directory = await compiled(progress);
  await progress.stage('building the image of Envoy Gateway', async () => {
    await buildImage(image, {
      dockerfile: join(import.meta.dirname, 'Dockerfile'),
      context: { 'envoy-gateway': join(directory, 'envoy-gateway') },
      buildArguments: { BASE_IMAGE: await baseImage(progress) },
    });
    await cluster.loadImages([image]);
  });
  await progress.stage('installing Envoy Gateway', async () => {
    const chart = await chartIn(directory);
    const crds = join(chart, 'crds');
    const files = ['-f', join(crds, 'gatewayapi-crds.yaml'), '-f', join(crds, 'generated')];
    await cluster.kubectl(['apply', '--server-side', '--force-conflicts', ...files]);
    const wishes = ['deployment.envoyGateway.resources.requests.cpu=20m', 'topologyInjector.enabled=false'];
    const settings = wishes.flatMap((each) => ['--set', each]);
    const place = [`--kubeconfig=${cluster.kubeconfigPath}`, '--namespace', namespace, '--create-namespace'];
    const helm = [join(cluster.toolsPath, 'helm'), 'upgrade', '--install', 'eg', chart, '--skip-crds', ...place];
    await runCommand([...helm, ...settings, '--wait', '--timeout=180s']);
    await apply(cluster, gatewayClass());
  });
}

/** Removes it with every Gateway and the CRDs: first what it holds by a finalizer, while it is there to let go. */
export async function removeEnvoyGateway(cluster: Cluster): Promise<void> {
  const place = [`--kubeconfig=${cluster.kubeconfigPath}`, '--namespace', namespace];
  const names = await cluster.kubectl(['get', 'crds', '-o', 'name']);
  const theirs = names.split('\n').filter((name) => /\.gateway\.(networking\.(x-)?k8s\.io|envoyproxy\.io)$/.test(name));
  if (theirs.length > 0) {
    await cluster.kubectl(['delete', 'gateways.gateway.networking.k8s.io', '--all', '--all-namespaces']);
    await cluster.kubectl(['delete', 'gatewayclasses.gateway.networking.k8s.io', 'eg', '--ignore-not-found']);
  }
  await runCommand([join(cluster.toolsPath, 'helm'), 'uninstall', 'eg', '--ignore-not-found', ...place]);
  await cluster.kubectl(['delete', 'namespace', namespace, '--ignore-not-found', '--wait=false']);
  // Hooks of a chart stay.
  const roles = await cluster.kubectl(['get', 'clusterroles,clusterrolebindings', '-o', 'name']);
  const hooks = roles.split('\n').filter((name) => name.endsWith(`:${namespace}`));
  if (hooks.length > 0) await cluster.kubectl(['delete', ...hooks]);
  if (theirs.length > 0) await cluster.kubectl(['delete', ...theirs]);
}
