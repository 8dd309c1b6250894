// Names the machine beside figures that depend on it.
import { availableParallelism, cpus } from 'node:os';

/** Cores and processor of this machine. */
export const machine = (): string =>
  `${availableParallelism()} cores of ${cpus()[0]?.model.trim() ?? 'an unknown processor'}`;
