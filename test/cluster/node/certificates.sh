#!/bin/bash
# Makes the cluster's certificate authority, a certificate for each component, and a kubeconfig for each client.
set -euo pipefail
cd /etc/kubernetes
host=$(hostname)
address=$(hostname -i | cut -d' ' -f1)
key=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes)

# issue NAME SUBJECT ALTERNATIVE_NAMES
issue() {
  openssl req "${key[@]}" -keyout "$1.key" -subj "$2" 2>/dev/null |
    openssl x509 -req -CA ca.crt -CAkey ca.key -CAcreateserial -days 3650 -out "$1.crt" \
      -extfile <(printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth,clientAuth' "${3:-DNS:$1}") 2>/dev/null
}

# client NAME: a kubeconfig with everything inside, so that it can be copied elsewhere
client() {
  cat >"$1.conf" <<CONFIG
apiVersion: v1
kind: Config
clusters: [{name: sluice, cluster: {server: "https://127.0.0.1:6443", certificate-authority-data: $(base64 -w0 ca.crt)}}]
users: [{name: $1, user: {client-certificate-data: $(base64 -w0 "$1.crt"), client-key-data: $(base64 -w0 "$1.key")}}]
contexts: [{name: sluice, context: {cluster: sluice, user: $1}}]
current-context: sluice
CONFIG
}

openssl req -x509 "${key[@]}" -keyout ca.key -out ca.crt -days 3650 -subj /CN=kubernetes 2>/dev/null
issue apiserver /CN=kube-apiserver \
  "DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:localhost,DNS:$host,IP:127.0.0.1,IP:10.96.0.1,IP:$address"
issue admin /O=system:masters/CN=admin
issue controller-manager /CN=system:kube-controller-manager
issue scheduler /CN=system:kube-scheduler
issue kubelet "/O=system:nodes/CN=system:node:$host" "DNS:$host,IP:$address"
issue proxy /CN=system:kube-proxy
issue coredns /CN=sluice:coredns
issue front-proxy /CN=front-proxy
for name in admin controller-manager scheduler kubelet proxy coredns; do client "$name"; done
openssl ecparam -genkey -name prime256v1 -noout | openssl pkcs8 -topk8 -nocrypt -out service-account.key
openssl pkey -in service-account.key -pubout -out service-account.pub
