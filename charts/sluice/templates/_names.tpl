{{/* Names and labels that several templates share. */}}
{{- define "sluice.labels" -}}
app.kubernetes.io/name: sluice
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "sluice.selector" -}}
app.kubernetes.io/name: sluice
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: operator
{{- end }}

{{/* Our labels, and those that are wanted on the operator: (list . labels). Ours win. */}}
{{- define "sluice.operatorLabels" -}}
{{- $own := fromYaml (index . 1) -}}
{{- toYaml (mergeOverwrite (deepCopy ((index . 0).Values.operator.podMetadata.labels | default dict)) $own) -}}
{{- end }}

{{/* Image of a part: (list . "operator") */}}
{{- define "sluice.image" -}}
{{- $root := index . 0 -}}
{{ $root.Values.images.registry }}/{{ index . 1 }}:{{ $root.Values.images.tag | default $root.Chart.AppVersion }}
{{- end }}

{{/* Who says as which user pods run. On OpenShift only the cluster may: it refuses every user that it did not give itself. */}}
{{- define "sluice.podUser" -}}
{{- if ne .Values.podUser "Auto" }}{{ .Values.podUser }}
{{- else if .Capabilities.APIVersions.Has "security.openshift.io/v1" }}Cluster
{{- else }}Fixed
{{- end }}
{{- end }}
