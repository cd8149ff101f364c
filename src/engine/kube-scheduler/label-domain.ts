import type { DomainRule } from './domain-counts.js';

/** Every node that has the label counts, in the domain of its value. */
export const labelDomain = (key: string): DomainRule => ({
  id: key,
  domainOf: ({ metadata }) => metadata.labels?.[key],
});
