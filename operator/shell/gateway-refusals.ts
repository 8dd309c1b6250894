// What was refused of the gateways' children, by namespace: it concerns every ModelDeployment there, and is theirs to tell.
import type { Refusal } from '../core/refusals.ts';

/** A measurement like what gateway pods say: a process that begins again knows it after the first round of the gateway. */
export class GatewayRefusals {
  readonly #byNamespace = new Map<string, readonly Refusal[]>();
  readonly #onChange: (namespace: string) => void;

  constructor(onChange: (namespace: string) => void) {
    this.#onChange = onChange;
  }

  /** Undefined until the gateway of the namespace was tried. */
  of(namespace: string): readonly Refusal[] | undefined {
    return this.#byNamespace.get(namespace);
  }

  /** What is refused now; whoever tells of it is told when that has changed. */
  set(namespace: string, refusals: readonly Refusal[]): void {
    const before = this.#byNamespace.get(namespace);
    this.#byNamespace.set(namespace, refusals);
    if (JSON.stringify(before) !== JSON.stringify(refusals)) this.#onChange(namespace);
  }

  /** The namespace has no gateway any more. */
  forget(namespace: string): void {
    this.#byNamespace.delete(namespace);
  }
}
