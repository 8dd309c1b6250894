// Says which requests and watch events a rule is about, and what goes wrong with them.
import { type ApiRequest, field, parseJson, type Verb } from './api-request.ts';

/** Which requests; an absent field matches all. All fields but `when` are plain data, so rules can come from a file. */
export interface Match {
  readonly verbs?: readonly Verb[];
  readonly group?: string;
  readonly resource?: string;
  /** Empty for requests without a subresource. */
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  /** A part of the User-Agent. */
  readonly userAgent?: string;
  readonly when?: (request: ApiRequest) => boolean;
}

/** Which of the matching ones: only the n-th (from 1), or the first few; all when neither is given. */
export interface Occasions {
  readonly nth?: number;
  readonly times?: number;
}

/** What goes wrong with a request. */
export type Fault =
  /** The request is forwarded this much later. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Answered by the proxy with a Status; never forwarded. */
  | {
      readonly kind: 'refuse';
      readonly status: number;
      readonly reason?: string;
      readonly retryAfterSeconds?: number;
    }
  /** The connection is reset; never forwarded. */
  | { readonly kind: 'reset' }
  /** No answer ever comes, the connection stays; never forwarded. */
  | { readonly kind: 'hang' }
  /** Forwarded and carried out, then the connection is reset instead of the answer: the ambiguous write. */
  | { readonly kind: 'dropResponse' }
  /** The answer ends after this many bytes of its body: by a reset, or like a body that is complete. */
  | { readonly kind: 'cut'; readonly afterBytes: number; readonly how: 'reset' | 'close' }
  /** The answer stops after this many bytes of its body while the connection stays: half-open. */
  | { readonly kind: 'silence'; readonly afterBytes: number }
  /** Code of the test's. What `beforeForward` decides against never reaches the apiserver. */
  | {
      readonly kind: 'hook';
      /** Awaited when the whole request is here and nothing of it is forwarded. */
      readonly beforeForward?: (request: ApiRequest) => HookResult<'forward' | 'discard'>;
      /** Awaited when the apiserver has answered and nothing of that has been passed on. */
      readonly afterCommit?: (request: ApiRequest, status: number) => HookResult<'answer' | 'discard'>;
    };

/** `discard` resets the connection. */
type HookResult<T extends string> = T | Promise<T>;

/** What goes wrong with requests. */
export interface RequestRule extends Occasions {
  readonly match: Match;
  readonly fault: Fault;
}

/** A line of a watch, as event rules see it. */
export interface WatchLine {
  readonly type: string;
  readonly namespace: string;
  readonly name: string;
  readonly resourceVersion: string;
}

/** Which events; bookmarks have no name. */
export interface EventMatch {
  readonly resource: string;
  readonly group?: string;
  readonly type?: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly namespace?: string;
  readonly name?: string;
  readonly when?: (event: WatchLine) => boolean;
}

/** What goes wrong with events: not told, told twice, or told after the event that follows it in the same stream. */
export interface EventRule extends Occasions {
  readonly events: EventMatch;
  readonly edit: 'drop' | 'duplicate' | 'postpone';
}

/** One fault and whom it befalls. */
export type Rule = RequestRule | EventRule;

/** Whether the request is one of those meant. */
export function matches(match: Match, request: ApiRequest): boolean {
  const { verbs, userAgent, when } = match;
  if (verbs !== undefined && !verbs.includes(request.verb)) return false;
  const keys = ['group', 'resource', 'subresource', 'namespace', 'name'] as const;
  if (keys.some((key) => match[key] !== undefined && match[key] !== request[key])) return false;
  if (userAgent !== undefined && !request.userAgent.includes(userAgent)) return false;
  return when?.(request) ?? true;
}

/** Whether the event is one of those meant; that its stream is, is asked before. */
export function matchesEvent(match: EventMatch, event: WatchLine): boolean {
  const keys = ['type', 'namespace', 'name'] as const;
  if (keys.some((key) => match[key] !== undefined && match[key] !== event[key])) return false;
  return match.when?.(event) ?? true;
}

/** Reads a line of a watch. A line that is no event has no type, and passes. */
export function readWatchLine(line: string): WatchLine {
  const event = parseJson(line);
  const metadata = field(field(event, 'object'), 'metadata');
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  return {
    type: text(field(event, 'type')),
    namespace: text(field(metadata, 'namespace')),
    name: text(field(metadata, 'name')),
    resourceVersion: text(field(metadata, 'resourceVersion')),
  };
}

/** Rules in the order in which they were added, each with the number of times it was asked for and met. */
export class RuleBook {
  readonly #entries = new Set<{ readonly rule: Rule; met: number }>();

  /** Adds a rule; the returned function takes it back. */
  add(rule: Rule): () => void {
    const entry = { rule, met: 0 };
    this.#entries.add(entry);
    return () => {
      this.#entries.delete(entry);
    };
  }

  /** The faults that befall this request now; asking counts. */
  faultsFor(request: ApiRequest): Fault[] {
    const faults: Fault[] = [];
    for (const entry of this.#entries) {
      const { rule } = entry;
      if (!('match' in rule) || !matches(rule.match, request)) continue;
      entry.met += 1;
      if (isDue(rule, entry.met)) faults.push(rule.fault);
    }
    return faults;
  }

  /** Whether any rule is about events of such a stream. */
  editsStream(stream: { readonly group: string; readonly resource: string }): boolean {
    for (const { rule } of this.#entries) if ('events' in rule && isOfStream(rule.events, stream)) return true;
    return false;
  }

  /** What befalls this event; asking counts. The first rule that is due decides. */
  editFor(stream: { readonly group: string; readonly resource: string }, event: WatchLine): EventRule['edit'] | 'pass' {
    let edit: EventRule['edit'] | 'pass' = 'pass';
    for (const entry of this.#entries) {
      const { rule } = entry;
      if (!('events' in rule) || !isOfStream(rule.events, stream) || !matchesEvent(rule.events, event)) continue;
      entry.met += 1;
      if (edit === 'pass' && isDue(rule, entry.met)) edit = rule.edit;
    }
    return edit;
  }
}

function isOfStream(match: EventMatch, stream: { readonly group: string; readonly resource: string }): boolean {
  return match.resource === stream.resource && (match.group === undefined || match.group === stream.group);
}

function isDue({ nth, times }: Occasions, met: number): boolean {
  return (nth === undefined || nth === met) && (times === undefined || met <= times);
}
