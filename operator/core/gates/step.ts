// Whether a step of a rollout may be left, must be left, or goes on.
import type { GateVerdict } from './verdict.ts';

export type StepRule = {
  readonly name: string;
  readonly minCandidateSamples: number;
  readonly minSeconds: number;
  readonly maxSeconds: number;
  /** What happens at `maxSeconds` when not every gate has passed. */
  readonly onInconclusive: 'Hold' | 'Rollback' | 'Promote';
};

export type StepState = {
  readonly rule: StepRule;
  /** Since the step's weight is in force. */
  readonly elapsedSeconds: number;
  readonly candidateSamples: number;
  /** Requests that the candidate was too busy for, when they are many: more requests bring no more samples then. */
  readonly busyFor?: number;
  /** Every gate of the step. */
  readonly verdicts: readonly GateVerdict[];
  /** It can only stop a step. */
  readonly guardrail: GateVerdict;
  /**
   * What is missing before the step may be left, in words: pods of the candidate, until they are back or blamed on it; and
   * where time alone decides, what was counted just now, for an operator that was away would not know of failures.
   */
  readonly missing?: string | undefined;
};

/**
 * - `Stay`: not decided yet, look again. - `Advance`: leave for the next step.
 * - `Hold`: undecided for too long; stay until somebody acts (new evidence still decides). - `Rollback`: take it back.
 */
export type StepOutcome = {
  readonly action: 'Stay' | 'Advance' | 'Hold' | 'Rollback';
  /** The gate that decided, or that is waited for. */
  readonly gate?: string;
  readonly message: string;
};

type Check = (state: StepState) => StepOutcome | null;

/** In order: the first that has something to say decides. */
const checks: readonly Check[] = [failed, incomplete, tooEarly, passed, overdue];

export function judgeStep(state: StepState): StepOutcome {
  for (const check of checks) {
    const outcome = check(state);
    if (outcome !== null) return outcome;
  }
  const waitsFor = undecided(state);
  const gate = waitsFor?.name ?? '';
  return {
    action: 'Stay',
    gate,
    message: `Step ${state.rule.name} waits for gate ${gate}: ${waitsFor?.message ?? ''}`,
  };
}

function failed({ rule, guardrail, verdicts }: StepState): StepOutcome | null {
  const failure = [guardrail, ...verdicts].find(({ verdict }) => verdict === 'Fail');
  if (failure === undefined) return null;
  return {
    action: 'Rollback',
    gate: failure.name,
    message: `Gate ${failure.name} failed in step ${rule.name}: ${failure.message}`,
  };
}

function incomplete({ rule, missing }: StepState): StepOutcome | null {
  return missing === undefined ? null : { action: 'Stay', message: `Step ${rule.name} waits: ${missing}.` };
}

function tooEarly({ rule, elapsedSeconds, candidateSamples, busyFor = 0 }: StepState): StepOutcome | null {
  if (elapsedSeconds >= rule.maxSeconds) return null;
  const missing = rule.minCandidateSamples - candidateSamples;
  if (missing > 0)
    return {
      action: 'Stay',
      message: `Step ${rule.name} has ${candidateSamples} of ${rule.minCandidateSamples} samples${butBusy(busyFor)}.`,
    };
  if (elapsedSeconds >= rule.minSeconds) return null;
  return { action: 'Stay', message: `Step ${rule.name} lasts at least ${rule.minSeconds} s.` };
}

const butBusy = (requests: number) =>
  requests === 0 ? '' : `; the candidate was too busy for ${requests} more (429): raise server.replicas`;

function passed(state: StepState): StepOutcome | null {
  const { rule, elapsedSeconds, candidateSamples } = state;
  if (undecided(state) !== undefined || candidateSamples < rule.minCandidateSamples) return null;
  return {
    action: 'Advance',
    message: `Step ${rule.name} passed with ${candidateSamples} samples in ${elapsedSeconds} s.`,
  };
}

function overdue(state: StepState): StepOutcome | null {
  const { rule, elapsedSeconds, candidateSamples, busyFor = 0 } = state;
  if (elapsedSeconds < rule.maxSeconds) return null;
  const gate = undecided(state);
  const why =
    gate === undefined
      ? `${candidateSamples} of ${rule.minCandidateSamples} samples${butBusy(busyFor)}`
      : `gate ${gate.name}: ${gate.message}`;
  const said = {
    message: `Step ${rule.name} undecided after ${rule.maxSeconds} s, ${why}`,
    ...(gate && { gate: gate.name }),
  };
  if (rule.onInconclusive === 'Rollback') return { action: 'Rollback', ...said };
  // A candidate that nobody asked anything has shown nothing, whatever the rule is.
  if (rule.onInconclusive === 'Promote' && candidateSamples > 0) return { action: 'Advance', ...said };
  return { action: 'Hold', ...said };
}

const undecided = ({ verdicts }: StepState) => verdicts.find(({ verdict }) => verdict !== 'Pass');

/**
 * Says at once that a step's `minCandidateSamples` cannot suffice: some gate cannot pass with so few even if nothing
 * goes wrong. The step then lasts longer than its minimum. @param fewest per gate, from `fewestErrorRateSamples` …
 */
export function describeTooFewSamples(
  rule: Pick<StepRule, 'name' | 'minCandidateSamples'>,
  fewest: readonly { readonly gate: string; readonly samples: number | undefined }[],
): string | null {
  const impossible = fewest.find(({ samples }) => samples === undefined);
  if (impossible !== undefined) return `No number of samples can pass gate ${impossible.gate}: allow more than 0.`;
  const strictest = fewest.toSorted((one, other) => (other.samples ?? 0) - (one.samples ?? 0))[0];
  if (strictest?.samples === undefined || strictest.samples <= rule.minCandidateSamples) return null;
  return `Step ${rule.name}: ${rule.minCandidateSamples} samples cannot suffice; gate ${strictest.gate} needs at least ${strictest.samples}. Raise minCandidateSamples, or allow more.`;
}
