// Holds the control plane between Jest's global set-up and teardown, which run in the same process.
import type { Apiserver } from './apiserver.ts';

/** Filled by setup.ts, emptied by nobody: the process ends after teardown.ts. */
export const shared: { apiserver?: Apiserver } = {};
