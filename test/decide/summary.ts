// Sums up what the rules did, per scenario and over all of them.
import { clopperPearsonInterval } from '@sluice/statistics/clopper-pearson.ts';
import type { Scenario } from './scenarios.ts';
import { type RunOutcome, rules } from './simulate.ts';

/** One rule in one scenario. */
export type RuleFigures = {
  readonly rule: string;
  /** Share of runs that it rolled back. */
  readonly rollbackRate: number;
  /** 95 % interval of that share. */
  readonly lower: number;
  readonly upper: number;
  /** Share of runs at whose end it called the candidate good. */
  readonly passRate: number;
  /** Median over the runs that it rolled back; null without any. */
  readonly medianSamplesToCatch: number | null;
};

export type ScenarioFigures = {
  readonly scenario: string;
  readonly candidate: Scenario['candidate'];
  readonly runs: number;
  readonly rules: readonly RuleFigures[];
};

/** The headline figures of one rule: the worst of its kind over the scenarios in which the figure is promised. */
export type Headline = {
  readonly falseRollbackRate: number;
  readonly badCaughtRate: number;
  /** Of `5 → 10 % errors`. */
  readonly medianSamplesToCatch: number | null;
};

export function summariseScenario(scenario: Scenario, outcomes: readonly (readonly RunOutcome[])[]): ScenarioFigures {
  return {
    scenario: scenario.name,
    candidate: scenario.candidate,
    runs: outcomes[0]?.length ?? 0,
    rules: outcomes.map((runs, index) => summariseRule(rules[index]?.name ?? '', runs)),
  };
}

function summariseRule(rule: string, runs: readonly RunOutcome[]): RuleFigures {
  const caught = runs.filter(({ failed }) => failed);
  const { value, lower, upper } = clopperPearsonInterval(caught.length, runs.length, 0.95);
  const samples = caught.map((run) => run.samples).toSorted((one, other) => one - other);
  return {
    rule,
    rollbackRate: value,
    lower,
    upper,
    passRate: runs.filter(({ passed }) => passed).length / runs.length,
    medianSamplesToCatch: samples[Math.floor(samples.length / 2)] ?? null,
  };
}

/** @param promised names of the bad scenarios that must be caught. */
export function headline(figures: readonly ScenarioFigures[], rule: string, promised: readonly string[]): Headline {
  const of = (candidate: Scenario['candidate']) =>
    figures
      .filter((each) => each.candidate === candidate && (candidate === 'Good' || promised.includes(each.scenario)))
      .map((each) => ({ scenario: each.scenario, ...each.rules.find((other) => other.rule === rule) }));
  const rates = (candidate: Scenario['candidate']) =>
    of(candidate).map(({ rollbackRate }) => rollbackRate ?? Number.NaN);
  return {
    falseRollbackRate: Math.max(...rates('Good')),
    badCaughtRate: Math.min(...rates('Bad')),
    medianSamplesToCatch: of('Bad').find(({ scenario }) => scenario === promised[0])?.medianSamplesToCatch ?? null,
  };
}
