// Jest's global teardown of the end-to-end project: removes what set-up made.
import { shared } from './shared-cluster.ts';

export default async function teardown(): Promise<void> {
  await shared.cluster?.down();
}
