import type { SelfSubjectRulesReview } from '../../machinery/api/authorization-v1.js';
import type { Draft } from '../../machinery/object.js';
import { badRequest } from '../../machinery/status-error.js';
import { defineReview } from './review.js';

type ReviewStatus = Draft<NonNullable<SelfSubjectRulesReview['status']>>;

/** What the asker may do in a namespace: every rule that a role grants, as it stands there. */
export const selfSubjectRulesReview = defineReview({
  resource: 'authorization.k8s.io/selfsubjectrulesreviews',
  answer(draft, { authorizer, user }) {
    const review = draft as Draft<SelfSubjectRulesReview>;
    const namespace = review.spec?.namespace ?? '';
    if (namespace === '') throw badRequest('no namespace on request');
    const { rules, isIncomplete, error } = authorizer.rulesFor(user, namespace);
    const status: ReviewStatus = { resourceRules: [], nonResourceRules: [], incomplete: isIncomplete };
    for (const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } of rules) {
      if (resources.length > 0) {
        status.resourceRules.push({
          verbs: [...verbs],
          ...listed('apiGroups', apiGroups),
          resources: [...resources],
          ...listed('resourceNames', resourceNames),
        });
      }
      if (nonResourceURLs.length > 0) {
        status.nonResourceRules.push({ verbs: [...verbs], nonResourceURLs: [...nonResourceURLs] });
      }
    }
    if (error !== '') status.evaluationError = error;
    // Upstream answers with an object of its own.
    review.metadata = {} as Draft<SelfSubjectRulesReview>['metadata'];
    review.spec = {};
    review.status = status;
  },
});

const listed = <Key extends string>(key: Key, values: readonly string[]): { [K in Key]?: string[] } =>
  values.length === 0 ? {} : ({ [key]: [...values] } as { [K in Key]: string[] });
