#!/bin/bash
# Process 1 of a node: starts a whole single-node Kubernetes, restarts what dies, and leaves no control group behind.
set -euo pipefail
settings=/etc/sluice
host=$(hostname)
address=$(hostname -i | cut -d' ' -f1)
cgroup_root=k8s-$host
logs=/var/log/kubernetes
admin=(kubectl --kubeconfig /etc/kubernetes/admin.conf)
mkdir -p "$logs" /etc/kubernetes /etc/cni/net.d

# Runs a program for as long as the node lives; a test may kill it to see what the others do.
keep() {
  local name=$1
  shift
  while true; do
    "$@" >>"$logs/$name.log" 2>&1 || true
    echo "$name ended and is started again" | tee -a "$logs/$name.log"
    sleep 1
  done &
}

# Copies a settings file to its place with this node's name and address filled in.
place() {
  sed -e "s/@host@/$host/g" -e "s/@address@/$address/g" "$settings/$1" >"$2"
}

until_true() {
  local what=$1
  shift
  for _ in $(seq 600); do
    if "$@" >/dev/null 2>&1; then return 0; fi
    sleep 0.1
  done
  echo "gave up waiting for $what; last lines of the logs:"
  tail -n 5 "$logs"/*.log
  exit 1
}

# The kubelet reads kernel messages and a machine id, neither of which a container has.
prepare_devices() {
  [ -e /dev/kmsg ] || ln -s /dev/null /dev/kmsg
  [ -s /etc/machine-id ] || tr -d - </proc/sys/kernel/random/uuid >/etc/machine-id
  mount --make-rshared /
}

# Version 1: a root for each node's pods in every hierarchy of the host, since two kubelets that shared one would delete
# each other's pods. Version 2: the container sees its own subtree; processes move to a leaf so that it may be divided.
prepare_cgroups() {
  local hierarchy group
  if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
    mkdir -p /sys/fs/cgroup/init
    xargs -rn1 </sys/fs/cgroup/cgroup.procs >/sys/fs/cgroup/init/cgroup.procs 2>/dev/null || true
    sed -e 's/ / +/g' -e 's/^/+/' /sys/fs/cgroup/cgroup.controllers >/sys/fs/cgroup/cgroup.subtree_control
    mkdir -p "/sys/fs/cgroup/$cgroup_root"
    return
  fi
  for hierarchy in /sys/fs/cgroup/*/; do
    group=$hierarchy$cgroup_root
    mkdir -p "$group"
    if [ -f "$group/cpuset.cpus" ]; then
      cat "${hierarchy}cpuset.cpus" >"$group/cpuset.cpus"
      cat "${hierarchy}cpuset.mems" >"$group/cpuset.mems"
    fi
  done
}

start_control_plane() {
  local p=/etc/kubernetes
  keep etcd etcd --data-dir=/var/lib/etcd --unsafe-no-fsync \
    --listen-client-urls=http://127.0.0.1:2379 --advertise-client-urls=http://127.0.0.1:2379
  keep kube-apiserver kube-apiserver --etcd-servers=http://127.0.0.1:2379 --advertise-address="$address" \
    --tls-cert-file=$p/apiserver.crt --tls-private-key-file=$p/apiserver.key --client-ca-file=$p/ca.crt \
    --service-account-key-file=$p/service-account.pub --service-account-signing-key-file=$p/service-account.key \
    --service-account-issuer=https://kubernetes.default.svc --service-cluster-ip-range=10.96.0.0/16 \
    --authorization-mode=Node,RBAC --allow-privileged \
    --enable-admission-plugins=NodeRestriction,OwnerReferencesPermissionEnforcement \
    --kubelet-client-certificate=$p/admin.crt --kubelet-client-key=$p/admin.key \
    --kubelet-certificate-authority=$p/ca.crt --kubelet-preferred-address-types=InternalIP \
    --requestheader-client-ca-file=$p/ca.crt --requestheader-allowed-names=front-proxy \
    --requestheader-username-headers=X-Remote-User --requestheader-group-headers=X-Remote-Group \
    --requestheader-extra-headers-prefix=X-Remote-Extra- \
    --proxy-client-cert-file=$p/front-proxy.crt --proxy-client-key-file=$p/front-proxy.key \
    --audit-policy-file=$settings/audit-policy.yaml --audit-log-path=$logs/audit.log --audit-log-maxsize=200
}

