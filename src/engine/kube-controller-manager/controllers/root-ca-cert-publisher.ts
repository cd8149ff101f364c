// Mirrors upstream's root-ca-cert-publisher: every active namespace has the authority's certificate in `kube-root-ca.crt`.
import { configMap } from '../../kinds/config-map.js';
import { namespace } from '../../kinds/namespace.js';
import type { ConfigMap, Namespace } from '../../machinery/api/core-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { defineController, watching, type ReconcileContext } from '../controller.js';
import { isAlreadyThere, isNamespaceTerminating } from '../status-errors.js';

const NAME = 'kube-root-ca.crt';
const DATA_KEY = 'ca.crt';
const SOURCE_NAMESPACE = 'kube-system';
const DESCRIPTION = 'kubernetes.io/description';
const DESCRIPTION_TEXT =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

export const rootCaCertPublisher = defineController<Namespace>({
  name: 'root-ca-cert-publisher',
  option: 'root-ca-certificate-publisher-controller',
  primary: namespace,
  matters: (object, previous) => object.status?.phase !== previous.status?.phase,
  watches: [
    watching<ConfigMap, undefined>({
      kind: configMap,
      map: ({ metadata }) => (metadata.name === NAME ? [metadata.namespace ?? ''] : []),
    }),
  ],

  reconcile(context, object) {
    if (object === undefined || context.outstanding > 0) return undefined;
    const certificate = certificateOf(context);
    if (certificate === undefined) return undefined;
    const { client } = context;
    const { name } = object.metadata;
    const data = { [DATA_KEY]: certificate };
    const current = client.get(configMap, `${name}/${NAME}`);
    if (current === undefined) {
      if (object.status?.phase !== 'Active') return undefined;
      const metadata = { name: NAME, annotations: { [DESCRIPTION]: DESCRIPTION_TEXT } };
      context.create(configMap, name, { metadata, data }, ({ error }) => {
        if (error !== undefined && !isAlreadyThere(error) && !isNamespaceTerminating(error)) context.fail(error);
      });
    } else if (!deepEqual(current.data, data) || (current.metadata.annotations?.[DESCRIPTION] ?? '') === '') {
      const annotations = { ...current.metadata.annotations, [DESCRIPTION]: DESCRIPTION_TEXT };
      client.update(configMap, { ...current, data, metadata: { ...current.metadata, annotations } });
    }
    return undefined;
  },
});

const certificateOf = ({ client, settings }: ReconcileContext<undefined>): string | undefined =>
  settings.caCertificate ?? client.get(configMap, `${SOURCE_NAMESPACE}/${NAME}`)?.data?.[DATA_KEY];
