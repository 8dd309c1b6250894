// Plays the kubelet of a node that runs everything: pods get an address, become ready, do their part, and end.

import { Reflector } from '@sluice/operator/kube/cache/reflector.ts';
import { Store } from '@sluice/operator/kube/cache/store.ts';
import type { KubeClient } from '@sluice/operator/kube/client.ts';
import type { Stored } from '@sluice/operator/kube/objects.ts';
import { RESOURCES } from '@sluice/operator/kube/resources.ts';
import type { Transport } from '@sluice/operator/kube/transport/transport.ts';
import { type Behaviour, PlayedNamespace, type Pod } from './played-namespace.ts';
import { PlayedPod } from './played-pod.ts';

export interface PlayedNodeOptions {
  readonly client: KubeClient;
  readonly transport: Transport;
  /** Whether a pod is played here; all are when absent. */
  readonly plays?: (pod: Stored<Pod>) => boolean;
}

/** Every pod of the namespaces that have joined. */
export class PlayedNode {
  readonly #client: KubeClient;
  readonly #transport: Transport;
  readonly #store = new Store<Pod>();
  readonly #namespaces = new Map<string, PlayedNamespace>();
  readonly #pods = new Map<string, PlayedPod>();
  readonly #plays: (pod: Stored<Pod>) => boolean;

  constructor({ client, transport, plays = () => true }: PlayedNodeOptions) {
    this.#client = client;
    this.#transport = transport;
    this.#plays = plays;
    this.#store.subscribe((change) => {
      if (change.type === 'deleted') this.#end(change.object.metadata.uid);
      else this.#see(change.object);
    });
  }

  /** Watches pods until `signal` aborts; then every played pod ends. */
  async run(signal: AbortSignal): Promise<void> {
    const reflector = new Reflector<Pod>({ client: this.#client, resource: RESOURCES.pods, store: this.#store });
    await reflector.run(signal);
    for (const uid of [...this.#pods.keys()]) this.#end(uid);
  }

  /** Plays the pods of a namespace from now on. */
  join(name: string, behaviour: Behaviour): PlayedNamespace {
    const namespace = new PlayedNamespace(name, behaviour, this.#store);
    this.#namespaces.set(name, namespace);
    for (const pod of this.#store.inNamespace(name)) this.#see(pod);
    return namespace;
  }

  /** Ends the pods of a namespace; nobody is told. */
  leave(name: string): void {
    this.#namespaces.delete(name);
    for (const { metadata } of this.#store.inNamespace(name)) this.#end(metadata.uid);
  }

  #see(pod: Stored<Pod>): void {
    const namespace = this.#namespaces.get(pod.metadata.namespace ?? '');
    if (namespace === undefined || !this.#plays(pod)) return;
    const known = this.#pods.get(pod.metadata.uid);
    if (known === undefined) {
      const played = new PlayedPod(pod, namespace, this.#transport);
      this.#pods.set(pod.metadata.uid, played);
      played.start();
    } else if (pod.metadata.deletionTimestamp !== undefined) known.terminate();
  }

  #end(uid: string): void {
    this.#pods.get(uid)?.stop();
    this.#pods.delete(uid);
  }
}
