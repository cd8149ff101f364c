import { customResourceDefinition } from '../../../kinds/custom-resource-definition.js';
import { forbidden } from '../../../machinery/status-error.js';
import { defineAdmissionPlugin } from '../admission.js';

/** Nothing new comes of a definition that ends. Upstream puts this before its chain while a definition is terminating. */
export const customResourceTermination = defineAdmissionPlugin({
  name: 'CustomResourceTermination',
  operations: ['CREATE'],

  admit({ kind, name }, { reader }) {
    if (kind.custom === undefined) return undefined;
    const definition = reader.get(customResourceDefinition, `${kind.plural}.${kind.group}`);
    const conditions = definition?.status?.conditions ?? [];
    if (!conditions.some(({ type, status }) => type === 'Terminating' && status === 'True')) return undefined;
    const message = 'create not allowed while custom resource definition is terminating';
    throw forbidden({ group: kind.group, resource: kind.plural }, name, message);
  },
});
