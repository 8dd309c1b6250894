// Volumes of a pod, and where a container has them.

/** A volume of the pod and where its container has it. */
export type Mounted = {
  readonly volume: { readonly name: string; readonly [field: string]: unknown };
  readonly mount: { readonly name: string; readonly mountPath: string; readonly [field: string]: unknown };
};

/** Each volume once, also where it is mounted twice. */
export const volumesOf = (mounted: readonly Mounted[]): Mounted['volume'][] => [
  ...new Map(mounted.map(({ volume }) => [volume.name, volume])).values(),
];

export const mountsOf = (mounted: readonly Mounted[]): Mounted['mount'][] => mounted.map(({ mount }) => mount);
