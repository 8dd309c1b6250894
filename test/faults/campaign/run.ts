// One run: a namespace, a scenario's user, an operator behind a fault proxy, a fault; until everything is quiet.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isTransient } from '@sluice/operator/kube/errors.ts';
import type { KubeObject } from '@sluice/operator/kube/objects.ts';
import { objectPath, RESOURCES } from '@sluice/operator/kube/resources.ts';
import { resources } from '@sluice/operator/shell/resources.ts';
import { freePorts } from '../../integration/free-ports.ts';
import { differences } from '../end-state/differ.ts';
import { type EndState, readEndState } from '../end-state/end-state.ts';
import { type FaultProxy, startFaultProxy } from '../proxy/fault-proxy.ts';
import { isAccepted } from '../proxy/record.ts';
import type { Scenario, UserAction } from '../scenarios/scenario.ts';
import { type Snapshot, takeSnapshot } from '../scenarios/snapshot.ts';
import type { PlayedNamespace } from '../world/played-namespace.ts';
import type { World } from '../world/world.ts';
import { OperatorProcess } from './operator-process.ts';
import { isRenewal, writeName } from './write-name.ts';

/** What goes wrong in a run. `begin` is called when the scenario has been prepared, before its first action that counts. */
export interface Disturbance {
  readonly name: string;
  begin(run: Run): void | Promise<void>;
  /** Whether the fault has come to pass; a run in which it has not proves nothing. */
  hasHappened(run: Run): boolean;
  /** Undoes what would outlive the run. */
  end?(run: Run): void | Promise<void>;
}

/** How a run ended. */
export interface RunResult {
  /** Undefined when it did not end in time. */
  readonly endState: EndState | undefined;
  readonly seconds: number;
  readonly hasHappened: boolean;
  /** Accepted writes of the operator by name, in the order of arrival, without renewals of the lease. */
  readonly writes: readonly string[];
  /** Directory with the operator's logs and the proxy's record. */
  readonly traces: string;
}

const lookEveryMs = 250;
/** Longer than the pause between two looks of the operator at its gateways. */
const quietMs = 1500;
const workMs = 150;
const settleEveryMs = 500;
/** An end that nobody has foreseen is the end when it has not changed for so long. */
const endStaysMs = 6000;
/** One that differs from the foreseen end may still become it: controllers try again after back-offs. */
const unexpectedStaysMs = 30_000;

/** For what and for how long a run waits. */
export interface Patience {
  readonly deadlineMs: number;
  /** The end of a run without a fault, if it is known. */
  readonly expected?: EndState;
}

/** A run under way. */
export class Run {
  readonly world: World;
  readonly proxy: FaultProxy;
  readonly namespace: string;
  readonly #scenario: Scenario;
  readonly #traces: string;
  readonly #ports: { readonly xds: number; readonly status: number };
  readonly #played: PlayedNamespace;
  #operator: OperatorProcess | undefined;
  #processes = 0;
  #isReplacing = false;
  #isOver = false;
  #isUndisturbed = () => true;
  /** Writes that only prepared the scenario. */
  #preparing = 0;

  constructor(parts: {
    readonly world: World;
    readonly proxy: FaultProxy;
    readonly scenario: Scenario;
    readonly place: { readonly namespace: string; readonly traces: string; readonly ports: readonly number[] };
  }) {
    const { world, proxy, scenario, place } = parts;
    const [xds = 0, status = 0] = place.ports;
    this.world = world;
    this.proxy = proxy;
    this.namespace = place.namespace;
    this.#scenario = scenario;
    this.#traces = place.traces;
    this.#ports = { xds, status };
    const { qualities = {}, outOfMemory = [] } = scenario;
    const xdsAddress = `127.0.0.1:${xds}`;
    this.#played = world.node.join(place.namespace, { xdsAddress, hop: world.hop, qualities, outOfMemory, workMs });
  }

  /** The run is not over before `isOver` holds. */
  waitFor(isOver: () => boolean): void {
    this.#isUndisturbed = isOver;
  }

  /** Kills the operator, lets the time pass that its lease would have had, and starts another one. */
  async replaceOperator(): Promise<void> {
    this.#isReplacing = true;
    await this.#operator?.kill();
    await this.#forgetLease();
    this.#start();
    this.#isReplacing = false;
  }

