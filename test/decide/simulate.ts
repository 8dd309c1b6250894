// Runs a scenario many times under every rule, each rule on the very same streams.
import { pointRules } from './point-rules.ts';
import type { Rule } from './rule.ts';
import type { Scenario } from './scenarios.ts';
import { sluiceRule } from './sluice-rule.ts';
import { playRollout } from './stream.ts';

export const rules: readonly Rule[] = [sluiceRule, ...pointRules];

/** What a rule did in one run. */
export type RunOutcome = {
  /** Whether it rolled back. */
  readonly failed: boolean;
  /** Whether its last word was a pass. */
  readonly passed: boolean;
  /** Requests that the candidate had answered by then. */
  readonly samples: number;
};

/** Outcomes per rule, in the order of `rules`, of runs `from` … `to - 1`. */
export function simulateRuns(
  scenario: Scenario,
  { seed, from, to }: { seed: number; from: number; to: number },
): RunOutcome[][] {
  const outcomes = rules.map((): RunOutcome[] => []);
  for (let run = from; run < to; run++) {
    // Runs of a seed must not overlap with those of the next one.
    const played = simulateRun(scenario, seed * 1_000_003 + run);
    for (const [index, outcome] of played.entries()) outcomes[index]?.push(outcome);
  }
  return outcomes;
}

function simulateRun(scenario: Scenario, seed: number): RunOutcome[] {
  const runs = rules.map((rule) => ({ step: rule.begin(scenario), failed: false, passed: false, samples: 0 }));
  for (const look of playRollout(scenario.world, { seed, withLatency: scenario.latency !== undefined })) {
    for (const run of runs) {
      if (run.failed) continue;
      run.samples += look.candidate.requests;
      const verdict = run.step(look);
      run.failed = verdict === 'Fail';
      run.passed = verdict === 'Pass';
    }
    if (runs.every(({ failed }) => failed)) break;
  }
  return runs.map(({ failed, passed, samples }) => ({ failed, passed, samples }));
}
