// What stands before the front has to lead to it: the hosts and paths that have a model behind them, and no more, so that
// others can have the rest.
import type { Place } from '../gateway/places.ts';

/** A host, or any of them, with the prefixes that lead to the front. */
export type OuterRule = { readonly host: string | undefined; readonly paths: readonly string[] };

/** Prefix of every model that has no path of its own; stands for itself while there is no model. */
const modelsPath = '/v2/models';

/** Prefixes that lie below another one say nothing. */
const outermost = (paths: readonly string[]): string[] =>
  paths.filter((path) => !paths.some((other) => other !== path && (other === '/' || path.startsWith(`${other}/`))));

const pathsOf = (places: readonly Place[]) => outermost([...new Set(places.map(({ path }) => path))]).toSorted();

/**
 * One rule for each host; that of the namespace comes first, and is there without a model, too.
 * @param host that of the ModelGateway
 */
export function outerRules(host: string | undefined, places: readonly Place[]): OuterRule[] {
  const shared = pathsOf(places.filter((place) => place.host === undefined));
  const own = Map.groupBy(
    places.filter((place) => place.host !== undefined),
    (place) => place.host,
  );
  const others = [...own].map(([name, found]) => ({ host: name, paths: pathsOf(found) }));
  const byName = others.toSorted((a, b) => ((a.host ?? '') < (b.host ?? '') ? -1 : 1));
  return [{ host, paths: shared.length === 0 ? [modelsPath] : shared }, ...byName];
}

/** The same with at most so many paths: those of models become one, and if that is not enough, the whole host. */
export function withFewerPaths({ host, paths }: OuterRule, most: number): OuterRule {
  if (paths.length <= most) return { host, paths };
  const merged = [modelsPath, ...paths.filter((path) => !path.startsWith(`${modelsPath}/`))];
  return { host, paths: merged.length <= most ? merged : ['/'] };
}
