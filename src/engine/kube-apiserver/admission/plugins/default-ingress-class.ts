import { ingressClass } from '../../../kinds/ingress-class.js';
import { ingress } from '../../../kinds/ingress.js';
import { defineAdmissionPlugin, objectOf } from '../admission.js';
import { admissionForbidden } from '../admission-forbidden.js';

const DEFAULT_ANNOTATION = 'ingressclass.kubernetes.io/is-default-class';
const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';

/** Gives an ingress that names no class the default one. */
export const defaultIngressClass = defineAdmissionPlugin({
  name: 'DefaultIngressClass',
  operations: ['CREATE'],
  resources: ['networking.k8s.io/ingresses'],

  admit(attributes, { reader }) {
    if (attributes.subresource !== undefined) return undefined;
    const { metadata, spec } = objectOf(ingress, attributes);
    if (spec === undefined || spec.ingressClassName !== undefined) return undefined;
    if (metadata.annotations?.[CLASS_ANNOTATION] !== undefined) return undefined;
    const defaults = reader
      .list(ingressClass)
      .filter(({ metadata: { annotations } }) => annotations?.[DEFAULT_ANNOTATION] === 'true');
    if (defaults.length > 1) {
      throw admissionForbidden(attributes, `${defaults.length} default IngressClasses were found, only 1 allowed`);
    }
    if (defaults[0] !== undefined) spec.ingressClassName = defaults[0].metadata.name;
    return undefined;
  },
});
