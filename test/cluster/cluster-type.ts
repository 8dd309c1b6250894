// The shape of a test cluster: what the demo, the end-to-end tests and the CLI may ask of it, whoever provides it.

/** A running Kubernetes cluster, whichever provider stands behind it. */
export interface Cluster {
  /** Name given to `openCluster`; two clusters on one machine differ in it. */
  readonly name: string;
  /** Absolute path of an admin kubeconfig that works from this machine. */
  readonly kubeconfigPath: string;
  /** Context inside `kubeconfigPath`, or undefined for its current one. */
  readonly context: string | undefined;
  /** Address of the node as seen from this machine: NodePort Services answer here. */
  readonly nodeAddress: string;
  /** Directory that holds `kubectl` and `helm` of the cluster's own version; put it first on PATH. */
  readonly toolsPath: string;

  /** Runs kubectl of `toolsPath` against this cluster and resolves to its standard output; rejects with its message. */
  kubectl(args: readonly string[], input?: string): Promise<string>;
  /**
   * Makes images of the local Docker daemon available to pods; those whose id is already there are left alone. Resolves
   * to the references that pods must name: the given ones, or the pushed names when images go through a registry.
   */
  loadImages(references: readonly string[]): Promise<string[]>;
  /** Makes the node offer `count` simulated `nvidia.com/gpu` devices; 0 takes them away. */
  advertiseGpu(count: number): Promise<void>;
  /** Runs a command on the node and resolves to its output; rejects when it exits with another code than 0. */
  exec(command: readonly string[]): Promise<string>;
  /** Removes what `openCluster` created; a cluster that the user brought stays as it is. */
  down(): Promise<void>;
}

/** What `openCluster` needs to know; every field has a default. */
export interface ClusterOptions {
  /** Lower-case DNS label; default `local`. */
  readonly name?: string;
  /** Use this context of the user's kubeconfig instead of creating a cluster. */
  readonly context?: string;
  /** The user's kubeconfig; given without `context`, its current context is used. */
  readonly kubeconfig?: string;
  /** Registry prefix (`host/path`) to push images to when the cluster is the user's. */
  readonly registry?: string;
  /** Leave the cluster running when this process ends (the CLI's `up`); default false. */
  readonly keep?: boolean;
}
