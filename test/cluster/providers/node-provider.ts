// What differs between the ways to get a node that is a container; everything else is the same for all of them.
import type { Progress } from '../progress.ts';

/** A way to get a single-node Kubernetes in a container. */
export interface NodeProvider {
  /** Path of the admin kubeconfig inside the container; its server is https://127.0.0.1:6443. */
  readonly adminConfig: string;
  /** Whether a container of this image came from this provider. */
  owns(image: string): boolean;
  /** Directory with a kubectl and a helm that suit the node. */
  tools(progress: Progress): Promise<string>;
  /** Starts the cluster's container and resolves when Kubernetes is ready; leaves nothing when it fails. */
  start(cluster: string, progress: Progress): Promise<void>;
}
