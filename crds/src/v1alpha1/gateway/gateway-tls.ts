// How clients speak to a gateway: TLS with a certificate of a Secret.
import { z } from 'zod';
import { describe, nameOf } from '../../fragments.ts';

export const tlsSchema = z
  .object({
    secretName: nameOf('Secret').meta(
      describe('A Secret of type kubernetes.io/tls: tls.crt and tls.key; followed when it changes.'),
    ),
    clientCertificates: z
      .enum(['Off', 'Required'])
      .default('Off')
      .meta(describe("Required: only clients with a certificate that the Secret's ca.crt has signed are let in.")),
  })
  .meta(describe('TLS at every way into the gateway, 1.2 at least; plain HTTP when absent.'));
export type GatewayTls = z.output<typeof tlsSchema>;
