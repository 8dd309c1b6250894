// Builds events.k8s.io/v1 Events that the apiserver accepts: lengths, MicroTime, a name of their own.
import { createHash } from 'node:crypto';
import { apiVersionOf, type KubeObject, microTime, type Stored } from '../objects.ts';
import { RESOURCES } from '../resources.ts';

/** What happened to an object, in the words of a person who will read `kubectl describe`. */
export interface Happening {
  readonly type: 'Normal' | 'Warning';
  /** Why, in UpperCamelCase; at most 128 characters. */
  readonly reason: string;
  /** What the controller did or failed to do, in UpperCamelCase; at most 128 characters. */
  readonly action: string;
  /** A sentence; cut after 1,024 characters. */
  readonly note: string;
  /** A second object that took part. */
  readonly related?: Stored | undefined;
}

/** Who reports. */
export interface Reporter {
  /** `reportingController`, a qualified name such as `sluice.dev/operator`. */
  readonly component: string;
  /** `reportingInstance`, the pod's name. */
  readonly instance: string;
}

/** Repetitions of an event. */
export interface EventSeries {
  readonly count: number;
  readonly lastObservedTime: string;
}

/** An Event as it is written. */
export interface EventObject extends KubeObject {
  eventTime: string;
  reportingController: string;
  reportingInstance: string;
  type: string;
  reason: string;
  action: string;
  note: string;
  regarding: ObjectReference;
  related?: ObjectReference;
  series?: EventSeries;
}

interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly uid: string;
  readonly resourceVersion: string;
}

/** Events with equal keys are one event that repeats. */
export function eventKey(regarding: Stored, happening: Happening): string {
  return [regarding.metadata.uid, happening.type, happening.reason, happening.action, happening.note].join('\n');
}

/** The Event of a first occurrence at `at`. Cluster-scoped objects have theirs in the namespace `default`. */
export function newEvent(regarding: Stored, happening: Happening, by: Reporter & { readonly at: Date }): EventObject {
  const suffix = createHash('sha256')
    .update(`${eventKey(regarding, happening)}\n${by.instance}\n${by.at.getTime()}`)
    .digest('hex');
  return {
    apiVersion: apiVersionOf(RESOURCES.events),
    kind: RESOURCES.events.kind,
    metadata: {
      name: `${regarding.metadata.name.slice(0, 230)}.${suffix.slice(0, 16)}`,
      namespace: regarding.metadata.namespace ?? 'default',
    },
    eventTime: microTime(by.at),
    reportingController: by.component,
    reportingInstance: by.instance.slice(0, 128),
    type: happening.type,
    reason: happening.reason.slice(0, 128),
    action: happening.action.slice(0, 128),
    note: shorten(happening.note, 1024),
    regarding: referenceTo(regarding),
    ...(happening.related && { related: referenceTo(happening.related) }),
  };
}

function referenceTo(object: Stored): ObjectReference {
  const { name, namespace, uid, resourceVersion } = object.metadata;
  return { apiVersion: object.apiVersion, kind: object.kind, name, namespace, uid, resourceVersion };
}

/** Cuts at a whole character so that the UTF-8 form has at most `bytes` bytes, as the apiserver counts. */
function shorten(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  const encoded = Buffer.from(text).subarray(0, bytes - 4);
  return `${encoded.toString('utf8').replace(/�+$/, '')}…`;
}
