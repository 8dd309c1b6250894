// The progress question: what a trainer's supervisor answers, parsed to numbers or thrown away.
import { type ProgressReport, ports, progressMaxBytes, progressReportSchema } from '@sluice/crds/contract.ts';
import type { PodQuestion } from './pod-poller.ts';

function parse(body: string): ProgressReport | undefined {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const parsed = progressReportSchema.safeParse(json);
  return parsed.success ? parsed.data : undefined;
}

export const trainingProgress: PodQuestion<ProgressReport> = {
  port: ports.progress,
  path: '/progress',
  maxBytes: progressMaxBytes,
  // 2,000 pods every 15 seconds.
  pace: { perSecond: 134, burst: 20 },
  parse,
};
