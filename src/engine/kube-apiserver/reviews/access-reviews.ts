/** The reviews of access. Mirrors `pkg/registry/authorization` and its validation. */
import type {
  LocalSubjectAccessReview,
  NonResourceAttributes,
  SelfSubjectAccessReview,
  SubjectAccessReview,
  SubjectAccessReviewSpec,
  SubjectAccessReviewStatus,
} from '../../machinery/api/authorization-v1.js';
import { invalid as invalidField, type FieldError } from '../../machinery/field-error.js';
import type { Draft } from '../../machinery/object.js';
import { invalid } from '../../machinery/status-error.js';
import type { UserInfo } from '../../machinery/user.js';
import type { AuthorizationAttributes, Authorizer } from '../authorizer.port.js';
import { defineReview } from './review.js';
import { readSelectors, selectorErrors } from './review-selectors.js';

const GROUP = 'authorization.k8s.io';

type Attributes = Pick<SubjectAccessReviewSpec, 'resourceAttributes' | 'nonResourceAttributes'>;

export const subjectAccessReview = defineReview({
  resource: `${GROUP}/subjectaccessreviews`,
  answer(draft, { authorizer }) {
    const review = draft as Draft<SubjectAccessReview>;
    const spec = (review.spec ??= {});
    refuse([
      ...attributeErrors(spec),
      ...subjectErrors(spec),
      ...selectorErrors(spec.resourceAttributes ?? {}),
      ...metadataErrors(review),
    ]);
    review.status = verdict(spec, userOf(spec), authorizer);
  },
});

export const localSubjectAccessReview = defineReview({
  resource: `${GROUP}/localsubjectaccessreviews`,
  answer(draft, { authorizer, namespace = '' }) {
    const review = draft as Draft<LocalSubjectAccessReview>;
    const spec = (review.spec ??= {});
    const errors = [...attributeErrors(spec), ...subjectErrors(spec), ...selectorErrors(spec.resourceAttributes ?? {})];
    const { resourceAttributes, nonResourceAttributes } = spec;
    if (resourceAttributes !== undefined && resourceAttributes.namespace !== namespace) {
      const given = resourceAttributes.namespace ?? '';
      errors.push(invalidField('spec.resourceAttributes.namespace', given, 'must match metadata.namespace'));
    }
    if (nonResourceAttributes !== undefined) {
      const shown = internalPath(nonResourceAttributes);
      errors.push(invalidField('spec.nonResourceAttributes', shown, 'disallowed on this kind of request'));
    }
    refuse([...errors, ...metadataErrors(review, 'must be empty except for namespace')]);
    review.metadata = { ...review.metadata, namespace };
    review.status = verdict(spec, userOf(spec), authorizer);
  },
});

export const selfSubjectAccessReview = defineReview({
  resource: `${GROUP}/selfsubjectaccessreviews`,
  answer(draft, { authorizer, user }) {
    const review = draft as Draft<SelfSubjectAccessReview>;
    const spec = (review.spec ??= {});
    refuse([...attributeErrors(spec), ...selectorErrors(spec.resourceAttributes ?? {}), ...metadataErrors(review)]);
    review.status = verdict(spec, user, authorizer);
  },
});

/** Upstream's reviews have lost their kind when their errors are told. */
function refuse(errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid({ group: GROUP, kind: '' }, '', errors);
}

function attributeErrors({ resourceAttributes, nonResourceAttributes }: Attributes): FieldError[] {
  if (resourceAttributes === undefined && nonResourceAttributes === undefined) {
    const detail = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
    return [invalidField('spec.resourceAttributes', null, detail)];
  }
  if (resourceAttributes === undefined || nonResourceAttributes === undefined) return [];
  const detail = 'cannot be specified in combination with resourceAttributes';
  return [invalidField('spec.nonResourceAttributes', internalPath(nonResourceAttributes), detail)];
}

function subjectErrors({ user = '', groups = [] }: SubjectAccessReviewSpec): FieldError[] {
  if (user !== '' || groups.length > 0) return [];
  return [invalidField('spec.user', '', 'at least one of user or group must be specified')];
}

/** A review is not kept: it has nothing to be called by. */
function metadataErrors({ metadata }: Draft<SubjectAccessReview>, fault = 'must be empty'): FieldError[] {
  const { managedFields: _managers, namespace: _namespace, ...rest } = metadata ?? {};
  const isEmpty = Object.values(rest).every((value) => value === undefined || value === '');
  return isEmpty ? [] : [invalidField('metadata', metadata, fault)];
}

const internalPath = ({ path = '', verb = '' }: NonResourceAttributes): object => ({ Path: path, Verb: verb });

const userOf = ({ user = '', groups = [], uid, extra }: SubjectAccessReviewSpec): UserInfo => ({
  username: user,
  groups,
  ...(uid === undefined ? {} : { uid }),
  ...(extra === undefined ? {} : { extra }),
});

function verdict(attributes: Attributes, user: UserInfo, authorizer: Authorizer): Draft<SubjectAccessReviewStatus> {
  const { fields, fault } = readSelectors(attributes.resourceAttributes ?? {});
  const { isAllowed, reason } = authorizer.authorize({ ...authorizationOf(attributes, user), fields });
  return {
    allowed: isAllowed,
    ...(reason === '' ? {} : { reason }),
    ...(fault === '' ? {} : { evaluationError: fault }),
  };
}

function authorizationOf({ resourceAttributes, nonResourceAttributes }: Attributes, user: UserInfo) {
  const of = resourceAttributes ?? {};
  return {
    user,
    verb: of.verb ?? nonResourceAttributes?.verb ?? '',
    group: of.group ?? '',
    version: of.version ?? '',
    resource: of.resource ?? '',
    subresource: of.subresource ?? '',
    namespace: of.namespace ?? '',
    name: of.name ?? '',
    path: nonResourceAttributes?.path ?? '',
    isResource: resourceAttributes !== undefined,
  } satisfies AuthorizationAttributes;
}
