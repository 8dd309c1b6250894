#!/bin/bash
# Empties a local volume whose claim is gone and offers it again, so that demos and tests never run out of volumes.
set -euo pipefail
kubectl=(kubectl --kubeconfig /etc/kubernetes/admin.conf)
state='{.status.phase} {.spec.storageClassName} {.spec.claimRef.uid}'

# An event may be old news: the volume may belong to a new claim by now. Looking again is enough, since a released volume
# is bound again only after its claim reference is gone, and nobody else takes that away.
recycle() {
  local phase class claim
  read -r phase class claim < <("${kubectl[@]}" get persistentvolume "$1" -o jsonpath="$state{\"\n\"}")
  if [ "$phase $class" = 'Released local' ] && [ -n "$claim" ]; then
    find "/var/lib/sluice/volumes/$1" -mindepth 1 -delete
    "${kubectl[@]}" patch persistentvolume "$1" --type=merge --patch='{"spec":{"claimRef":null}}'
  fi
}

"${kubectl[@]}" get persistentvolumes --watch -o jsonpath='{.metadata.name} {.status.phase}{"\n"}' |
  while read -r name phase; do
    if [ "$phase" = Released ]; then recycle "$name"; fi
  done
