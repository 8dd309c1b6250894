// A campaign: one scenario and every fault that is tried on it, several runs side by side.
import { inParallel } from '../../in-parallel.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import type { Disturbance } from './run.ts';
import { judge, playReference, type Reference, type Stage, type Verdict } from './verdict.ts';

/** Faults of one kind, each made anew for each run. */
export interface Campaign {
  readonly name: string;
  readonly scenario: Scenario;
  /** In a fixed order. */
  faults(reference: Reference): readonly (() => Disturbance)[];
  /** The fault befalls everything that runs: one run at a time. */
  readonly isAlone?: boolean;
  /** How much longer than without it a run with the fault takes, in milliseconds. */
  readonly mayLastMs?: number;
}

/** What a campaign has shown. */
export interface CampaignReport {
  readonly name: string;
  readonly title: string;
  /** Writes of the operator in a run without a fault, from the first action that counts. */
  readonly writes: number;
  readonly referenceSeconds: number;
  readonly verdicts: readonly Verdict[];
}

/** How a campaign is gone through. */
export interface Pace {
  /** Runs side by side. */
  readonly parallel: number;
  /** Which of the faults are tried. */
  readonly choose: (count: number) => readonly number[];
  readonly onVerdict: (verdict: Verdict, done: number, count: number) => void;
}

/** Plays the scenario without a fault, then with each. @throws Error when it has no definite end. */
export async function runCampaign(stage: Stage, campaign: Campaign, pace: Pace): Promise<CampaignReport> {
  const { scenario, mayLastMs = 0 } = campaign;
  const reference = await playReference(stage, scenario);
  const all = campaign.faults(reference);
  const chosen = pace.choose(all.length).flatMap((index) => all[index] ?? []);
  const verdicts: Verdict[] = [];
  await inParallel(chosen.entries(), campaign.isAlone ? 1 : pace.parallel, async ([index, disturb]) => {
    const verdict = await judge(stage, scenario, { reference, disturb, mayLastMs });
    verdicts[index] = verdict;
    pace.onVerdict(verdict, verdicts.filter(Boolean).length, chosen.length);
  });
  const { writes, seconds } = reference;
  return { name: campaign.name, title: scenario.title, writes: writes.length, referenceSeconds: seconds, verdicts };
}
