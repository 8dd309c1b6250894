// A namespace with one ModelDeployment, folded forward by the real planners: everything else in it (apiserver, Deployment
// controller, DNS, Envoys) is simulated, comes late, and in any order. The operator sees caches, and may die at each write.
import { SimulatedCluster } from './cluster.ts';
import { SimulatedGateways } from './gateways.ts';
import { type Clock, startedAt } from './objects.ts';
import { SimulatedOperator } from './operator.ts';
import { OperatorWrites } from './operator-writes.ts';

export class World {
  readonly clock: Clock = { now: startedAt };
  readonly writes = new OperatorWrites();
  readonly cluster = new SimulatedCluster(this.writes);
  readonly gateways = new SimulatedGateways(this.clock, this.cluster);
  readonly operator = new SimulatedOperator(this);

  get status() {
    return this.cluster.status;
  }

  pass(seconds: number): void {
    this.clock.now += seconds * 1000;
  }

  /** Every part of the world moves on, second by second. */
  settle(seconds = 200): void {
    for (let second = 0; second < seconds; second += 1) this.tick();
  }

  /** A second in which everything goes on, the Envoys too. */
  tick(): void {
    this.operatorTurn({ seconds: 1, answers: () => true });
    this.gateways.pollAll();
  }

  /** Everything goes on but the Envoys' polls, and those answer the operator that `answers` picks. */
  operatorTurn({ seconds, answers }: { seconds: number; answers: (at: number) => boolean }): void {
    const { cluster, gateways, operator } = this;
    this.pass(seconds);
    gateways.serve(seconds * gateways.requestsPerSecond);
    cluster.runWorkloads();
    cluster.crash(this.clock.now);
    for (let at = 0; at < gateways.count; at += 1) {
      gateways.resolve(at);
      if (answers(at)) operator.read(at);
    }
    operator.watchAll();
    operator.reconcileDeployment();
    operator.watchAll();
    operator.reconcileGateway();
  }
}
