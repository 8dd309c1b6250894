// What install.yaml puts on a cluster, taken apart: objects that are applied, and the command line and environment of the
// operator's container, so that the benchmark runs what users run.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
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
    readonly command: readonly string[];
    readonly env: readonly { readonly name: string; readonly value?: string }[];
  }[];
};

const running = ['Deployment', 'Service', 'NetworkPolicy'];

/** @throws Error when install.yaml holds no operator. */
export async function readInstallation(): Promise<Installation> {
  const text = await readFile(fileURLToPath(new URL('../../../install.yaml', import.meta.url)), 'utf8');
  const manifests = parseAllDocuments(text).map((document) => document.toJS() as Manifest);
  const container = manifests.find(({ kind }) => kind === 'Deployment')?.spec?.template?.spec.containers[0];
  if (container === undefined) throw new Error('install.yaml holds no Deployment of the operator: npm run render');
  return {
    objects: manifests.filter(({ kind }) => !running.includes(kind)),
    nodeFlags: container.command.slice(1, -1),
    environment: Object.fromEntries(container.env.flatMap(({ name, value }) => (value ? [[name, value]] : []))),
  };
}
