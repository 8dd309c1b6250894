// Jest's global set-up of the integration project: one control plane for all its files, each of which makes a namespace.
import { startApiserver } from './apiserver.ts';
import { shared } from './shared-apiserver.ts';

/** Starts the control plane and tells test files of it by SLUICE_TEST_KUBECONFIG and SLUICE_TEST_TOOLS. */
export default async function setup(): Promise<void> {
  const apiserver = await startApiserver();
  shared.apiserver = apiserver;
  process.env['SLUICE_TEST_KUBECONFIG'] = apiserver.kubeconfigPath;
  process.env['SLUICE_TEST_TOOLS'] = apiserver.toolsPath;
}
