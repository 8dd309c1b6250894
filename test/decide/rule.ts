// What every rule is that the suite compares: it sees look after look, and says what it would do.
import type { Verdict } from '@sluice/operator/core/gates/verdict.ts';
import type { Scenario } from './scenarios.ts';
import type { Look } from './stream.ts';

/** One rollout under a rule; called once per look, until it fails. */
export type RuleRun = (look: Look) => Verdict;

export type Rule = { readonly name: string; begin(scenario: Scenario): RuleRun };
