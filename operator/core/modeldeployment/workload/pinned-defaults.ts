// Which of the installation's wishes the pods of a revision are made with. They are written on the revision's Deployment,
// so that a change of the chart's values restarts no model that answers, and yet heals one that cannot start.
import { canonicalJson, isSameJson } from '@sluice/crds/canonical-json.ts';
import { noPodDefaults, type PodDefaults, podDefaultsSchema } from '@sluice/crds/pod-defaults.ts';
import { annotations } from '../../names.ts';
import { parseDocument } from '../../pods/termination-message.ts';
import type { ObservedWorkload } from '../observed.ts';
import { readyReplicas } from './health.ts';

/**
 * Those that its pods run with while any of them is ready, and today's for pods that do not answer yet or not any more.
 * A Deployment without the annotation was made without wishes.
 */
export function defaultsOf(workload: ObservedWorkload | undefined, today: PodDefaults): PodDefaults {
  if (readyReplicas(workload) === 0) return today;
  const written = workload?.metadata.annotations?.[annotations.podDefaults];
  return written === undefined ? noPodDefaults : (parseDocument(written, podDefaultsSchema) ?? today);
}

/** What is written down of them on the Deployment: nothing of none. */
export const defaultsAnnotation = (defaults: PodDefaults): Record<string, string> =>
  isSameJson(defaults, noPodDefaults) ? {} : { [annotations.podDefaults]: canonicalJson(defaults) };