  /** Plays the whole scenario. */
  async play(disturbance: Disturbance | undefined, { deadlineMs, expected }: Patience): Promise<RunResult> {
    const startedMs = performance.now();
    try {
      await this.#apply({ metadata: { name: this.namespace }, apiVersion: 'v1', kind: 'Namespace' });
      const isPrepared = (this.#scenario.preparing ?? 0) === 0;
      if (isPrepared) await disturbance?.begin(this);
      this.#start();
      const isOver = await this.#live(disturbance, startedMs + deadlineMs);
      const seconds = (performance.now() - startedMs) / 1000;
      const hasHappened = disturbance?.hasHappened(this) ?? true;
      const writes = this.#writes().slice(this.#preparing).filter(isAccepted);
      return {
        endState: isOver ? await this.#settled(expected) : undefined,
        writes: writes.map((write) => writeName({ ...write, body: write.requestBody ?? '' })),
        ...{ seconds, hasHappened, traces: this.#traces },
      };
    } finally {
      this.#isOver = true;
      await this.#operator?.kill();
      await disturbance?.end?.(this);
      this.world.node.leave(this.namespace);
      await this.proxy.stop();
    }
  }

  /** True when the end has come and stays; false when time is up. */
  async #live(disturbance: Disturbance | undefined, deadlineMs: number): Promise<boolean> {
    const { preparing = 0 } = this.#scenario;
    const actions = [...this.#scenario.actions];
    while (performance.now() < deadlineMs) {
      this.#restartIfEnded();
      const now = await this.#look();
      const [next] = actions;
      if (now && next && (next.when?.(now) ?? true)) {
        if (preparing > 0 && actions.length + preparing === this.#scenario.actions.length) {
          this.#preparing = this.#writes().length;
          await disturbance?.begin(this);
        }
        await this.#act(next);
        actions.shift();
        continue;
      }
      if (now && !next && this.#scenario.isDone(now) && this.#isQuiet()) return true;
      await delay(lookEveryMs);
    }
    return false;
  }

  #isQuiet(): boolean {
    return this.#isUndisturbed() && Date.now() - Date.parse(this.#writes().at(-1)?.at ?? '') > quietMs;
  }

  #writes() {
    return this.proxy.writes({ namespace: this.namespace }).filter((write) => !isRenewal({ ...write, body: '' }));
  }

  async #look(): Promise<Snapshot | undefined> {
    try {
      return await takeSnapshot(this.world.client, this.namespace);
    } catch (error) {
      if (isTransient(error)) return undefined;
      throw error;
    }
  }

  async #act({ apply = [], remove = [] }: UserAction): Promise<void> {
    for (const object of apply) await this.#apply(object);
    for (const { kind, name } of remove) {
      const resource = Object.values(resources).find((each) => each.kind === kind);
      if (!resource) throw new Error(`no resource is known for ${kind}`);
      const path = objectPath(resource, { namespace: this.namespace, name });
      await this.world.transport.request({ method: 'DELETE', path, deadline: 'write' });
    }
  }

  async #apply(object: KubeObject): Promise<void> {
    const own = { ...resources, namespaces: RESOURCES.namespaces };
    const resource = Object.values(own).find(({ kind }) => kind === object.kind);
    if (!resource) throw new Error(`no resource is known for ${object.kind}`);
    const metadata = resource.namespaced ? { ...object.metadata, namespace: this.namespace } : object.metadata;
    await this.world.client.apply(resource, { ...object, metadata });
  }

  #start(): void {
    if (this.#isOver) return;
    this.#processes += 1;
    this.#operator = new OperatorProcess({
      operatorPath: this.world.operatorPath,
      namespace: this.namespace,
      kubeconfigPath: this.proxy.kubeconfigPath,
      xdsPort: this.#ports.xds,
      statusPort: this.#ports.status,
      logPath: join(this.#traces, `operator-${this.#processes}.log`),
    });
  }

  /** As Kubernetes does: an operator that lost its lease ends by itself. */
  #restartIfEnded(): void {
    if (this.#operator?.hasEnded && !this.#isReplacing) this.#start();
  }

  async #forgetLease(): Promise<void> {
    const { items } = await this.world.client.list(RESOURCES.leases, { namespace: this.namespace });
    for (const { metadata } of items) await this.world.client.delete(RESOURCES.leases, metadata, { uid: metadata.uid });
  }

  /** The end when it is as expected, or stays as it is: what is no longer needed goes after the status says so. */
  async #settled(expected: EndState | undefined): Promise<EndState> {
    const staysMs = expected ? unexpectedStaysMs : endStaysMs;
    let found = await this.#endState();
    for (let sinceMs = performance.now(); ; ) {
      const isExpected = expected !== undefined && differences(expected, found).length === 0;
      if (this.#isQuiet() && (isExpected || performance.now() - sinceMs > staysMs)) return found;
      this.#restartIfEnded();
      await delay(settleEveryMs);
      const next = await this.#endState();
      if (differences(found, next).length > 0) sinceMs = performance.now();
      found = next;
    }
  }

  #endState(): Promise<EndState> {
    const { namespace, world } = this;
    const { lostRequests } = this.#played;
    return readEndState(world.client, { namespace, audit: world.audit, lostRequests });
  }
}

let runs = 0;

/** Prepares a run in a namespace of its own. */
export async function prepareRun(world: World, scenario: Scenario, directory: string): Promise<Run> {
  runs += 1;
  const namespace = `${scenario.name}-run-${runs}`;
  const traces = join(directory, namespace);
  await mkdir(traces, { recursive: true });
  const recordTo = join(traces, 'requests.jsonl');
  const proxy = await startFaultProxy({ kubeconfig: world.operatorKubeconfigPath, keepBodies: true, recordTo });
  return new Run({ world, proxy, scenario, place: { namespace, traces, ports: await freePorts(2) } });
}
