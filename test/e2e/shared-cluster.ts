// Holds the cluster between Jest's global set-up and teardown, which run in the same process.
import type { Cluster } from '../cluster/cluster-type.ts';

/** Filled by setup.ts, emptied by nobody: the process ends after teardown.ts. */
export const shared: { cluster?: Cluster } = {};
