// Writes X.509 certificates with elliptic keys, as RFC 5280 has them; Node reads certificates and makes none.
import { type KeyObject, randomBytes, sign } from 'node:crypto';

/** What a certificate says, and who signs it. */
export interface Wanted {
  readonly subject: string;
  /** The subject itself, where it signs itself. */
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly validFrom: Date;
  readonly validUntil: Date;
  /** As `isAuthority`, `ofDnsName` and `ofIpAddress` make them. */
  readonly extensions: readonly Buffer[];
}

/** DER: tag, length, content. */
function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...contents: readonly Buffer[]): Buffer => der(0x30, ...contents);
const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');
const version3 = bytes('a003020102');
const commonName = bytes('0603550403');
const ecdsaWithSha256 = sequence(bytes('06082a8648ce3d040302'));
const subjectAltName = (name: Buffer) => sequence(bytes('0603551d11'), der(0x04, sequence(name)));

/** It may sign others. */
export const isAuthority = sequence(bytes('0603551d13'), bytes('0101ff'), der(0x04, sequence(bytes('0101ff'))));

/** It is of a server with this name. */
export const ofDnsName = (name: string): Buffer => subjectAltName(der(0x82, Buffer.from(name, 'ascii')));

/** It is of a server with this IPv4 address. */
export const ofIpAddress = (address: string): Buffer =>
  subjectAltName(der(0x87, Buffer.from(address.split('.').map(Number))));

const named = (name: string): Buffer => sequence(der(0x31, sequence(commonName, der(0x0c, Buffer.from(name)))));

/** With two digits of the year before 2050, with four from then on. */
function time(date: Date): Buffer {
  const text = `${date.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`;
  return date.getUTCFullYear() < 2050 ? der(0x17, Buffer.from(text.slice(2))) : der(0x18, Buffer.from(text));
}

/** A positive number that no other certificate has. */
const serialNumber = (): Buffer => der(0x02, Buffer.concat([Buffer.from([0x01]), randomBytes(15)]));

/** PEM of the certificate, signed with the issuer's key on the curve P-256. */
export function certificate(wanted: Wanted, issuerKey: KeyObject): string {
  const content = sequence(
    version3,
    serialNumber(),
    ecdsaWithSha256,
    named(wanted.issuer),
    sequence(time(wanted.validFrom), time(wanted.validUntil)),
    named(wanted.subject),
    wanted.publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...wanted.extensions)),
  );
  const signature = der(0x03, Buffer.from([0]), sign('sha256', content, issuerKey));
  const text = sequence(content, ecdsaWithSha256, signature).toString('base64').replace(/.{64}/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${text.trimEnd()}\n-----END CERTIFICATE-----\n`;
}
