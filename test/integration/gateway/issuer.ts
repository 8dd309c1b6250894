// An issuer of tokens for tests: keys, the set of keys that it publishes, and tokens with whatever claims.
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

export const issuerName = 'https://id.example.com/realms/ml';

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

export class Issuer {
  readonly #kid: string;
  readonly #privateKey: KeyObject;
  /** Entries of the Secret with its keys. */
  readonly secret: Readonly<Record<string, string>>;

  constructor(kid: string) {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    this.#kid = kid;
    this.#privateKey = privateKey;
    const key = { ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' };
    this.secret = { 'jwks.json': JSON.stringify({ keys: [key] }) };
  }

  /** A token that is good for a minute, but for what `claims` say else; a header may be told, too. */
  token(claims: object = {}, header: object = {}): string {
    const now = Math.floor(Date.now() / 1000);
    const usual = { iss: issuerName, aud: 'sluice', sub: 'alice', exp: now + 60 };
    const text = `${encoded({ alg: 'RS256', typ: 'JWT', kid: this.#kid, ...header })}.${encoded({ ...usual, ...claims })}`;
    return `${text}.${sign('sha256', Buffer.from(text), this.#privateKey).toString('base64url')}`;
  }
}
