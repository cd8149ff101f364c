import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsNotEmpty, IsString, Matches, MaxLength } from 'class-validator';
import type { AuditEventFilter } from '../../engine/kube-apiserver/audit/event-filter.js';
import {
  AUDIT_LEVELS,
  AUDIT_STAGES,
  type AuditLevel,
  type AuditStage,
} from '../../engine/kube-apiserver/audit/audit-policy.js';
import { IsTimestamp, MayBeAbsent, parseRfc3339 } from '../validators.js';

const TEXT_LENGTH_MAX = 1_024;
const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 500;

const Text =
  (description: string, example?: string): PropertyDecorator =>
  (target, property) => {
    ApiProperty({ required: false, description, ...(example === undefined ? {} : { example }) })(target, property);
    MayBeAbsent()(target, property);
    IsString()(target, property);
    IsNotEmpty()(target, property);
    MaxLength(TEXT_LENGTH_MAX)(target, property);
  };

/** Which audit events are wanted: those that all of it holds for. */
export class AuditEventsQuery {
  @Text('Who sent the request, or whom it was sent as.', 'system:kube-scheduler')
  user?: string;

  @Text('Such as create, get, list, watch, update, patch, delete.', 'create')
  verb?: string;

  @Text('The API group.', 'apps')
  group?: string;

  @Text('The plural of a resource; its subresources are among it.', 'pods')
  resource?: string;

  @Text('A subresource.', 'status')
  subresource?: string;

  @Text('The namespace of the object.', 'default')
  namespace?: string;

  @Text('The name of the object.')
  name?: string;

  @ApiProperty({ required: false, enum: AUDIT_LEVELS.slice(1) })
  @MayBeAbsent()
  @IsIn(AUDIT_LEVELS)
  level?: AuditLevel;

  @ApiProperty({ required: false, enum: AUDIT_STAGES })
  @MayBeAbsent()
  @IsIn(AUDIT_STAGES)
  stage?: AuditStage;

  @ApiProperty({ required: false, type: 'integer', minimum: 100, maximum: 599, description: 'Of the answer.' })
  @MayBeAbsent()
  @Matches(/^[1-5]\d\d$/, { message: '$property must be an HTTP status code' })
  code?: string;

  @Text('The Audit-Id of a request: all that was told of it.')
  auditID?: string;

  @ApiProperty({ required: false, format: 'date-time', description: "From then on, in the cluster's time." })
  @MayBeAbsent()
  @IsTimestamp()
  since?: string;

  @ApiProperty({ required: false, format: 'date-time', description: "Before then, in the cluster's time." })
  @MayBeAbsent()
  @IsTimestamp()
  until?: string;

  @ApiProperty({ required: false, type: 'integer', minimum: 1, maximum: LIMIT_MAX, default: LIMIT_DEFAULT })
  @MayBeAbsent()
  @Matches(/^(?:[1-9]\d?|[1-4]\d\d|500)$/, { message: `$property must be a number from 1 to ${LIMIT_MAX}` })
  limit?: string;

  @Text(
    '`metadata.continue` of the page before, or the `position` of any answer or streamed event: what came behind it.',
  )
  continue?: string;
}

export const limitOf = ({ limit }: AuditEventsQuery): number => (limit === undefined ? LIMIT_DEFAULT : Number(limit));

export function filterOf({
  code,
  since,
  until,
  limit: _limit,
  continue: _from,
  ...texts
}: AuditEventsQuery): AuditEventFilter {
  return {
    ...texts,
    code: code === undefined ? undefined : Number(code),
    since: since === undefined ? undefined : parseRfc3339(since),
    until: until === undefined ? undefined : parseRfc3339(until),
  };
}
