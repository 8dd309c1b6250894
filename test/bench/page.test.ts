// Each benchmark writes its own part of the page.
import { expect, test } from '@jest/globals';
import { withPart } from './page.ts';

test('a part is made anew in its place, and the others stay as they are', () => {
  const first = withPart('', 'rollout', '## Rollouts\n\nold\n');
  const both = withPart(first, 'control-plane', '# Costs\n\ntext\n');
  const again = withPart(both, 'rollout', '## Rollouts\n\nnew\n');
  expect(both.indexOf('# Costs')).toBeLessThan(both.indexOf('## Rollouts'));
  expect(again).toBe(both.replace('old', 'new'));
});
