// Judges one run with a fault by the end that the scenario has without one.
import { rm } from 'node:fs/promises';
import { differences } from '../end-state/differ.ts';
import type { EndState } from '../end-state/end-state.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import type { World } from '../world/world.ts';
import { countEvents } from './dropped-events.ts';
import { type Disturbance, prepareRun } from './run.ts';

/**
 * - `same`: the end is that of the run without a fault.
 * - `diverged`: it is another one, or none came in time.
 * - `unreached`: the fault did not come to pass; nothing is proved.
 */
export type Outcome = 'same' | 'diverged' | 'unreached';

/** What one run has shown. */
export interface Verdict {
  readonly fault: string;
  readonly outcome: Outcome;
  readonly seconds: number;
  readonly differences: readonly string[];
  /** Directory of the operator's logs and the proxy's record; removed when nothing is wrong. */
  readonly traces: string;
}

/** Where runs happen, and where they leave their traces. */
export interface Stage {
  readonly world: World;
  readonly directory: string;
}

/** A scenario without a fault: how it ends, and what the operator writes on the way. */
export interface Reference {
  readonly endState: EndState;
  readonly writes: readonly string[];
  /** How many events of a kind, by its plural name, the operator's watches are told at least. */
  readonly told: ReadonlyMap<string, number>;
  readonly seconds: number;
}

/** Far beyond what a run takes on a busy machine; a run that has not ended by then never will. */
const deadlineMs = 240_000;
/** A write that comes once in a while, such as a second look at figures, is waited for again. */
const mostTries = 3;

/** Plays the scenario twice without a fault. @throws Error when the two ends differ: then they are no measure. */
export async function playReference({ world, directory }: Stage, scenario: Scenario): Promise<Reference> {
  const counts = [countEvents(scenario), countEvents(scenario)] as const;
  const play = async (count: Disturbance) => (await prepareRun(world, scenario, directory)).play(count, { deadlineMs });
  const [first, second] = await Promise.all([play(counts[0]), play(counts[1])]);
  if (!first.endState || !second.endState) {
    throw new Error(`${scenario.name} does not end without a fault either; see ${first.traces} and ${second.traces}`);
  }
  const unlike = differences(first.endState, second.endState);
  if (unlike.length > 0) throw new Error(`${scenario.name} has no definite end: ${unlike.join('; ')}`);
  const told = new Map([...counts[0].told].map(([kind, n]) => [kind, Math.min(n, counts[1].told.get(kind) ?? 0)]));
  return { endState: first.endState, writes: first.writes, told, seconds: first.seconds };
}

/** Plays the scenario with the fault; `disturb` is asked for a fresh one for each try. */
export async function judge(
  stage: Stage,
  scenario: Scenario,
  { reference, disturb, mayLastMs = 0 }: { reference: Reference; disturb: () => Disturbance; mayLastMs?: number },
): Promise<Verdict> {
  for (let tried = 1; ; tried += 1) {
    const disturbance = disturb();
    const run = await prepareRun(stage.world, scenario, stage.directory);
    const { endState, hasHappened, seconds, traces } = await run.play(disturbance, {
      deadlineMs: deadlineMs + mayLastMs,
      expected: reference.endState,
    });
    const unlike = endState ? differences(reference.endState, endState) : ['no end came in time'];
    const outcome = unlike.length > 0 ? 'diverged' : hasHappened ? 'same' : 'unreached';
    if (outcome === 'unreached' && tried < mostTries) continue;
    if (outcome === 'same') await rm(traces, { recursive: true });
    return { fault: disturbance.name, outcome, seconds, differences: unlike, traces };
  }
}
