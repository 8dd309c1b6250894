// Says why a candidate may not stand in for the live revision: it is asked about itself alone, because there is nothing to
// compare it with. What is not known is no pass.
import type { Gate } from '@sluice/crds/v1alpha1/gates.ts';
import { evidenceOf } from '../../gates/ledger.ts';
import { addTotals, answeredOf, noRequests, type RequestTotals } from '../../gates/traffic.ts';
import type { GateVerdict } from '../../gates/verdict.ts';
import type { Evidence } from '../rollout/counters.ts';
import { judgeTraffic, withoutRegression } from '../rollout/traffic-gates.ts';
import { type Decided, saidBefore, type Trial } from '../rollout/trial.ts';

type Asked = {
  readonly trial: Trial;
  readonly decided: Decided;
  /** Pods of the candidate that are ready. */
  readonly ready: number;
};
type Check = (asked: Asked) => string | undefined;

/** Everything that it has answered in this rollout, whatever its share was. */
const shownBy = ({ traffic }: Evidence): RequestTotals =>
  evidenceOf(traffic, 1).steps.reduce((sum, { candidate }) => addTotals(sum, candidate), noRequests);

const isBeyond = ({ min, max }: Gate, { verdict, estimate }: GateVerdict): boolean =>
  verdict === 'Fail' ||
  verdict === 'Error' ||
  (estimate !== undefined && ((min !== undefined && estimate < min) || (max !== undefined && estimate > max)));

/** A gate whose own thresholds it does not keep by what is seen so far, certain or not. */
const misses: Check = ({ trial, decided }) => {
  const said = saidBefore(trial);
  const candidate = shownBy(decided.evidence);
  const alone = { steps: [{ share: 1, candidate, stable: noRequests }], plannedSteps: 1 };
  for (const gate of trial.gates) {
    const byValue = withoutRegression(gate);
    if (!byValue) continue;
    const verdict = gate.traffic ? judgeTraffic([byValue], alone)[0] : said.find(({ name }) => name === gate.name);
    if (!verdict) return `gate ${gate.name} has not judged it`;
    if (isBeyond(byValue, verdict)) return `it misses gate ${gate.name}: ${verdict.message}`;
  }
  return undefined;
};

/** In order: the first that speaks hinders it. */
const checks: readonly Check[] = [
  ({ trial }) => (trial.rollout.whenLiveIsDown === 'Wait' ? 'rollout.whenLiveIsDown is Wait' : undefined),
  ({ decided }) => (decided.refusal ? 'it is refused' : undefined),
  ({ trial }) => (trial.rollout.paused ? 'rollout.paused keeps its share; set it to false' : undefined),
  ({ decided }) => (decided.weightPercent === 0 ? 'it has not been judged before traffic yet' : undefined),
  ({ ready }) => (ready === 0 ? 'none of its pods is ready' : undefined),
  ({ decided }) => {
    const last = decided.evidence.traffic.steps.at(-1)?.candidate ?? noRequests;
    return answeredOf(last) > last.errors ? undefined : 'it has answered no request meanwhile';
  },
  misses,
];

/** Undefined when it may. */
export function hindranceOf(asked: Asked): string | undefined {
  for (const check of checks) {
    const hinders = check(asked);
    if (hinders !== undefined) return hinders;
  }
  return undefined;
}
