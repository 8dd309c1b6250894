// What each column is wanted for: the target, a number, a text, whatever it is, or nothing.
import { type FeatureSpec, featureField } from '@sluice/model/features.ts';
import { matchesStars } from '@sluice/model/star-pattern.ts';

export type Task = 'Classification' | 'Regression';

/** `field` is the place in the spec that wants the column. */
export type Role =
  | { readonly wants: 'Number' | 'Text'; readonly field: string; readonly isTarget?: true }
  /** Number or text, as its values are. */
  | { readonly wants: 'Either' }
  /** It is no input: its values matter only to tell rows apart. */
  | { readonly wants: 'Nothing' };

export type Wishes = {
  readonly target: string;
  readonly task: Task;
  /** Every column but the target is an input when absent. */
  readonly features: readonly FeatureSpec[] | undefined;
};

/** Roles by column. A column that is wanted as text and as number is text: a number can still be read out of it. */
export function rolesOf(names: readonly string[], { target, task, features }: Wishes): Map<string, Role> {
  const others: Role = { wants: features === undefined ? 'Either' : 'Nothing' };
  const roles = new Map<string, Role>(names.map((name) => [name, others]));
  for (const feature of features ?? []) {
    const wants = feature.type === 'Category' ? 'Text' : 'Number';
    for (const name of columnsOf(feature, names)) {
      if (roles.get(name)?.wants !== 'Text') roles.set(name, { wants, field: featureField(feature.name) });
    }
  }
  const wants = task === 'Classification' ? 'Text' : 'Number';
  return roles.set(target, { wants, field: 'spec.data.target', isTarget: true });
}

function columnsOf({ type, name, column, columns = '' }: FeatureSpec, names: readonly string[]): string[] {
  if (type !== 'Tensor') return [column ?? name];
  return columns.split(',').flatMap((part) => names.filter((each) => matchesStars(part.trim(), each)));
}
