// Mirrors upstream's serviceaccount controller: every active namespace has a ServiceAccount `default`.
import { namespace } from '../../kinds/namespace.js';
import { serviceAccount } from '../../kinds/service-account.js';
import type { Namespace, ServiceAccount } from '../../machinery/api/core-v1.js';
import { defineController, watching } from '../controller.js';
import { isAlreadyThere, isNamespaceTerminating } from '../status-errors.js';

const NAME = 'default';

export const serviceAccountController = defineController<Namespace>({
  name: 'service-account-controller',
  option: 'serviceaccount-controller',
  primary: namespace,
  matters: (object, previous) => object.status?.phase !== previous.status?.phase,
  watches: [
    watching<ServiceAccount, undefined>({
      kind: serviceAccount,
      matters: () => false,
      map: ({ metadata }, _context, type) =>
        type === 'deleted' && metadata.name === NAME ? [metadata.namespace ?? ''] : [],
    }),
  ],

  reconcile(context, object) {
    if (object === undefined || object.status?.phase !== 'Active' || context.outstanding > 0) return undefined;
    const { name } = object.metadata;
    if (context.client.get(serviceAccount, `${name}/${NAME}`) !== undefined) return undefined;
    context.create(serviceAccount, name, { metadata: { name: NAME } }, ({ error }) => {
      if (error !== undefined && !isAlreadyThere(error) && !isNamespaceTerminating(error)) context.fail(error);
    });
    return undefined;
  },
});
