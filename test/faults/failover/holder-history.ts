// Decides from the order in which the apiserver committed writes whether a process wrote that did not hold the lease.

/** A write that was carried out. `version` is the resource version that it left: they count up over all objects. */
export interface CommittedWrite {
  readonly writer: string;
  readonly version: bigint;
  /** For a write of the lease: who holds it from then on; empty when it was given back. */
  readonly holder?: string;
  /** For people. */
  readonly what: string;
}

/** A term of one holder, from one version to the next. */
export interface Term {
  readonly holder: string;
  readonly from: bigint;
}

/** What a history shows. */
export interface Verdict {
  /** Writes of anything but the lease. */
  readonly writes: number;
  readonly byNonHolders: readonly CommittedWrite[];
  /** Without repetitions: a renewal begins no term. */
  readonly terms: readonly Term[];
}

/** Judges every write by the lease as it was when the write was committed. Clocks play no part. */
export function judge(history: readonly CommittedWrite[]): Verdict {
  const terms: Term[] = [];
  const byNonHolders: CommittedWrite[] = [];
  let writes = 0;
  for (const write of history.toSorted((a, b) => (a.version < b.version ? -1 : 1))) {
    const holder = terms.at(-1)?.holder ?? '';
    if (write.holder === undefined) {
      writes += 1;
      if (write.writer !== holder) byNonHolders.push(write);
    } else if (write.holder !== holder) terms.push({ holder: write.holder, from: write.version });
  }
  return { writes, byNonHolders, terms };
}
