// Who gave an answer, said in its headers: whatever the shares are, a client knows which revision and version it asked. A request
// is marked with its revision behind everything that may refuse it, so that an answer of the gateway's own names none.
import type { Backend } from '../routes.ts';

export const answeredByHeaders = { revision: 'sluice-revision', version: 'sluice-version' } as const;

const filterName = 'sluice.answered_by';
const typeUrl = 'type.googleapis.com/envoy.extensions.filters.http.set_filter_state.v3.Config';

/** Where the mark is kept while the request lasts. No client can write there. */
const marks = { revision: 'sluice.revision', version: 'sluice.version' } as const;

const markOf = (key: keyof typeof marks) => `%FILTER_STATE(${marks[key]}:PLAIN)%`;

/** The revision that a request was handed to, in a format string of Envoy; empty when it was handed to none. */
export const revisionAsked = markOf('revision');

/** The last filter before the router. It marks what the route tells it to. */
export const answeredByFilter = { name: filterName, typed_config: { '@type': typeUrl } };

const mark = (key: keyof typeof marks, text: string) => ({
  object_key: marks[key],
  factory_key: 'envoy.string',
  format_string: { text_format_source: { inline_string: text } },
});

/** Marks requests as the backend's; an entry that an earlier release wrote does not know its version. */
export const askedOf = ({ revision, version }: Backend) => ({
  [filterName]: {
    '@type': typeUrl,
    on_request_headers: [mark('revision', revision), ...(version === undefined ? [] : [mark('version', version)])],
  },
});

const header = (key: keyof typeof marks) => ({
  header: { key: answeredByHeaders[key], value: markOf(key) },
  append_action: 'OVERWRITE_IF_EXISTS_OR_ADD',
});

/** Of a route configuration: of a request without a mark, none of them is there. */
export const answeredBy: readonly object[] = [header('revision'), header('version')];
