// Reads the demo's command line.
import type { ClusterOptions } from '../test/cluster/cluster-type.ts';
import { type Command, parseCommandLine } from '../test/command-line.ts';

const options = {
  clean: { type: 'boolean', default: false, help: 'remove what the demo made' },
  context: { type: 'string', value: 'CONTEXT', help: 'use this cluster of yours; images are pushed to --registry' },
  kubeconfig: { type: 'string', value: 'PATH', help: 'of that cluster; default $KUBECONFIG, then ~/.kube/config' },
  registry: { type: 'string', value: 'HOST/PATH', help: 'where your cluster pulls images from' },
  namespace: { type: 'string', value: 'NAME', default: 'demo', help: 'where the demo plays' },
} as const;

/** Without options it runs on a cluster of its own, named demo, which stays until it is cleaned up. */
export const command: Command<typeof options> = {
  name: 'npm run demo --',
  summary:
    'Trains, serves and replaces models on a real Kubernetes: without options on a cluster of its own, which stays.',
  options,
};

/** What a user asked for. */
export interface Arguments {
  readonly command: 'run' | 'clean';
  readonly namespace: string;
  readonly cluster: ClusterOptions;
  /** The options that name cluster and namespace, as they were given. */
  readonly target: readonly string[];
  /** Whether the cluster is the user's. */
  readonly isForeign: boolean;
}

/** @throws Error that says what is wrong with the command line. */
export function readArguments(args: readonly string[]): Arguments {
  const reading = parseCommandLine(command, args);
  if (reading.type !== 'Given') throw new Error(reading.type === 'Help' ? reading.text : reading.message);
  const { clean, namespace, ...target } = reading.values;
  const isForeign = target.context !== undefined || target.kubeconfig !== undefined;
  if (isForeign && target.registry === undefined && !clean) {
    throw new Error('--context needs --registry HOST/PATH: your cluster must be able to pull the images.');
  }
  return {
    command: clean ? 'clean' : 'run',
    namespace,
    cluster: isForeign ? target : { name: 'demo', keep: true },
    target: args.filter((argument) => argument !== '--clean'),
    isForeign,
  };
}

/** The command that starts the demo on the same cluster and namespace, with further options. */
export function demoCommand({ target }: Arguments, ...further: readonly string[]): string {
  const options = [...target, ...further];
  return ['npm run demo', ...(options.length > 0 ? ['--', ...options] : [])].join(' ');
}
