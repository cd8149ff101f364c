import type { Draft, KubeObject } from '../../machinery/object.js';
import type { UserInfo } from '../../machinery/user.js';
import type { ClusterAuthentication } from '../authentication/cluster-authentication.js';
import type { Authorizer } from '../authorizer.port.js';

/** Whom a review may ask. */
export interface ReviewContext {
  readonly user: UserInfo;
  readonly now: string;
  /** The namespace of the request's path. */
  readonly namespace: string | undefined;
  readonly authorizer: Authorizer;
  readonly authentication: ClusterAuthentication;
}

/** A question that a POST asks and the answer tells: nothing is stored. */
export interface Review {
  /** Such as `authorization.k8s.io/subjectaccessreviews`. */
  readonly resource: string;
  /** Writes the status into the body. @throws StatusError 400, 422 */
  answer(draft: Draft<KubeObject>, context: ReviewContext): void;
}

export const defineReview = (review: Review): Review => Object.freeze(review);