# They elect a leader though each is alone: one that cannot renew its lease ends, and begins anew with what is true then.
start_controllers() {
  local p=/etc/kubernetes
  keep kube-controller-manager kube-controller-manager --kubeconfig=$p/controller-manager.conf \
    --authentication-kubeconfig=$p/controller-manager.conf --authorization-kubeconfig=$p/controller-manager.conf \
    --use-service-account-credentials --root-ca-file=$p/ca.crt \
    --service-account-private-key-file=$p/service-account.key \
    --cluster-signing-cert-file=$p/ca.crt --cluster-signing-key-file=$p/ca.key \
    --allocate-node-cidrs --cluster-cidr=10.244.0.0/16 --service-cluster-ip-range=10.96.0.0/16
  keep kube-scheduler kube-scheduler --kubeconfig=$p/scheduler.conf \
    --authentication-kubeconfig=$p/scheduler.conf --authorization-kubeconfig=$p/scheduler.conf
}

start_node() {
  place kubelet.yaml /etc/kubernetes/kubelet.yaml
  place kube-proxy.yaml /etc/kubernetes/kube-proxy.yaml
  until_true containerd ctr -n k8s.io images import "$settings/pause.tar"
  keep kubelet kubelet --config=/etc/kubernetes/kubelet.yaml --kubeconfig=/etc/kubernetes/kubelet.conf \
    --node-ip="$address" --hostname-override="$host"
  keep kube-proxy kube-proxy --config=/etc/kubernetes/kube-proxy.yaml
  keep coredns coredns -conf "$settings/Corefile"
}

apply_cluster_objects() {
  place cluster.yaml /etc/kubernetes/cluster.yaml
  for number in $(seq 16); do
    mkdir -p "/var/lib/sluice/volumes/local-$number"
    sed -e "s/@number@/$number/g" -e "s/@host@/$host/g" "$settings/volume.yaml"
  done >>/etc/kubernetes/cluster.yaml
  "${admin[@]}" apply --server-side -f /etc/kubernetes/cluster.yaml
}

dns_is_ready() {
  exec 3<>/dev/tcp/127.0.0.1/8181
  printf 'GET /ready HTTP/1.0\r\n\r\n' >&3
  grep -q '200 OK' <&3
}

# Ends every other process, so that the pods' control groups on the host are empty and can be removed.
stop() {
  kill -KILL -1 2>/dev/null || true
  for _ in $(seq 50); do
    find /sys/fs/cgroup -depth -type d -path "*/$cgroup_root*" -exec rmdir {} + 2>/dev/null || true
    [ -z "$(find /sys/fs/cgroup -maxdepth 2 -name "$cgroup_root")" ] && break
    sleep 0.1
  done
  exit 0
}
trap stop TERM INT

prepare_devices
prepare_cgroups
place containerd.toml /etc/containerd/config.toml
cp "$settings/pod-network.conflist" /etc/cni/net.d/
"$settings/certificates.sh"
start_control_plane
keep containerd containerd
until_true 'the apiserver' "${admin[@]}" get --raw /readyz
start_controllers
start_node
until_true 'cluster objects' apply_cluster_objects
keep recycle-volumes "$settings/recycle-volumes.sh"
until_true 'the default service account' "${admin[@]}" get serviceaccount default
until_true 'the node' "${admin[@]}" wait --for=condition=Ready node "$host" --timeout=60s
until_true 'cluster DNS' dns_is_ready
echo 'sluice node is ready'
while true; do wait; done
