// The control plane that the integration tests share is a real one: it stores, validates and refuses.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';

const run = promisify(execFile);

async function kubectl(...args: string[]): Promise<string> {
  const tools = process.env['SLUICE_TEST_TOOLS'] ?? '';
  const kubeconfig = process.env['SLUICE_TEST_KUBECONFIG'] ?? '';
  const { stdout } = await run(join(tools, 'kubectl'), [`--kubeconfig=${kubeconfig}`, ...args]);
  return stdout.trim();
}

describe('the control plane of the integration tests', () => {
  test('speaks the version of Kubernetes that go.mod names', async () => {
    expect(JSON.parse(await kubectl('get', '--raw', '/version'))).toMatchObject({ gitVersion: 'v1.35.4' });
  });

  test('keeps what it is given', async () => {
    await kubectl('create', 'namespace', 'control-plane-test');
    await kubectl('-n', 'control-plane-test', 'create', 'configmap', 'kept', '--from-literal=answer=42');
    expect(await kubectl('-n', 'control-plane-test', 'get', 'configmap', 'kept', '-o', 'jsonpath={.data.answer}')).toBe(
      '42',
    );
  });

  test('refuses an object that breaks its schema and names the field', async () => {
    const refused = kubectl('create', 'deployment', 'Upper-Case', '--image=localhost/none');
    await expect(refused).rejects.toThrow(/metadata\.name/);
  });
});
