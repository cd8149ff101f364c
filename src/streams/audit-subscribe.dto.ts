import { IsIn, IsInt, IsNotEmpty, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import type { AuditEventFilter } from '../engine/kube-apiserver/audit/event-filter.js';
import {
  AUDIT_LEVELS,
  AUDIT_STAGES,
  type AuditLevel,
  type AuditStage,
} from '../engine/kube-apiserver/audit/audit-policy.js';
import { ClusterSubscription } from './subscribe.dto.js';

const TEXT_LENGTH_MAX = 1_024;
const CODE_MIN = 100;
const CODE_MAX = 599;

const Text = (): PropertyDecorator => (target, property) => {
  IsOptional()(target, property);
  IsString()(target, property);
  IsNotEmpty()(target, property);
  MaxLength(TEXT_LENGTH_MAX)(target, property);
};

/** Which audit events to tell: all of a cluster that the rest holds for, from now on or from behind a position. */
export class AuditSubscribeBody extends ClusterSubscription {
  @Text()
  user?: string;

  @Text()
  verb?: string;

  @Text()
  group?: string;

  @Text()
  resource?: string;

  @Text()
  subresource?: string;

  @Text()
  namespace?: string;

  @Text()
  name?: string;

  @IsOptional()
  @IsIn(AUDIT_LEVELS)
  level?: AuditLevel;

  @IsOptional()
  @IsIn(AUDIT_STAGES)
  stage?: AuditStage;

  @IsOptional()
  @IsInt()
  @Min(CODE_MIN)
  @Max(CODE_MAX)
  code?: number;

  @Text()
  auditID?: string;

  /** Of an event or of a page of them; `oldest` for all that are kept. */
  @Text()
  position?: string;
}

export const filterOf = ({
  tenant: _tenant,
  cluster: _cluster,
  position: _position,
  ...filter
}: AuditSubscribeBody): AuditEventFilter => filter;
