// Says what keeps the gateway from doing what a deployment asks, when it has had time enough: an ordered chain of checks,
// the first that speaks wins.
import { cutEnd } from '@sluice/crds/text.ts';
import { secondsSince } from '../../conditions.ts';
import type { Obstacle } from '../../obstacle.ts';
import { startupProblem } from '../../pods/startup.ts';
import { areInForce, type Share } from '../../traffic/shares.ts';
import { secretNamesOf } from '../access/rules.ts';
import { gatewayContainer } from '../children.ts';
import { isFull } from '../routes.ts';
import {
  type GatewayView,
  gatewaysWithoutHosts,
  hasGateway,
  isOpen,
  isTaken,
  laggingGateways,
  refusalsOf,
  routeOf,
} from './view.ts';

/** Weights arrive within a second, readings take one: what is not there after this long does not come by itself. */
export const deadlineSeconds = 15;

/** Limit of the status contract. */
const longestMessage = 200;

type Check = (view: GatewayView, shares: readonly Share[]) => Obstacle | undefined;

const noPort: Check = (view) =>
  view.table && isFull(view.table) && !routeOf(view)
    ? {
        reason: 'PortsExhausted',
        message: 'the gateway has no listener port left; delete a ModelDeployment, or use another namespace',
      }
    : undefined;

/** Speaks only when nothing was asked of the gateway for so long that it should have been done. */
const whenOverdue =
  (check: Check): Check =>
  (view, shares) => {
    const times = [...shares.map(({ changedAt }) => changedAt), ...[routeOf(view)?.changedAt ?? []].flat()];
    const isOverdue = times.every((time) => secondsSince(time, view.now) >= deadlineSeconds);
    return shares.length > 0 && isOverdue ? check(view, shares) : undefined;
  };

function noneOpen(view: GatewayView): Obstacle | undefined {
  if (isOpen(view)) return undefined;
  const secretNames = secretNamesOf(view.table?.rules);
  const problem = startupProblem(view.maker, view.pods, {
    memoryField: 'resources.memory of the ModelGateway',
    ownContainers: [gatewayContainer],
    secretNames,
  });
  const unknown = hasGateway(view)
    ? `no ready gateway pod has Secret ${secretNames.join(', ')}; until one has, nobody is let in`
    : 'no pod of Deployment sluice-gateway is ready';
  const message = problem === undefined ? unknown : `gateway: ${problem}`;
  return { reason: 'GatewayPending', message };
}

const unreachable: Check = (view, shares) => {
  if (areInForce(shares, { asked: routeOf(view)?.backends, isTaken: isTaken(view) })) return undefined;
  for (const { metadata } of laggingGateways(view)) {
    const silence = view.silences.find(({ podUid }) => podUid === metadata.uid);
    if (!silence || view.now - silence.since < deadlineSeconds * 1000) continue;
    const what = silence.isAnswering
      ? `answers without Envoy's statistics (${silence.problem}); delete the pod, a new one takes its place`
      : `does not answer (${silence.problem}); allow it in the NetworkPolicy`;
    return { reason: 'GatewaysUnreachable', message: `port 9902 of pod ${metadata.name} ${what}` };
  }
  return undefined;
};

/** Said at once, in Envoy's own words: nothing of it comes by itself. */
const refused: Check = (view) => {
  const [refusal] = refusalsOf(view);
  if (!refusal) return undefined;
  const what = refusal.words ? `${refusal.words.type} ${refusal.words.name}: ${refusal.words.message}` : 'its routes';
  return { reason: 'GatewayRejected', message: cutEnd(`Envoy in pod ${refusal.pod} refuses ${what}`, longestMessage) };
};

/** A backend that every gateway pod knows by name, and one cannot find: without weight it would wait for ever. */
const withoutHosts: Check = (view, shares) => {
  const waiting = shares.find(({ wantedPercent, verifiedPercent }) => wantedPercent === 0 && verifiedPercent === 0);
  const [pod] = waiting ? gatewaysWithoutHosts(waiting.revision, view) : [];
  return pod && waiting
    ? {
        reason: 'ServersNotFound',
        message: `gateway pod ${pod.metadata.name} finds no pod of ${waiting.version} by DNS; check the cluster's DNS`,
      }
    : undefined;
};

const checks: readonly Check[] = [noPort, refused, ...[noneOpen, unreachable].map(whenOverdue)];

/** Undefined while the gateway is as wanted, or may still become so by itself. */
export function gatewayObstacle(view: GatewayView, shares: readonly Share[]): Obstacle | undefined {
  for (const check of checks) {
    const obstacle = check(view, shares);
    if (obstacle) return obstacle;
  }
  return undefined;
}

/** Why a revision whose backend the gateways know gets no weight; `shares` is its own share alone. */
export const reachObstacle = whenOverdue(withoutHosts);
