import type { Kind } from '../../machinery/kind.js';
import { localSubjectAccessReview, selfSubjectAccessReview, subjectAccessReview } from './access-reviews.js';
import { selfSubjectReview, tokenReview } from './authentication-reviews.js';
import type { Review } from './review.js';
import { selfSubjectRulesReview } from './rules-review.js';

export const reviews: readonly Review[] = Object.freeze([
  selfSubjectReview,
  tokenReview,
  subjectAccessReview,
  localSubjectAccessReview,
  selfSubjectAccessReview,
  selfSubjectRulesReview,
]);

export const reviewOf = ({ group, plural }: Kind): Review | undefined =>
  reviews.find(({ resource }) => resource === `${group}/${plural}`);
