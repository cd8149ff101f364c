import { ingressClass } from '../../../kinds/ingress-class.js';
import { ingress } from '../../../kinds/ingress.js';
import { defineAdmissionPlugin, objectOf } from '../admission.js';
import { newestDefault } from '../newest-default.js';

const DEFAULT_ANNOTATION = 'ingressclass.kubernetes.io/is-default-class';
const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';

/** Gives an ingress that names no class the default one: the newest, should there be several. */
export const defaultIngressClass = defineAdmissionPlugin({
  name: 'DefaultIngressClass',
  operations: ['CREATE'],
  resources: ['networking.k8s.io/ingresses'],

  admit(attributes, { reader }) {
    if (attributes.subresource !== undefined) return undefined;
    const { metadata, spec } = objectOf(ingress, attributes);
    if (spec === undefined || spec.ingressClassName !== undefined) return undefined;
    if (metadata.annotations?.[CLASS_ANNOTATION] !== undefined) return undefined;
    const newest = newestDefault(reader.list(ingressClass), [DEFAULT_ANNOTATION]);
    if (newest !== undefined) spec.ingressClassName = newest.metadata.name;
    return undefined;
  },
});
