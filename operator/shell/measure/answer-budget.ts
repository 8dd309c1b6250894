// Bounds what is read of pods: how many of an owner, how long one may take, how many bytes a namespace may have read a
// second, and how often one that answers nonsense is asked. A namespace that says much is asked less often, its pods in turn;
// nobody else waits for it.

/** Every bound on what pods may say; how long an answer may be for what there is to tell stands with the question. */
export const answerLimits = {
  /** From the question to the last byte of the answer. */
  timeoutMs: 2_000,
  /** The longest answer that is read, whatever a routing table names. */
  longestBytes: 16 * 1_048_576,
  /** A ModelGateway has up to 20 pods, twice as many while all are replaced, and some that are ending. */
  podsPerOwner: 48,
  /** What the gateway of a namespace says whose every port is given out is read about once a second; usual are some KiB. */
  bytesPerSecond: 8 * 1_048_576,
  burstBytes: 32 * 1_048_576,
  /** Wrong answers in a row that change nothing: a pod that starts gives some. */
  patientAnswers: 5,
  firstPauseMs: 1_000,
  longestPauseMs: 10_000,
} as const;

/** How long a pod that gave so many wrong answers in a row is left alone. */
export function pauseAfterWrongAnswers(inARow: number): number {
  const beyond = inARow - answerLimits.patientAnswers;
  if (beyond < 0) return 0;
  return Math.min(answerLimits.longestPauseMs, answerLimits.firstPauseMs * 2 ** Math.min(beyond, 16));
}

type Account = {
  /** Bytes that may be read; below 0 after an answer that was longer than that. */
  bytes: number;
  atMs: number;
  /** Pods that could not be asked, who waits longest first. */
  readonly waiting: Set<string>;
};

/** Bytes per namespace. */
export class AnswerBudget {
  readonly #accounts = new Map<string, Account>();

  /** Whether the pod may be asked now; if not, it is its turn before those that come later. */
  mayAsk(namespace: string, uid: string, nowMs: number): boolean {
    const { bytes, waiting } = this.#accountOf(namespace, nowMs);
    const [first = uid] = waiting;
    if (bytes <= 0 || first !== uid) {
      waiting.add(uid);
      return false;
    }
    waiting.delete(uid);
    return true;
  }

  /** @param bytes that were read of a pod of the namespace. */
  spend(namespace: string, bytes: number, nowMs: number): void {
    this.#accountOf(namespace, nowMs).bytes -= bytes;
  }

  /** The pod is not asked any more. */
  leave(namespace: string, uid: string): void {
    const account = this.#accounts.get(namespace);
    account?.waiting.delete(uid);
    if (account?.waiting.size === 0 && account.bytes >= answerLimits.burstBytes) this.#accounts.delete(namespace);
  }

  #accountOf(namespace: string, nowMs: number): Account {
    const known = this.#accounts.get(namespace);
    const account = known ?? { bytes: answerLimits.burstBytes, atMs: nowMs, waiting: new Set<string>() };
    if (known === undefined) this.#accounts.set(namespace, account);
    const earned = ((nowMs - account.atMs) / 1000) * answerLimits.bytesPerSecond;
    account.bytes = Math.min(answerLimits.burstBytes, account.bytes + earned);
    account.atMs = nowMs;
    return account;
  }
}
