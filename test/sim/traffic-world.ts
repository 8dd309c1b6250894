// A world for the laws of the traffic port: simulated Envoys behind it, the real routing table before them.
import { formatTime } from '@sluice/operator/core/conditions.ts';
import { noRefusals } from '@sluice/operator/core/gateway/delivery/refusals.ts';
import type { GatewayReading } from '@sluice/operator/core/gateway/observed.ts';
import { planGateway } from '@sluice/operator/core/gateway/plan.ts';
import type { RoutingTable } from '@sluice/operator/core/gateway/routes.ts';
import { gatewayTraffic } from '@sluice/operator/core/gateway/traffic/traffic.ts';
import { revisionName } from '@sluice/operator/core/names.ts';
import type { ObservedPod } from '@sluice/operator/core/pods/observed.ts';
import type { Traffic } from '@sluice/operator/core/traffic/port.ts';
import type { TrafficWorld, Wanted } from '@sluice/operator/core/traffic/testing/laws.ts';
import { pollTypes, SimulatedEnvoy } from './envoy.ts';
import { gatewaySettings, name, startedAt } from './objects.ts';
import { good } from './quality.ts';

export class EnvoyTrafficWorld implements TrafficWorld {
  #now = startedAt;
  #table: RoutingTable | undefined;
  readonly #envoys: (SimulatedEnvoy | undefined)[] = [];
  readonly #readings = new Map<number, GatewayReading>();

  constructor() {
    for (let gateway = 0; gateway < 2; gateway += 1) this.open(this.add());
  }

  want(shares: Wanted): void {
    const backends = Object.entries(shares).map(([revision, percent]) => ({
      ...{ revision, percent, requestTimeoutSeconds: 10 },
    }));
    const requests = [{ deployment: name, port: undefined, backends }];
    const observed = { namespace: 'ml', wish: undefined, table: this.#table, pods: this.#pods(), requests };
    this.#table = planGateway({ ...observed, readings: this.#known() }, this.#now, gatewaySettings)?.table;
  }

  take(gateway: number): void {
    for (const type of pollTypes) this.#envoys[gateway]?.poll(type, this.#table);
  }

  read(gateway: number): void {
    const envoy = this.#envoys[gateway];
    if (envoy) this.#readings.set(gateway, { podUid: envoy.uid, report: envoy.state(name), at: this.#now });
  }

  add(): number {
    return this.#envoys.push(new SimulatedEnvoy(`envoy-${this.#envoys.length}`, this.#now)) - 1;
  }

  open(gateway: number): void {
    const envoy = this.#envoys[gateway];
    if (envoy) envoy.isReady = true;
  }

  retire(gateway: number): void {
    const envoy = this.#envoys[gateway];
    if (envoy) envoy.isRetired = true;
  }

  remove(gateway: number): void {
    this.#envoys[gateway] = undefined;
  }

  find(gateway: number, revision: string, pods: number): void {
    const envoy = this.#envoys[gateway];
    if (envoy) envoy.hosts = { ...envoy.hosts, [revisionName(name, revision)]: pods };
  }

  serve(gateway: number, requests: number, failing?: string): void {
    this.#envoys[gateway]?.serve(name, requests, (revision) => (revision === failing ? undefined : good));
  }

  restart(gateway: number): void {
    this.#envoys[gateway]?.restart(this.#now);
  }

  refuse(gateway: number, message: string | undefined): void {
    const envoy = this.#envoys[gateway];
    const refused = { type: 'listeners' as const, name, deployment: name, message: message ?? '' };
    if (envoy) envoy.refusals = message === undefined ? noRefusals : { deployments: [name], words: [refused] };
  }

  pass(seconds: number): void {
    this.#now += seconds * 1000;
  }

  given(gateway: number): Wanted | undefined {
    const envoy = this.#envoys[gateway];
    return envoy?.isReady && !envoy.isRetired ? envoy.shares(name) : undefined;
  }

  answers(): Traffic {
    const client = { deployment: name, model: name, exposedAs: undefined };
    return gatewayTraffic(
      { table: this.#table, gatewayPods: this.#pods(), gatewayReadings: this.#known(), gatewaySilences: [] },
      client,
      this.#now,
    );
  }

  #pods = (): ObservedPod[] => this.#envoys.flatMap((envoy) => (envoy ? [envoy.pod(formatTime(startedAt))] : []));

  /** The operator forgets what pods said that are gone. */
  #known = (): GatewayReading[] =>
    this.#envoys.flatMap((envoy, gateway) => (envoy ? (this.#readings.get(gateway) ?? []) : []));
}
