// When a stopping server may stop listening: a pure decision that is asked again and again.

/** Seconds without a new infer request after which routers are taken to have heard that this pod is leaving. */
export const quietSeconds = 3;

export type DrainView = {
  /** Seconds since SIGTERM. */
  readonly elapsed: number;
  /** Seconds since SIGTERM or the last infer request, whichever came later. */
  readonly quiet: number;
  /** `settings.drainSeconds`. */
  readonly drainSeconds: number;
};

/**
 * Endpoints take seconds to travel to every router, and until then new connections still come. So the server listens on
 * until none came for a while, but at most half of the time it has, so that the rest remains for what is in flight.
 */
export function mayStopListening({ elapsed, quiet, drainSeconds }: DrainView): boolean {
  return elapsed >= drainSeconds / 2 || quiet >= quietSeconds;
}
