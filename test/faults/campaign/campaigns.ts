// Every campaign that `npm run faults` knows.
import type { Scenario } from '../scenarios/scenario.ts';
import { scenarios } from '../scenarios/scenarios.ts';
import type { Campaign } from './campaign.ts';
import { crashAt, crashPoints } from './crash.ts';
import { dropEvent, droppedEvents } from './dropped-events.ts';
import { failCalls } from './failing-calls.ts';
import { loseApiserver, type Outage } from './outage.ts';
import { beginInThePast, staleViews } from './stale-views.ts';
import type { Reference } from './verdict.ts';

/** The operator is killed before and after each of its writes. */
export const crashes: readonly Campaign[] = scenarios.map((scenario) => ({
  name: scenario.name,
  scenario,
  faults: ({ writes }) => crashPoints(writes).map((point) => () => crashAt(point)),
}));

/** How often and how long the apiserver is away; the whole outage lasts five minutes. */
const restarts = { times: 5, upMs: 2000, downMs: 0 };
const outage = { times: 1, upMs: 2000, downMs: 20_000 };
const wholeOutage = { ...outage, downMs: 300_000 };
const eventsOfKind = 3;
const seeds = [1, 2, 3];

const onScenario = (name: string): Scenario => {
  const scenario = scenarios.find((each) => each.name === name);
  if (!scenario) throw new Error(`there is no scenario ${name}`);
  return scenario;
};

/** One campaign for each scenario. */
const onAll = (name: string, parts: Omit<Campaign, 'name' | 'scenario'>): readonly Campaign[] =>
  scenarios.map((scenario) => ({ name: `${name}/${scenario.name}`, scenario, ...parts }));

const away = (name: string, time: Outage): readonly Campaign[] =>
  onAll(name, {
    isAlone: true,
    mayLastMs: time.times * (time.upMs + time.downMs + 10_000),
    faults: () => [() => loseApiserver(time)],
  });

/** Every campaign; `isWhole` takes the outage as long as it is promised. */
export const campaignsOf = ({ isWhole }: { readonly isWhole: boolean }): readonly Campaign[] => [
  ...crashes,
  ...['train', 'promote'].map(onScenario).map((scenario) => ({
    name: `dropped-events/${scenario.name}`,
    scenario,
    faults: ({ told }: Reference) => droppedEvents(eventsOfKind, told).map((event) => () => dropEvent(scenario, event)),
  })),
  ...onAll('stale-views', {
    faults: ({ writes }) => staleViews(writes.length).map((view) => () => beginInThePast(view)),
  }),
  ...onAll('failing-calls', { faults: () => seeds.map((seed) => () => failCalls(seed)), mayLastMs: 120_000 }),
  ...away('restarts', restarts),
  ...away('outage', isWhole ? wholeOutage : outage),
];
