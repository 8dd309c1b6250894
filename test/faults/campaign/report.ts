// Puts what campaigns have shown into a table for people and figures for programs.
import { alignTable } from '../../align-table.ts';
import { machine } from '../../machine.ts';
import type { CampaignReport } from './campaign.ts';
import type { Outcome } from './verdict.ts';

const count = ({ verdicts }: CampaignReport, outcome: Outcome) =>
  verdicts.filter((each) => each.outcome === outcome).length;

const mean = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + each, 0) / Math.max(1, numbers.length);

/** One row for each campaign, as Markdown. */
export function table(reports: readonly CampaignReport[]): string {
  const rows = reports.map((report) => [
    report.name,
    ...[report.writes, report.verdicts.length].map(String),
    ...(['same', 'diverged', 'unreached'] as const).map((outcome) => String(count(report, outcome))),
    mean(report.verdicts.map(({ seconds }) => seconds)).toFixed(1),
  ]);
  const head = ['campaign', 'writes', 'runs', 'same end', 'diverged', 'not reached', 'seconds a run'];
  return alignTable([head, ...rows]);
}

/** What diverged, with where to look. */
export const divergences = (reports: readonly CampaignReport[]): string[] =>
  reports.flatMap(({ name, verdicts }) =>
    verdicts
      .filter(({ outcome }) => outcome === 'diverged')
      .map(({ fault, differences, traces }) => `${name}, ${fault}:\n  ${differences.join('\n  ')}\n  see ${traces}`),
  );

/** The figures. A scenario, and its writes, count once however many campaigns play it; `runs` and `diverged` are sums. */
export function jsonReport(reports: readonly CampaignReport[]): object {
  const sum = (of: (report: CampaignReport) => number) => reports.reduce((total, report) => total + of(report), 0);
  const writes = new Map(reports.map((report) => [report.title, report.writes]));
  return {
    scenarios: writes.size,
    writes: [...writes.values()].reduce((total, each) => total + each, 0),
    runs: sum(({ verdicts }) => verdicts.length),
    diverged: sum((report) => count(report, 'diverged')),
    unreached: sum((report) => count(report, 'unreached')),
    machine: machine(),
    campaigns: reports,
  };
}
