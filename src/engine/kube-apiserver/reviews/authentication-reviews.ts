import type { SelfSubjectReview, TokenReview } from '../../machinery/api/authentication-v1.js';
import type { Draft } from '../../machinery/object.js';
import { badRequest } from '../../machinery/status-error.js';
import { defineReview } from './review.js';

/** Who the asker is. */
export const selfSubjectReview = defineReview({
  resource: 'authentication.k8s.io/selfsubjectreviews',
  answer(draft, { user, now }) {
    const review = draft as Draft<SelfSubjectReview>;
    const { username, uid = '', groups, extra = {} } = user;
    const lists = Object.entries(extra)
      .map(([key, values]): [string, string[]] => [key, [...values]])
      .sort(([a], [b]) => (a < b ? -1 : 1));
    review.metadata = { creationTimestamp: now } as Draft<SelfSubjectReview>['metadata'];
    review.status = {
      userInfo: {
        ...(username === '' ? {} : { username }),
        ...(uid === '' ? {} : { uid }),
        ...(groups.length === 0 ? {} : { groups: [...groups] }),
        ...(lists.length === 0 ? {} : { extra: Object.fromEntries(lists) }),
      },
    };
  },
});

/** Whose a token is. The cluster has issued none so far, so that it knows none. */
export const tokenReview = defineReview({
  resource: 'authentication.k8s.io/tokenreviews',
  answer(draft) {
    const review = draft as Draft<TokenReview>;
    if ((review.spec?.token ?? '') === '') throw badRequest('token is required for TokenReview in authentication');
    review.status = { user: {}, error: 'invalid bearer token' };
  },
});
