// Runs kubectl against one cluster.
import { join } from 'node:path';
import { runCommand } from './run-command.ts';

/** Which kubectl talks to which cluster. */
export interface KubectlTarget {
  readonly toolsPath: string;
  readonly kubeconfigPath: string;
  readonly context: string | undefined;
}

/** Resolves to kubectl's standard output; rejects with its message. */
export type Kubectl = (args: readonly string[], input?: string) => Promise<string>;

/** A `Kubectl` for `target`. */
export function kubectlFor(target: KubectlTarget): Kubectl {
  const command = [join(target.toolsPath, 'kubectl'), `--kubeconfig=${target.kubeconfigPath}`];
  if (target.context !== undefined) command.push(`--context=${target.context}`);
  return (args, input) => runCommand([...command, ...args], { input });
}

/** The first node's address that other machines of its network use. */
export async function nodeAddressOf(kubectl: Kubectl): Promise<string> {
  const path = '{.items[0].status.addresses[?(@.type=="InternalIP")].address}';
  return (await kubectl(['get', 'nodes', '-o', `jsonpath=${path}`])).trim();
}
