import { namespace } from '../../../kinds/namespace.js';
import { forbidden, notFound, StatusError } from '../../../machinery/status-error.js';
import { defineAdmissionPlugin, type AdmissionAttributes } from '../admission.js';
import { admissionForbidden } from '../admission-forbidden.js';

const IMMORTAL = ['default', 'kube-system', 'kube-public'];
const OF_NAMESPACES = { group: '', resource: 'namespaces' };

/** Nothing is written into a namespace that does not exist, nothing new into one that ends, and three never end. */
export const namespaceLifecycle = defineAdmissionPlugin({
  name: 'NamespaceLifecycle',
  operations: ['CREATE', 'UPDATE', 'DELETE'],

  admit(attributes, { reader }) {
    const { operation, kind, name } = attributes;
    if (kind.group === '' && kind.plural === 'namespaces') {
      if (operation === 'DELETE' && IMMORTAL.includes(name)) {
        throw forbidden(OF_NAMESPACES, name, 'this namespace may not be deleted');
      }
      return undefined;
    }
    if (attributes.namespace === undefined || operation === 'DELETE') return undefined;
    if (kind.plural === 'localsubjectaccessreviews') return undefined;
    const found = reader.get(namespace, attributes.namespace);
    if (found === undefined) throw notFound(OF_NAMESPACES, attributes.namespace);
    if (operation === 'CREATE' && found.status?.phase === 'Terminating') {
      throw terminating(attributes, attributes.namespace);
    }
    return undefined;
  },
});

function terminating(attributes: AdmissionAttributes, name: string): StatusError {
  const message = `unable to create new content in namespace ${name} because it is being terminated`;
  const { status } = admissionForbidden(attributes, message);
  const cause = {
    reason: 'NamespaceTerminating',
    message: `namespace ${name} is being terminated`,
    field: 'metadata.namespace',
  };
  return new StatusError({ ...status, details: { ...status.details, causes: [cause] } });
}
