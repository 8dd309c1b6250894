// What was written is what OpenSSL reads: names, validity, the issuer's signature.
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { certificate, isAuthority, ofDnsName } from './x509.ts';

const keys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const [authority, server] = [keys(), keys()];
const validity = { validFrom: new Date('2026-01-05T10:00:00Z'), validUntil: new Date('2061-02-03T04:05:06Z') };
const signed = (subject: string, publicKey = server.publicKey, extension = ofDnsName('xds.example')) =>
  new X509Certificate(
    certificate(
      { subject, issuer: 'authority', publicKey, ...validity, extensions: [extension] },
      authority.privateKey,
    ),
  );

test('a certificate says what it was made to say, also beyond 2049', () => {
  const read = signed('server');
  expect(read).toMatchObject({ subject: 'CN=server', issuer: 'CN=authority', subjectAltName: 'DNS:xds.example' });
  expect([read.validFromDate, read.validToDate]).toEqual([validity.validFrom, validity.validUntil]);
  expect(read.publicKey.equals(server.publicKey)).toBe(true);
  expect(read.checkPrivateKey(server.privateKey)).toBe(true);
});

test('it is its authority’s, and of no other', () => {
  const own = signed('authority', authority.publicKey, isAuthority);
  expect(own.ca).toBe(true);
  expect(signed('server').checkIssued(own)).toBe(true);
  expect(signed('server').verify(authority.publicKey)).toBe(true);
  expect(signed('server').verify(server.publicKey)).toBe(false);
});

test('no two have the same number, and a long name is no trouble', () => {
  expect(signed('server').serialNumber).not.toBe(signed('server').serialNumber);
  expect(signed('n'.repeat(300)).subject).toBe(`CN=${'n'.repeat(300)}`);
});
