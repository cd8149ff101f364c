import { ApiProperty } from '@nestjs/swagger';
import { AUDIT_API_VERSION } from '../../engine/kube-apiserver/audit/audit-policy.js';
import { shownEvent } from '../../engine/kube-apiserver/audit/audit-event.js';
import type { AuditPage, AuditTrail } from '../../engine/kube-apiserver/audit/audit-trail.js';

export class AuditListMetaView {
  @ApiProperty({ required: false, description: 'Where the next page begins; absent on the last.' })
  readonly continue?: string;
}

export class AuditEventsView {
  @ApiProperty({ enum: ['EventList'] })
  readonly kind!: 'EventList';

  @ApiProperty({ enum: [AUDIT_API_VERSION] })
  readonly apiVersion!: typeof AUDIT_API_VERSION;

  @ApiProperty({ type: AuditListMetaView })
  readonly metadata!: AuditListMetaView;

  @ApiProperty({ description: 'The last event that was looked at: a later query or a stream can go on behind it.' })
  readonly position!: string;

  @ApiProperty({
    type: 'integer',
    description: 'How many events were told since the server started the cluster, and are kept no more.',
  })
  readonly lost!: number;

  @ApiProperty({
    type: 'array',
    items: { type: 'object', additionalProperties: true },
    description: 'Events of audit.k8s.io/v1, oldest first.',
  })
  readonly items!: readonly object[];
}

export function auditEventsView(trail: AuditTrail, { entries, hasMore, last }: AuditPage): AuditEventsView {
  const position = trail.positionOf(last);
  return {
    kind: 'EventList',
    apiVersion: AUDIT_API_VERSION,
    metadata: hasMore ? { continue: position } : {},
    position,
    lost: trail.lost,
    items: entries.map(({ event }) => shownEvent(event)),
  };
}
