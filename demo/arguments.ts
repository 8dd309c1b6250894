// Reads the demo's command line.
import { parseArgs } from 'node:util';
import type { ClusterOptions } from '../test/cluster/cluster-type.ts';

export const usage = `Usage: npm run demo -- [options]
  Without options: on a cluster of its own, named demo, which stays until you clean up.
  --clean                remove what the demo made
  --context CONTEXT      use this cluster of yours; images are pushed to --registry
  --kubeconfig PATH      of that cluster; default $KUBECONFIG, then ~/.kube/config
  --registry HOST/PATH   where your cluster pulls images from
  --namespace NAME       default demo`;

/** What a user asked for. */
export interface Arguments {
  readonly command: 'run' | 'clean' | 'help';
  readonly namespace: string;
  readonly cluster: ClusterOptions;
  /** The options that name cluster and namespace, as they were given. */
  readonly target: readonly string[];
  /** Whether the cluster is the user's. */
  readonly isForeign: boolean;
}

/** Throws an error that names the wrong option. */
export function readArguments(args: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      clean: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
      context: { type: 'string' },
      kubeconfig: { type: 'string' },
      registry: { type: 'string' },
      namespace: { type: 'string', default: 'demo' },
    },
  });
  const { clean, help, namespace, ...target } = values;
  const isForeign = target.context !== undefined || target.kubeconfig !== undefined;
  if (isForeign && target.registry === undefined && !clean && !help) {
    throw new Error('--context needs --registry HOST/PATH: your cluster must be able to pull the images.');
  }
  return {
    command: help ? 'help' : clean ? 'clean' : 'run',
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
