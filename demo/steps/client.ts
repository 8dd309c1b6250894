// A client inside the cluster: it speaks to models as any application of the namespace does, through the Service's name.
import { readFile } from 'node:fs/promises';
import { applyObjects, kubectlIn, type Place } from './place.ts';
import { restrictedPod } from './restricted-pod.ts';

const client = 'client';
const scripts = ['ask.ts', 'load.ts'] as const;

/** What a server answered. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Starts the client's pod; resolves when it runs. */
export async function startClient(place: Place): Promise<void> {
  const texts = scripts.map((name) => readFile(new URL(`../in-pod/${name}`, import.meta.url), 'utf8'));
  const data = Object.fromEntries((await Promise.all(texts)).map((text, index) => [scripts[index], text]));
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: client }, data };
  const volumes = { '/scripts': { configMap: { name: client } } };
  await applyObjects(place, [configMap, restrictedPod(place, { name: client, volumes })]);
  await kubectlIn(place, ['wait', '--for=condition=Ready', `pod/${client}`, '--timeout=120s']);
}

/** The kubectl arguments that run one of the client's scripts with a standard input. Node 22 runs TypeScript as it is. */
export function clientCommand(place: Place, script: (typeof scripts)[number], args: readonly string[] = []): string[] {
  const node = ['node', '--disable-warning=ExperimentalWarning', `/scripts/${script}`, ...args];
  return ['--namespace', place.namespace, 'exec', '--stdin', client, '--', ...node];
}

/** Runs a command in the client's pod; resolves to its standard output. */
export function inClient(place: Place, command: readonly string[]): Promise<string> {
  return kubectlIn(place, ['exec', client, '--', ...command]);
}

/** Posts a body to a URL from inside the cluster. */
export async function ask(place: Place, url: string, body: string): Promise<Answer> {
  return JSON.parse(await place.cluster.kubectl(clientCommand(place, 'ask.ts', [url]), body)) as Answer;
}
