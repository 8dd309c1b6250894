// Makes certificates for tests: an authority, and what it signs for a server on the loopback address or for a client.
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { certificate, isAuthority, ofIpAddress } from '../access/x509.ts';

/** PEM of a certificate and of its private key. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** An authority that certificates can be had from. */
export interface Authority {
  readonly ca: string;
  issue(name: string): Identity;
}

const hourMs = 3_600_000;

/** Valid from an hour ago until in an hour. */
function issued(subject: string, issuer: string, keys: { readonly publicKey: KeyObject; readonly signing: KeyObject }) {
  const validity = { validFrom: new Date(Date.now() - hourMs), validUntil: new Date(Date.now() + hourMs) };
  const extensions = [subject === issuer ? isAuthority : ofIpAddress('127.0.0.1')];
  return certificate({ subject, issuer, publicKey: keys.publicKey, ...validity, extensions }, keys.signing);
}

/** A new authority. */
export function createAuthority(name: string): Authority {
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    ca: issued(name, name, { publicKey: own.publicKey, signing: own.privateKey }),
    issue: (subject) => {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      return {
        cert: issued(subject, name, { publicKey, signing: own.privateKey }),
        key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      };
    },
  };
}
