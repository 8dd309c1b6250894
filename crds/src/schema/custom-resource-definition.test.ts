// The CRD as a file and as a template of the chart.
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { kinds } from '../kinds.ts';
import { modelVersion } from '../v1alpha1/model-version.ts';
import { customResourceDefinition, definitionFile, definitionTemplate } from './custom-resource-definition.ts';

describe('the file of a CRD', () => {
  test.each(kinds)('holds $kind as YAML 1.1 reads it', (kind) => {
    expect(parse(definitionFile(kind), { version: '1.1' })).toEqual(customResourceDefinition(kind));
  });
});

describe("the chart's template of a CRD", () => {
  const lines = definitionTemplate(modelVersion).split('\n');

  test('installs it only where crds.enabled says so, and keeps it where crds.keep says so', () => {
    expect(lines.filter((line) => line.includes('{{'))).toEqual([
      '{{- if .Values.crds.enabled }}',
      '  {{- if .Values.crds.keep }}',
      '  {{- end }}',
      '{{- end }}',
    ]);
  });

  test('is the CRD with the keep annotation once Helm has taken its own lines out', () => {
    const rendered = lines.filter((line) => !line.includes('{{')).join('\n');
    const { metadata, ...rest } = customResourceDefinition(modelVersion);
    const annotations = { 'helm.sh/resource-policy': 'keep' };
    expect(parse(rendered, { version: '1.1' })).toEqual({ ...rest, metadata: { ...metadata, annotations } });
  });

  test('keeps braces of a description as they are', () => {
    const braces = { ...modelVersion, description: 'Like {{ this }}.' };
    expect(definitionTemplate(braces)).toContain('Like {{ "{{" }} this }}.');
  });
});
