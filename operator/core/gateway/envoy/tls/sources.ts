// The files by which Envoy follows a mounted certificate: it reads them as if a server had told it, and again when what they
// name changes. They hold names of files and nothing secret.

const secretType = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret';

/** Names of the two secrets, and of the files that tell of them. */
export const tlsNames = { certificate: 'certificate', authorities: 'authorities' } as const;
export const sourceFile = (name: string) => `tls-${name}.json`;

const source = (secret: object) => JSON.stringify({ resources: [{ '@type': secretType, ...secret }] });

/** By name of the file. @param directory where the Secret is mounted. */
export function tlsSources(directory: string): Readonly<Record<string, string>> {
  const file = (name: string) => ({ filename: `${directory}/${name}` });
  const watched_directory = { path: directory };
  const certificate = { certificate_chain: file('tls.crt'), private_key: file('tls.key'), watched_directory };
  return {
    [sourceFile(tlsNames.certificate)]: source({ name: tlsNames.certificate, tls_certificate: certificate }),
    [sourceFile(tlsNames.authorities)]: source({
      name: tlsNames.authorities,
      validation_context: { trusted_ca: file('ca.crt'), watched_directory },
    }),
  };
}
