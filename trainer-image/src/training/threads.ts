// How many threads TensorFlow computes with: a function of the spec, so that a model does not depend on its node.

/** The CPU request in whole cores, at least one. `cpu` is a Kubernetes quantity: `1`, `0.5`, `1500m`. */
export function threadsOf(cpu: string): number {
  const cores = cpu.endsWith('m') ? Number(cpu.slice(0, -1)) / 1000 : Number(cpu);
  return Number.isFinite(cores) ? Math.max(1, Math.ceil(cores)) : 1;
}
