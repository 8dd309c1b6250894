// The certificate by which gateways know the operator, and its key: one for all replicas, signed by itself.
import { createPrivateKey, generateKeyPairSync, randomUUID, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { operatorName } from '../../core/gateway/envoy/operator-link.ts';
import { ofDnsName, certificate as x509 } from '../../kube/access/x509.ts';
import { isRecord } from '../../kube/objects.ts';

/** PEM of both. */
export type Identity = { readonly certificate: string; readonly key: string };

/** As Kubernetes names the parts of a `kubernetes.io/tls` Secret. */
export const identityFiles = { certificate: 'tls.crt', key: 'tls.key' } as const;

const dayMs = 86_400_000;
const validDays = 3650;

/** A new one. It begins a day ago, for clocks that are behind. */
export function newIdentity(now: Date): Identity {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = `sluice-operator ${randomUUID()}`;
  const validity = {
    validFrom: new Date(now.getTime() - dayMs),
    validUntil: new Date(now.getTime() + validDays * dayMs),
  };
  const wanted = { subject: name, issuer: name, publicKey, ...validity, extensions: [ofDnsName(operatorName)] };
  return {
    certificate: x509(wanted, privateKey),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** When it can be used no longer. */
export const endOf = ({ certificate }: Identity): Date => new X509Certificate(certificate).validToDate;

/**
 * What the kubelet has put there; undefined while there is nothing.
 * @throws Error when it is no certificate with its key.
 */
export async function readIdentity(directory: string): Promise<Identity | undefined> {
  const [text, key] = await Promise.all([
    readIfThere(join(directory, identityFiles.certificate)),
    readIfThere(join(directory, identityFiles.key)),
  ]);
  if (text === undefined || key === undefined) return undefined;
  if (!new X509Certificate(text).checkPrivateKey(createPrivateKey(key))) {
    throw new Error(`${identityFiles.key} is not the key of ${identityFiles.certificate}`);
  }
  return { certificate: text, key };
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isRecord(error) && error['code'] === 'ENOENT') return undefined;
    throw error;
  }
}
