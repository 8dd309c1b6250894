// Who gave an answer, said in its headers: whatever the shares are, a client knows which revision and version it asked.
import type { Backend } from '../routes.ts';

/** Of the answer of a revision, and of a caller's refusal, which comes after a revision was chosen; a 413 has none of them. */
export const answeredByHeaders = { revision: 'sluice-revision', version: 'sluice-version' } as const;

const header = (key: string, value: string) => ({
  header: { key, value },
  append_action: 'OVERWRITE_IF_EXISTS_OR_ADD',
});

/** What answers of the backend get; an entry that an earlier release wrote does not know its version. */
export const answeredBy = ({ revision, version }: Backend): object[] => [
  header(answeredByHeaders.revision, revision),
  ...(version === undefined ? [] : [header(answeredByHeaders.version, version)]),
];
