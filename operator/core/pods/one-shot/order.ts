// How a one-shot pod is told what to do: one JSON document in an annotation of the pod, which the kubelet hands it as a file.
// Nothing in it is changed on the way: no variable is expanded, and no limit of a process's arguments holds.
import { orderFile, paths } from '@sluice/crds/contract.ts';
import { annotations } from '../../names.ts';

/** All annotations of an object together may have 256 KiB; some are left for what others add to the pod. */
export const orderMaxBytes = 240 * 1024;

/** Annotations of a pod with this order. */
export const orderAnnotations = (order: object) => ({ [annotations.order]: JSON.stringify(order) });

/** The order as a volume of the pod, and its mount. */
export const mountedOrder = {
  volume: {
    name: 'order',
    downwardAPI: {
      items: [{ path: orderFile, fieldRef: { fieldPath: `metadata.annotations['${annotations.order}']` } }],
    },
  },
  mount: { name: 'order', mountPath: paths.order, readOnly: true },
} as const;

/** By how many bytes the order is too long for any object; undefined when it fits. */
export function orderExcess(order: object): number | undefined {
  const excess = new TextEncoder().encode(JSON.stringify(order)).length - orderMaxBytes;
  return excess > 0 ? excess : undefined;
}
