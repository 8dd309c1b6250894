// What the kubelet would mount: in the operator's pod its identity, in a gateway's pod its certificate and a token of the pod,
// signed with the control plane's own key.
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hopAudience } from '@sluice/operator/core/gateway/hop/claims.ts';
import { identityFiles, newIdentity } from '@sluice/operator/shell/hop/identity.ts';
import { SignJWT } from 'jose';

/** Whose token it is to be. */
export type TokenOwner = { readonly namespace: string; readonly name: string; readonly uid: string };

/** As the control plane of the tests names itself. */
const issuer = 'https://kubernetes.default.svc';

/** A new identity in a directory that an operator is told of. */
export async function writeIdentity(directory: string): Promise<void> {
  const { certificate, key } = newIdentity(new Date());
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, identityFiles.certificate), certificate);
  await writeFile(join(directory, identityFiles.key), key, { mode: 0o600 });
}

/** By what played gateways and an operator know each other. */
export class PlayedHop {
  /** PEM of what the operator shows. */
  readonly certificates: string;
  readonly #key: KeyObject;

  constructor(certificates: string, key: KeyObject) {
    this.certificates = certificates;
    this.#key = key;
  }

  static async open(identityDirectory: string, serviceAccountKeyPath: string): Promise<PlayedHop> {
    const certificates = await readFile(join(identityDirectory, identityFiles.certificate), 'utf8');
    return new PlayedHop(certificates, createPrivateKey(await readFile(serviceAccountKeyPath, 'utf8')));
  }

  tokenOf({ namespace, name, uid }: TokenOwner): Promise<string> {
    return new SignJWT({ 'kubernetes.io': { namespace, pod: { name, uid } } })
      .setProtectedHeader({ alg: 'ES256' })
      .setIssuer(issuer)
      .setAudience([hopAudience])
      .setNotBefore('0s')
      .setExpirationTime('1h')
      .sign(this.#key);
  }
}
