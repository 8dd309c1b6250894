// Who may log in to the control plane of the tests: bearer tokens, and a kubeconfig for each user.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';

/** A user as RBAC and the audit log know it. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

/** The user behind `kubeconfigPath`, and those of the components that `components.ts` starts. */
export const administrators: readonly User[] = ['admin', 'system:kube-controller-manager', 'system:kube-scheduler'].map(
  (name) => ({ name, groups: ['system:masters'] }),
);

/** The user that a ServiceAccount is, with its groups. */
export function serviceAccount(namespace: string, name: string): User {
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
  };
}

/** Files that kube-apiserver reads, and the tokens by user name. */
export interface Logins {
  readonly tokensPath: string;
  /** Private key that signs tokens of ServiceAccounts. */
  readonly keyPath: string;
  readonly tokens: ReadonlyMap<string, string>;
}

/** Makes a token for each user and writes the files into `directory`. */
export async function writeLogins(directory: string, users: readonly User[]): Promise<Logins> {
  const logins = {
    tokensPath: join(directory, 'tokens.csv'),
    keyPath: join(directory, 'service-account.key'),
    tokens: new Map(users.map(({ name }) => [name, randomBytes(16).toString('hex')])),
  };
  const lines = users.map(({ name, groups }) => `${logins.tokens.get(name)},${name},${name},"${groups.join(',')}"\n`);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await writeFile(logins.keyPath, privateKey.export({ type: 'sec1', format: 'pem' }), { mode: 0o600 });
  await writeFile(logins.tokensPath, lines.join(''), { mode: 0o600 });
  return logins;
}

/** A kubeconfig with everything inside; `certificate` is the PEM of the server's CA. */
export function kubeconfig(access: { url: string; token: string; certificate: string }): string {
  const certificate = Buffer.from(access.certificate).toString('base64');
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server: access.url, 'certificate-authority-data': certificate } }],
    users: [{ name: 'test', user: { token: access.token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  });
}
