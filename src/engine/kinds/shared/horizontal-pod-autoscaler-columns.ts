import type {
  HorizontalPodAutoscaler,
  MetricSpec,
  MetricStatus,
  MetricTarget,
  MetricValueStatus,
} from '../../machinery/api/autoscaling-v2.js';
import type { Column } from '../../machinery/kind.js';
import { ageColumn, nameColumn } from './columns.js';

const METRICS_SHOWN_MAX = 2;

/** The columns of autoscalers in both versions, read from the v2 form. */
export const horizontalPodAutoscalerColumns: readonly Column<HorizontalPodAutoscaler>[] = [
  nameColumn,
  {
    name: 'Reference',
    type: 'string',
    value: ({ spec }) => `${spec?.scaleTargetRef.kind ?? ''}/${spec?.scaleTargetRef.name ?? ''}`,
  },
  {
    name: 'Targets',
    type: 'string',
    value: ({ spec, status }) => metricsText(spec?.metrics ?? [], status?.currentMetrics ?? []),
  },
  { name: 'MinPods', type: 'string', value: ({ spec }) => String(spec?.minReplicas ?? '<unset>') },
  { name: 'MaxPods', type: 'string', value: ({ spec }) => spec?.maxReplicas ?? 0 },
  { name: 'Replicas', type: 'string', value: ({ status }) => status?.currentReplicas ?? 0 },
  ageColumn,
];

function metricsText(specs: readonly MetricSpec[], statuses: readonly MetricStatus[]): string {
  if (specs.length === 0) return '<none>';
  const texts = specs.map((spec, index) => metricText(spec, statuses[index]));
  const shown = texts.slice(0, METRICS_SHOWN_MAX).join(', ');
  return texts.length > METRICS_SHOWN_MAX ? `${shown} + ${texts.length - METRICS_SHOWN_MAX} more...` : shown;
}

function metricText(spec: MetricSpec, status: MetricStatus | undefined): string {
  switch (spec.type) {
    case 'External':
      return valueText(spec.external?.target, status?.external?.current);
    case 'Object':
      return valueText(spec.object?.target, status?.object?.current);
    case 'Pods':
      return `${status?.pods?.current.averageValue ?? '<unknown>'}/${spec.pods?.target.averageValue ?? '0'}`;
    case 'Resource':
      return resourceText(spec.resource?.name, spec.resource?.target, status?.resource?.current);
    case 'ContainerResource':
      return resourceText(
        spec.containerResource?.name,
        spec.containerResource?.target,
        status?.containerResource?.current,
      );
    default:
      return '<unknown type>';
  }
}

function valueText(target: MetricTarget | undefined, current: MetricValueStatus | undefined): string {
  return target?.averageValue === undefined
    ? `${current === undefined ? '<unknown>' : (current.value ?? '0')}/${target?.value ?? '0'}`
    : `${current?.averageValue ?? '<unknown>'}/${target.averageValue} (avg)`;
}

function resourceText(
  name: string | undefined,
  target: MetricTarget | undefined,
  current: MetricValueStatus | undefined,
): string {
  if (target?.averageValue !== undefined) {
    return `${name ?? ''}: ${current === undefined ? '<unknown>' : (current.averageValue ?? '0')}/${target.averageValue}`;
  }
  const percent = (value: number | undefined, none: string): string => (value === undefined ? none : `${value}%`);
  const wanted = percent(target?.averageUtilization, '<auto>');
  return `${name ?? ''}: ${percent(current?.averageUtilization, '<unknown>')}/${wanted}`;
}
