// Jest's global teardown of the integration project: ends the control plane that setup.ts started.
import { shared } from './shared-apiserver.ts';

/** Resolves when both processes have ended. */
export default async function teardown(): Promise<void> {
  await shared.apiserver?.stop();
}
