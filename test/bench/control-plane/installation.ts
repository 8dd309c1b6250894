// What install.yaml puts on a cluster, taken apart: objects that are applied, and the command line and environment of the
// operator's container, so that the benchmark runs what users run.
import { readFile } from 'node:fs/promises';
import { parseAllDocuments } from 'yaml';

/** The operator as the chart starts it. */
export type Installation = {
  /** CRDs, roles, bindings: everything but what runs or routes. */
  readonly objects: readonly object[];
  /** Flags of `node`, for example `--max-old-space-size=192`. */
  readonly nodeFlags: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
};

type Manifest = { readonly kind: string; readonly spec?: { readonly template?: { readonly spec: PodSpec } } };
type PodSpec = {
  readonly containers: readonly {
    readonly env: readonly { readonly name: string; readonly value?: string }[];
    readonly resources: { readonly limits: { readonly memory: string } };
  }[];
};

const running = ['Deployment', 'Service', 'NetworkPolicy'];

const fileOf = (path: string) => readFile(new URL(`../../../${path}`, import.meta.url), 'utf8');

/** @throws Error when install.yaml holds no operator, or the image's command is not as it was. */
export async function readInstallation(): Promise<Installation> {
  const manifests = parseAllDocuments(await fileOf('install.yaml')).map((document) => document.toJS() as Manifest);
  const container = manifests.find(({ kind }) => kind === 'Deployment')?.spec?.template?.spec.containers[0];
  if (container === undefined) throw new Error('install.yaml holds no Deployment of the operator: npm run render');
  return {
    objects: manifests.filter(({ kind }) => !running.includes(kind)),
    nodeFlags: [heapFlag(await fileOf('operator/Dockerfile'), container.resources.limits.memory)],
    environment: Object.fromEntries(container.env.flatMap(({ name, value }) => (value ? [[name, value]] : []))),
  };
}

/** The image takes its share of the container's memory as heap; here there is no container, so the share is named. */
export function heapFlag(dockerfile: string, memoryLimit: string): string {
  const [, percent] = /"--max-old-space-size-percentage=(\d+)"/.exec(dockerfile) ?? [];
  const [, mebibytes] = /^(\d+)Mi$/.exec(memoryLimit) ?? [];
  if (percent === undefined || mebibytes === undefined) {
    throw new Error('operator/Dockerfile names no share of the memory as heap, or the chart limits it in other units.');
  }
  return `--max-old-space-size=${Math.floor((Number(mebibytes) * Number(percent)) / 100)}`;
}
