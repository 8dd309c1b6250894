// Makes certificates for tests: an authority, and what it signs for a server on the loopback address or for a client.
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

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

// DER, as X.690 and RFC 5280 have it: tag, length, content.
function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...contents: readonly Buffer[]): Buffer => der(0x30, ...contents);
const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');
const COMMON_NAME = bytes('0603550403');
const ECDSA_WITH_SHA256 = sequence(bytes('06082a8648ce3d040302'));
const IS_AUTHORITY = sequence(bytes('0603551d13'), bytes('0101ff'), der(0x04, sequence(bytes('0101ff'))));
const FOR_LOOPBACK = sequence(bytes('0603551d11'), der(0x04, sequence(der(0x87, Buffer.from([127, 0, 0, 1])))));

function named(name: string): Buffer {
  return sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from(name)))));
}

function utcTime(date: Date): Buffer {
  return der(0x17, Buffer.from(`${date.toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`));
}

interface Wanted {
  readonly subject: string;
  readonly issuer: string;
  readonly serial: number;
  readonly publicKey: KeyObject;
  readonly extension: Buffer;
}

/** Valid from an hour ago until in an hour. */
function certificate({ subject, issuer, serial, publicKey, extension }: Wanted, authorityKey: KeyObject): string {
  const hourMs = 3_600_000;
  const content = sequence(
    bytes('a003020102'),
    der(0x02, Buffer.from([serial])),
    ECDSA_WITH_SHA256,
    named(issuer),
    sequence(utcTime(new Date(Date.now() - hourMs)), utcTime(new Date(Date.now() + hourMs))),
    named(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(extension)),
  );
  const signature = der(0x03, Buffer.from([0]), sign('sha256', content, authorityKey));
  const text = sequence(content, ECDSA_WITH_SHA256, signature).toString('base64').replace(/.{64}/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`;
}

/** A new authority. */
export function createAuthority(name: string): Authority {
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  let serial = 1;
  const ca = certificate(
    { subject: name, issuer: name, serial, publicKey: own.publicKey, extension: IS_AUTHORITY },
    own.privateKey,
  );
  return {
    ca,
    issue: (subject) => {
      serial += 1;
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const wanted = { subject, issuer: name, serial, publicKey, extension: FOR_LOOPBACK };
      return {
        cert: certificate(wanted, own.privateKey),
        key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      };
    },
  };
}
