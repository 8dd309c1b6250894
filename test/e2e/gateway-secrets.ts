// Secrets for a gateway: an API key, and a certificate of an authority of its own, as a person would make them.
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../cluster/run-command.ts';

/** A key, and the Secret that knows its hash. */
export function aKey(secretName: string) {
  const key = `frontend.${randomBytes(24).toString('hex')}`;
  const digest = createHash('sha256').update(key).digest('hex');
  const secret = {
    ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: secretName } },
    stringData: { frontend: `sha256:${digest} Predict` },
  };
  return { key, secret };
}

/** A certificate for a host that signs itself, as text and as a Secret. */
export async function aCertificate(secretName: string, host: string) {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-certificate-'));
  const names = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`];
  const files = ['-keyout', 'tls.key', '-out', 'tls.crt'];
  try {
    await runCommand(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...files, ...names], {
      cwd: directory,
    });
    const [certificate, key] = await Promise.all(
      ['tls.crt', 'tls.key'].map((name) => readFile(join(directory, name), 'utf8')),
    );
    const secret = {
      ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: secretName }, type: 'kubernetes.io/tls' },
      stringData: { 'tls.crt': certificate, 'tls.key': key },
    };
    return { certificate: certificate ?? '', secret };
  } finally {
    await rm(directory, { recursive: true });
  }
}
