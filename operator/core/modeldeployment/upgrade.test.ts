// What the release before wrote, its statuses, ControllerRevisions and Deployments, means the same to this one: no new
// candidate, no refusal forgotten, no pod made anew. testing/written-by-027d99d holds what that commit wrote in test/sim.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { modelDeploymentSpecSchema } from '@sluice/crds/v1alpha1/model-deployment.ts';
import { parse } from 'yaml';
import { parseTime } from '../conditions.ts';
import { labels } from '../names.ts';
import type { ModelDeploymentObserved } from './observed.ts';
import { planModelDeployment } from './plan.ts';
import { claim, settings } from './testing/samples.ts';

const directory = new URL('testing/written-by-027d99d/', import.meta.url);

type Written = { readonly now: string; readonly observed: ModelDeploymentObserved };

const read = (file: string) => parse(readFileSync(new URL(file, directory), 'utf8')) as Written;

/** @param spec changes of the spec. */
function planOn({ now, observed }: Written, spec: object = {}, changed: object = {}) {
  const { modelDeployment } = observed;
  const parsed = modelDeploymentSpecSchema.parse({ ...modelDeployment.spec, ...spec });
  return planModelDeployment(
    { ...observed, budgets: [], claims: [claim()], modelDeployment: { ...modelDeployment, spec: parsed } },
    parseTime(now),
    { ...settings, ...changed },
  );
}

type Template = { readonly spec: { readonly template: unknown } };

/** The templates of all pods that are planned, by revision. */
const templatesOf = ({ desired }: ReturnType<typeof planOn>) =>
  Object.fromEntries(
    desired
      .filter(({ manifest, lifetime }) => manifest.kind === 'Deployment' && lifetime === 'Managed')
      .map(({ manifest }) => [
        manifest.metadata.labels?.[labels.revision],
        (manifest as unknown as Template).spec.template,
      ]),
  );

const wroteTemplates = ({ observed }: Written) =>
  Object.fromEntries(
    observed.workloads.map(({ metadata, spec }) => [metadata.labels?.[labels.revision], spec?.template]),
  );

const newImages = { serverImage: 'server:2', trainerImage: 'trainer:2', imagePullPolicy: 'Always' };

describe.each(readdirSync(directory))('%s', (file) => {
  const written = read(file);
  const { status } = written.observed.modelDeployment;

  test.each<[string, object]>([
    ['as it was', {}],
    ['with other images and another pull policy', newImages],
  ])('goes on where it was (%s)', (_what, changed) => {
    const plan = planOn(written, {}, changed);
    expect(plan.status.stable).toEqual(status?.stable);
    expect(plan.status.candidate).toEqual(status?.candidate);
    expect(plan.status.former).toEqual(status?.former);
    expect(plan.status.rejected).toEqual(status?.rejected);
    expect(plan.status.traffic).toEqual(status?.traffic);
    expect(templatesOf(plan)).toEqual(wroteTemplates(written));
  });
});

describe('after the upgrade', () => {
  test('a spec that is spelled in another way is the same revision', () => {
    const { server } = read('serving.yaml').observed.modelDeployment.spec;
    const resources = { cpu: '1', memory: '1Gi' };
    const plan = planOn(read('serving.yaml'), { server: { ...server, resources } });
    expect(plan.status.candidate).toBeUndefined();
  });

  test('what was stable lately comes back without steps under its name', () => {
    const written = read('promoted.yaml');
    const plan = planOn(written, { model: { name: 'digits', version: 'digits-1' } });
    expect(plan.status.candidate).toEqual(written.observed.modelDeployment.status?.former?.[0]);
    expect(plan.status.rollout).toBeUndefined();
  });

  test('a version that was refused and is not pinned any more stays refused when it is named', () => {
    const written = read('rejected-and-no-longer-pinned.yaml');
    const forgotten = written.observed.revisions.map(({ data }) => data.version);
    expect(forgotten).not.toContain('digits-2');
    const plan = planOn(written, { model: { name: 'digits', version: 'digits-2' } });
    expect(plan.status.candidate).toBeUndefined();
    expect(plan.status.conditions).toContainEqual(expect.objectContaining({ type: 'Stalled', reason: 'GateFailed' }));
  });

  test('what runs keeps its pods while it is scaled', () => {
    const written = read('serving.yaml');
    const { server } = written.observed.modelDeployment.spec;
    expect(templatesOf(planOn(written, { server: { ...server, replicas: 5 } }, newImages))).toEqual(
      wroteTemplates(written),
    );
  });
});
