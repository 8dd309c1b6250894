#!/bin/bash
# Empties a local volume whose claim is gone and offers it again, so that demos and tests never run out of volumes.
set -euo pipefail
kubectl=(kubectl --kubeconfig /etc/kubernetes/admin.conf)
"${kubectl[@]}" get persistentvolumes --watch \
  -o jsonpath='{.metadata.name} {.status.phase} {.spec.storageClassName}{"\n"}' |
  while read -r name phase class; do
    if [ "$phase $class" = 'Released local' ]; then
      find "/var/lib/sluice/volumes/$name" -mindepth 1 -delete
      "${kubectl[@]}" patch persistentvolume "$name" --type=json -p='[{"op":"remove","path":"/spec/claimRef"}]'
    fi
  done
