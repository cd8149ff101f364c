import type { SelfSubjectReview, TokenReview, UserInfo as ApiUserInfo } from '../../machinery/api/authentication-v1.js';
import type { Draft } from '../../machinery/object.js';
import { badRequest } from '../../machinery/status-error.js';
import type { UserInfo } from '../../machinery/user.js';
import { defineReview } from './review.js';

/** Who the asker is. */
export const selfSubjectReview = defineReview({
  resource: 'authentication.k8s.io/selfsubjectreviews',
  answer(draft, { user, now }) {
    const review = draft as Draft<SelfSubjectReview>;
    review.metadata = { creationTimestamp: now } as Draft<SelfSubjectReview>['metadata'];
    review.status = { userInfo: shown(user) };
  },
});

/** Whose a token is. The tokens by which this server lets its own administrators in are none of the cluster's. */
export const tokenReview = defineReview({
  resource: 'authentication.k8s.io/tokenreviews',
  answer(draft, { authentication }) {
    const review = draft as Draft<TokenReview>;
    const { token = '', audiences = [] } = review.spec ?? {};
    if (token === '') throw badRequest('token is required for TokenReview in authentication');
    const verdict = authentication.review(token, audiences.length === 0 ? authentication.audiences : audiences);
    review.status =
      verdict.user === undefined
        ? { user: {}, error: verdict.fault }
        : { authenticated: true, user: shown(verdict.user), audiences: [...verdict.audiences] };
  },
});

/** As the API shows a user: nothing that is empty, and what else is known of them in the order of its names. */
function shown({ username, uid = '', groups, extra = {} }: UserInfo): Draft<ApiUserInfo> {
  const lists = Object.entries(extra)
    .map(([key, values]): [string, string[]] => [key, [...values]])
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    ...(username === '' ? {} : { username }),
    ...(uid === '' ? {} : { uid }),
    ...(groups.length === 0 ? {} : { groups: [...groups] }),
    ...(lists.length === 0 ? {} : { extra: Object.fromEntries(lists) }),
  };
}
