// The life of one played pod: bound, running, and then what its part is; written to the apiserver as a kubelet writes it.
import { setTimeout as delay } from 'node:timers/promises';
import { type ProgressReport, ports } from '@sluice/crds/contract.ts';
import { labels } from '@sluice/operator/core/names.ts';
import { isTransient } from '@sluice/operator/kube/errors.ts';
import { type Stored, time } from '@sluice/operator/kube/objects.ts';
import { objectPath, RESOURCES } from '@sluice/operator/kube/resources.ts';
import type { Transport } from '@sluice/operator/kube/transport/transport.ts';
import { hangUp, nextAddress, tryListen } from './address-book.ts';
import { PlayedEnvoy } from './played-envoy.ts';
import type { PlayedNamespace, Pod } from './played-namespace.ts';
import { type ContainerEnd, evaluatorEnd, trainerEnd, verifierEnd } from './termination-messages.ts';

/** Where pods are bound. A controller that collects pods of nodes that are not there wants such a node. */
export const playedNodeName = 'played';
/** Long enough that a second look at the pod is another look. */
const startMs = 50;
const retryMs = 250;

/** One pod. It never throws: what cannot be written any more is of a pod that is gone. */
export class PlayedPod {
  readonly #pod: Stored<Pod>;
  readonly #namespace: PlayedNamespace;
  readonly #transport: Transport;
  readonly #life = new AbortController();
  readonly #address = nextAddress();
  readonly #startedAt = time(new Date());
  #isTerminating = false;
  #isGone = false;

  constructor(pod: Stored<Pod>, namespace: PlayedNamespace, transport: Transport) {
    this.#pod = pod;
    this.#namespace = namespace;
    this.#transport = transport;
  }

  start(): void {
    if (this.#pod.metadata.deletionTimestamp === undefined) void this.#run();
    else this.terminate();
  }

  /** Somebody has deleted the pod: its processes end, and it is removed for good. */
  terminate(): void {
    if (this.#isTerminating) return;
    this.#isTerminating = true;
    this.#life.abort();
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: 0 };
    void this.#persist({ method: 'DELETE', path: objectPath(RESOURCES.pods, this.#pod.metadata), body });
  }

  /** The pod is gone, or nobody is interested any more. */
  stop(): void {
    this.#isGone = true;
    this.#life.abort();
  }

  async #run(): Promise<void> {
    const path = `${objectPath(RESOURCES.pods, this.#pod.metadata)}/binding`;
    const metadata = { name: this.#pod.metadata.name, namespace: this.#namespace.name };
    const target = { kind: 'Node', name: playedNodeName };
    await this.#persist({ method: 'POST', path, body: { apiVersion: 'v1', kind: 'Binding', metadata, target } });
    await this.#pause(startMs);
    await this.#play(this.#pod.metadata.labels?.[labels.component] ?? '');
  }

  async #play(component: string): Promise<void> {
    if (component === 'trainer') await this.#work(() => trainerEnd(this.#pod, this.#namespace));
    else if (component === 'evaluator') await this.#work(() => evaluatorEnd(this.#pod, this.#namespace));
    else if (component === 'verifier') await this.#work(() => verifierEnd);
    else if (component === 'gateway') await this.#route();
    else await this.#report({ isReady: true });
  }

  /** Runs for a while and ends; a trainer tells how far it is, where its port is free: nobody depends on that. */
  async #work(endOf: () => ContainerEnd): Promise<void> {
    const server = await tryListen({ address: this.#address, port: ports.progress }, (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(progress));
    });
    await this.#report({ isReady: true });
    await this.#pause(this.#namespace.behaviour.workMs);
    hangUp(server);
    if (!this.#life.signal.aborted) await this.#report({ isReady: false, end: endOf() });
  }

  async #route(): Promise<void> {
    const envoy = new PlayedEnvoy(this.#namespace, this.#pod.metadata);
    await this.#report({ isReady: false });
    await envoy.run(this.#address, this.#life.signal, () => void this.#report({ isReady: true }));
  }

  async #report(state: { readonly isReady: boolean; readonly end?: ContainerEnd }): Promise<void> {
    const path = objectPath(RESOURCES.pods, this.#pod.metadata, 'status');
    const status = { status: this.#status(state) };
    await this.#persist({ method: 'PATCH', path, body: status, contentType: 'application/merge-patch+json' });
  }

  #status({ isReady, end }: { readonly isReady: boolean; readonly end?: ContainerEnd }) {
    const at = time(new Date());
    const condition = (type: string, value: boolean) => ({
      type,
      status: value ? 'True' : 'False',
      lastTransitionTime: at,
    });
    const state = end
      ? { terminated: { ...end, startedAt: this.#startedAt, finishedAt: at } }
      : { running: { startedAt: this.#startedAt } };
    const containers = this.#pod.spec.containers.map(({ name }) => ({
      ...{ name, image: 'played', imageID: '', restartCount: 0, ready: isReady, started: end === undefined, state },
    }));
    const address = this.#namespace.behaviour.addressInCluster?.(this.#address) ?? this.#address;
    return {
      phase: end === undefined ? 'Running' : end.exitCode === 0 ? 'Succeeded' : 'Failed',
      ...{ hostIP: '127.0.0.1', podIP: address, podIPs: [{ ip: address }], startTime: this.#startedAt },
      conditions: [
        ...[condition('PodScheduled', true), condition('Initialized', true)],
        ...[condition('ContainersReady', isReady), condition('Ready', isReady)],
      ],
      containerStatuses: containers,
    };
  }

  /** Tries until the apiserver has said yes or no. */
  async #persist(write: {
    readonly method: 'POST' | 'PATCH' | 'DELETE';
    readonly path: string;
    readonly body: object;
    readonly contentType?: string;
  }): Promise<void> {
    while (!this.#isGone && (write.method === 'DELETE' || !this.#life.signal.aborted)) {
      try {
        await this.#transport.request({ ...write, deadline: 'write' });
        return;
      } catch (error) {
        if (!isTransient(error)) return;
        await delay(retryMs);
      }
    }
  }

  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#life.signal }).catch(() => {});
  }
}

const progress: ProgressReport = {
  ...{ attempt: 1, stage: 'Fitting', step: 5, totalSteps: 10, epoch: 1, totalEpochs: 2, etaSeconds: 1, idleSeconds: 0 },
  metrics: [{ name: 'loss', value: 0.5 }],
};
