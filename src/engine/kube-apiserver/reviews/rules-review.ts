import type { SelfSubjectRulesReview } from '../../machinery/api/authorization-v1.js';
import type { Draft } from '../../machinery/object.js';
import { badRequest } from '../../machinery/status-error.js';
import { ALL_POWERFUL_GROUP } from '../../machinery/user.js';
import { defineReview } from './review.js';

/** What the asker may do. Who may do everything is told so; of others nothing can be listed, and the answer says that. */
export const selfSubjectRulesReview = defineReview({
  resource: 'authorization.k8s.io/selfsubjectrulesreviews',
  answer(draft, { authorizer, user }) {
    const review = draft as Draft<SelfSubjectRulesReview>;
    if ((review.spec?.namespace ?? '') === '') throw badRequest('no namespace on request');
    const isAllowedAll = authorizer === undefined || user.groups.includes(ALL_POWERFUL_GROUP);
    review.spec = {};
    review.status = isAllowedAll
      ? {
          resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
          nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
          incomplete: false,
        }
      : {
          resourceRules: [],
          nonResourceRules: [],
          incomplete: true,
          evaluationError: 'the authorizer does not support user rule resolution',
        };
  },
});
