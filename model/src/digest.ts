// The identity of what a bundle holds: the hash of its bytes, and of a JSON value that of its one canonical text.
import { createHash } from 'node:crypto';
import { canonicalJson } from '@sluice/crds/canonical-json.ts';

/** Canonical JSON as UTF-8. */
export function canonicalBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(canonicalJson(value));
}

/** `sha256:<hex>` of the canonical JSON of a value. */
export function digestOf(value: unknown): string {
  return digestOfBytes(canonicalBytes(value));
}

/** `sha256:<hex>` of bytes. */
export function digestOfBytes(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
