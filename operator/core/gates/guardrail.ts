// The hard, fast rule that is always on: what no statistics are needed for takes a candidate back at once.
import type { Proportion } from '@sluice/statistics/interval.ts';
import { advise, figure, type GateVerdict, giveVerdict } from './verdict.ts';

export const guardrailName = 'guardrail';

/** Pods of a revision that are ready, among those that should be. */
export type PodCount = { readonly ready: number; readonly wanted: number };

/** What the guardrail looks at: requests of the last 5 to 10 seconds, where not said otherwise. */
export type GuardrailEvidence = {
  readonly candidate: Proportion;
  readonly stable: Proportion;
  /** 5xx that the gateway's listener gave without asking either revision, and all its requests. */
  readonly unrouted: Proportion;
  /** Answers that a server refused because outputs were NaN or infinite, among all answers, since the candidate began. */
  readonly nonFinite: { readonly candidate: Proportion; readonly stable: Proportion };
  /** How often the container that ends most has ended, of each revision; 0 when none is in a loop since the trial began. */
  readonly crashes: { readonly candidate: number; readonly stable: number };
  readonly pods: PodCount & {
    /** The live revision's. */
    readonly live?: PodCount | undefined;
    /** For how long fewer than wanted are ready, and not for lack of what the live revision lacks too; 0 while enough are. */
    readonly notReadySeconds: number;
  };
};

/** When the guardrail strikes. */
export const guardrailLimits = {
  /** At least so many errors, at least this share of the requests, and this many times the live revision's share. */
  errors: { events: 10, rate: 0.5, ratio: 2 },
  unrouted: { events: 10, rate: 0.05, ratio: 1 },
  nonFinite: { events: 3, rate: 0.01, ratio: 2 },
  /** Ends of one container in a loop. */
  crashes: 3,
  notReadySeconds: 30,
} as const;

const none: Proportion = { successes: 0, trials: 0 };
const rateOf = ({ successes, trials }: Proportion) => (trials === 0 ? 0 : successes / trials);
const share = ({ successes, trials }: Proportion) => `${successes} of ${trials}`;

/**
 * Whether pods are missing, and of the live revision at least as large a share: a node or a registry may be gone, and
 * nothing says that the candidate is to blame.
 */
export const isSharedLoss = ({ ready, wanted }: PodCount, live: PodCount | undefined): boolean =>
  live !== undefined && ready < wanted && live.ready < live.wanted && live.ready * wanted <= ready * live.wanted;

const isLooping = (crashes: number) => crashes >= guardrailLimits.crashes;

type Limit = { readonly events: number; readonly rate: number; readonly ratio: number };

function isBurst(candidate: Proportion, stable: Proportion, limit: Limit): boolean {
  const rate = rateOf(candidate);
  return candidate.successes >= limit.events && rate >= limit.rate && rate >= limit.ratio * rateOf(stable);
}

/** A problem with its remedy. */
type Check = (evidence: GuardrailEvidence) => string | null;

const again = 'a new rollout.retryToken tries again.';

/** In order: the first that finds something speaks. Answers without numbers are errors too: their cause is said first. */
const checks: readonly Check[] = [
  ({ crashes: { candidate, stable } }) =>
    isLooping(candidate) && !isLooping(stable)
      ? advise(`One of its pods ended ${candidate} times.`, `Read kubectl logs --previous of its pods; ${again}`)
      : null,
  ({ nonFinite: { candidate, stable } }) =>
    isBurst(candidate, stable, guardrailLimits.nonFinite)
      ? advise(
          `${share(candidate)} answers were NaN or infinite (live: ${share(stable)}).`,
          "Check its ModelVersion's metrics and the range of the inputs; publish another version.",
        )
      : null,
  ({ candidate, stable }) =>
    isBurst(candidate, stable, guardrailLimits.errors)
      ? advise(
          `${share(candidate)} recent requests failed (live: ${share(stable)}).`,
          `See the logs of its pods; ${again}`,
        )
      : null,
  ({ unrouted }) =>
    isBurst(unrouted, none, guardrailLimits.unrouted)
      ? advise(
          `The gateway itself failed ${share(unrouted)} recent requests.`,
          `See the logs of Deployment sluice-gateway; ${again}`,
        )
      : null,
  ({ pods: { ready, wanted, notReadySeconds } }) =>
    notReadySeconds >= guardrailLimits.notReadySeconds
      ? advise(
          `${ready} of ${wanted} pods have been ready for ${notReadySeconds} s.`,
          `Read kubectl describe of its pods; ${again}`,
        )
      : null,
];

/** What the live revision suffers from, too: it says nothing against the candidate, and nothing for it. */
const sharedTrouble: Check = ({ pods: { ready, wanted, live }, crashes: { candidate, stable } }) => {
  if (isSharedLoss({ ready, wanted }, live)) {
    return advise(
      `${ready} of ${wanted} pods are ready, of the live revision ${live?.ready} of ${live?.wanted}.`,
      'See kubectl describe of both: what they lack is judged once live pods are ready.',
    );
  }
  if (!isLooping(candidate)) return null;
  return advise(
    `A pod ended ${candidate} times, of the live revision ${stable} times.`,
    'Read kubectl logs --previous of both: it is judged once the live pods last.',
  );
};

/**
 * Fail as soon as one check strikes. A candidate without recent requests has shown nothing, nor has one whose pods are
 * missing, or keep ending, as those of the live revision are.
 */
export function judgeGuardrail(evidence: GuardrailEvidence): GateVerdict {
  const { candidate, stable, pods } = evidence;
  const problem = checks.map((check) => check(evidence)).find((found) => found !== null);
  const core = { name: guardrailName, n: candidate.trials, method: 'hard limits' };
  const figures = {
    estimate: candidate.trials === 0 ? undefined : rateOf(candidate),
    baseline: stable.trials === 0 ? undefined : rateOf(stable),
  };
  if (problem !== undefined) return giveVerdict({ ...core, verdict: 'Fail', message: problem }, figures);
  const shared = sharedTrouble(evidence);
  if (shared !== null) return giveVerdict({ ...core, verdict: 'Inconclusive', message: shared }, figures);
  const health = `${pods.ready} of ${pods.wanted} pods ready`;
  if (candidate.trials === 0) {
    return giveVerdict({ ...core, verdict: 'Inconclusive', message: `No recent requests; ${health}. Send requests.` });
  }
  const message = `${share(candidate)} recent requests failed (${figure(100 * rateOf(candidate))} %); ${health}.`;
  return giveVerdict({ ...core, verdict: 'Pass', message }, figures);
}
