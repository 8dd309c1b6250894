// Sluice's own decision, made by the operator's pure code: counters are read, folded into the ledger, and judged.
import { decideErrorRate } from '@sluice/operator/core/gates/error-rate.ts';
import { judgeGuardrail } from '@sluice/operator/core/gates/guardrail.ts';
import { decideLatency } from '@sluice/operator/core/gates/latency.ts';
import { beginStep, evidenceOf, foldReadings, type Ledger, openLedger } from '@sluice/operator/core/gates/ledger.ts';
import { recentTraffic } from '@sluice/operator/core/gates/recent.ts';
import { addTotals, noRequests, type RequestTotals } from '@sluice/operator/core/gates/traffic.ts';
import type { Verdict } from '@sluice/operator/core/gates/verdict.ts';
import type { Rule, RuleRun } from './rule.ts';
import type { Scenario } from './scenarios.ts';
import type { Look } from './stream.ts';

const pod = 'gateway';

type Counters = { since: number; candidate: RequestTotals; stable: RequestTotals };

const zero = (since: number): Counters => ({ since, candidate: noRequests, stable: noRequests });

export const sluiceRule: Rule = { name: 'Sluice', begin: beginSluice };

function beginSluice(scenario: Scenario): RuleRun {
  const { schedule } = scenario.world;
  let ledger = openLedger('candidate', 'stable');
  let counters = zero(-1);
  let step = -1;
  const read = (now: number) => {
    const readings = (['candidate', 'stable'] as const).map((revision) => ({
      podUid: pod,
      revision,
      since: counters.since,
      ...counters[revision],
    }));
    ledger = foldReadings(ledger, { readings, pods: [pod], now });
  };
  return (look: Look) => {
    const now = look.second * 1000;
    if (look.step !== step) {
      step = look.step;
      const share = (schedule[step]?.percent ?? 0) / 100;
      ledger = beginStep(ledger, { name: `${step}`, share, startedAt: now - 1 });
      read(now - 1);
    }
    if (look.isReset) counters = zero(now);
    counters = {
      ...counters,
      candidate: addTotals(counters.candidate, look.candidate),
      stable: addTotals(counters.stable, look.stable),
    };
    read(now);
    return judge(scenario, ledger, now);
  };
}

const healthyPods = { ready: 2, wanted: 2, notReadySeconds: 0 };
const noCrashes = { candidate: 0, stable: 0 };
const nothing = { successes: 0, trials: 0 };

/** Any failure is one; a pass needs every gate. */
function judge({ errors, latency, world }: Scenario, ledger: Ledger, now: number): Verdict {
  const evidence = evidenceOf(ledger, world.schedule.length);
  const guardrail = judgeGuardrail({
    ...recentTraffic(ledger.marks, ledger.steps.at(-1), now),
    unrouted: nothing,
    nonFinite: { candidate: nothing, stable: nothing },
    crashes: noCrashes,
    pods: healthyPods,
  });
  const gates = [errors && decideErrorRate(errors, evidence), latency && decideLatency(latency, evidence)];
  const verdicts = gates.filter((verdict) => verdict !== undefined);
  if (guardrail.verdict === 'Fail' || verdicts.includes('Fail')) return 'Fail';
  return verdicts.every((verdict) => verdict === 'Pass') ? 'Pass' : 'Inconclusive';
}
