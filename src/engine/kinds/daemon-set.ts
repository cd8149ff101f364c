import { goQuote } from '../machinery/go-text.js';
import { unknownError } from '../machinery/status-error.js';
import type { DaemonSet, DaemonSetSpec, DaemonSetUpdateStrategy } from '../machinery/api/apps-v1.js';
import { defineKind } from '../machinery/kind.js';
import { containerColumns, selectorColumn } from './pod-spec/workload-columns.js';
import { ageColumn, formatLabels, nameColumn } from './shared/columns.js';
import { statusSubresource } from './shared/subresources.js';
import { deepEqual } from '../machinery/equality.js';
import { invalid, notSupported, required } from '../machinery/field-error.js';
import type { Draft } from '../machinery/object.js';
import { matches } from '../machinery/label-selector.js';
import { defaultTemplate } from './pod-spec/defaults.js';
import { internalForm, sortedMap } from './pod-spec/internal-form.js';
import { prepareTemplate } from './pod-spec/pod-preparation.js';
import { podWarnings } from './pod-spec/pod-warnings.js';
import { checkLabelSelector, checkNonNegative, hasInvalidSelectorValue } from './pod-spec/checks.js';
import { checkEndlessTemplate, checkPodTemplate, requirementsOf } from './pod-spec/pod-template-rules.js';
import {
  amountOf,
  checkAtMost100Percent,
  checkCollisionCount,
  checkCounts,
  checkImmutableSelector,
  checkIntOrPercent,
  isEmptySelector,
} from './pod-spec/workload-rules.js';
import type { Report } from '../machinery/kind.js';
import { dropNullSelector } from './pod-spec/workload-selector.js';
import { keepSpec } from './pod-spec/workload-status.js';
import { keepField } from './shared/immutable.js';

/** A field of older versions, which lives on in an annotation. */
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';
const STATUS_COUNTS = [
  'currentNumberScheduled',
  'numberMisscheduled',
  'desiredNumberScheduled',
  'numberReady',
  'observedGeneration',
  'updatedNumberScheduled',
  'numberAvailable',
  'numberUnavailable',
  'collisionCount',
] as const;

export const daemonSet = defineKind<DaemonSet>({
  group: 'apps',
  version: 'v1',
  kind: 'DaemonSet',
  plural: 'daemonsets',
  shortNames: ['ds'],
  categories: ['all'],
  scope: 'Namespaced',
  type: 'k8s.io/api/apps/v1.DaemonSet',
  subresources: [statusSubresource],
  countsGenerations: true,
  columns: [
    nameColumn,
    { name: 'Desired', type: 'integer', value: ({ status }) => status?.desiredNumberScheduled ?? 0 },
    { name: 'Current', type: 'integer', value: ({ status }) => status?.currentNumberScheduled ?? 0 },
    { name: 'Ready', type: 'integer', value: ({ status }) => status?.numberReady ?? 0 },
    { name: 'Up-to-date', type: 'integer', value: ({ status }) => status?.updatedNumberScheduled ?? 0 },
    { name: 'Available', type: 'integer', value: ({ status }) => status?.numberAvailable ?? 0 },
    {
      name: 'Node Selector',
      type: 'string',
      value: ({ spec }) => formatLabels(spec.template.spec?.nodeSelector),
    },
    ageColumn,
    ...containerColumns<DaemonSet>(({ spec }) => spec.template?.spec?.containers ?? []),
    selectorColumn<DaemonSet>(({ spec }) => spec.selector),
  ],

  defaults({ metadata, spec }) {
    checkTemplateGeneration(metadata.annotations?.[TEMPLATE_GENERATION]);
    dropNullSelector(spec);
    const strategy = (spec.updateStrategy ??= {});
    strategy.type ||= 'RollingUpdate';
    if (strategy.type === 'RollingUpdate') {
      strategy.rollingUpdate ??= {};
      strategy.rollingUpdate.maxUnavailable ??= 1;
      strategy.rollingUpdate.maxSurge ??= 0;
    }
    spec.revisionHistoryLimit ??= 10;
    defaultTemplate(spec.template);
    // In this version the generation is an annotation, which an object always has.
    if (templateGeneration({ metadata }) === undefined) setTemplateGeneration({ metadata }, 0);
  },

  prepareForCreate(draft) {
    draft.status = {
      currentNumberScheduled: 0,
      numberMisscheduled: 0,
      desiredNumberScheduled: 0,
      numberReady: 0,
    };
    setTemplateGeneration(draft, Math.max(templateGeneration(draft) ?? 0, 1));
    prepareTemplate(draft.spec.template);
  },

  prepareForUpdate(draft, old) {
    keepField(draft, 'status', old);
    prepareTemplate(draft.spec.template, old.spec.template);
    const isSame = deepEqual(draft.spec.template, old.spec.template);
    setTemplateGeneration(draft, (templateGeneration(old) ?? 0) + (isSame ? 0 : 1));
  },

  prepareForStatusUpdate(draft, old) {
    keepSpec(draft, old);
    setTemplateGeneration(draft, templateGeneration(old) ?? 1);
  },

  validate: (object, report) => checkDaemonSet(report, object),

  validateUpdate(object, old, report) {
    checkImmutableSelector(report, object.spec.selector, old.spec.selector);
    checkDaemonSet(report, object, old);
  },

  validateStatusUpdate({ status }, old, report) {
    if (status !== undefined) checkCounts(report, 'status', status, STATUS_COUNTS);
    checkCollisionCount(report, status?.collisionCount, old.status?.collisionCount);
  },

  warnings({ metadata, spec }, old) {
    if (old !== undefined && templateGeneration({ metadata }) === templateGeneration(old)) return [];
    return podWarnings(spec.template.spec ?? { containers: [] }, spec.template.metadata, 'spec.template.');
  },
});

function templateGeneration({ metadata }: Pick<DaemonSet, 'metadata'>): number | undefined {
  const text = metadata.annotations?.[TEMPLATE_GENERATION];
  return text !== undefined && /^[+-]?\d+$/.test(text) ? Number(text) : undefined;
}

function setTemplateGeneration({ metadata }: Pick<Draft<DaemonSet>, 'metadata'>, generation: number): void {
  metadata.annotations = { ...metadata.annotations, [TEMPLATE_GENERATION]: String(generation) };
}

function checkDaemonSet(report: Report, { spec }: DaemonSet, old?: DaemonSet): void {
  const { selector, template, minReadySeconds, updateStrategy, revisionHistoryLimit } = spec;
  const isSelected = selector as DaemonSetSpec['selector'] | undefined;
  checkLabelSelector(report, 'spec.selector', isSelected, {
    allowsInvalidValues: hasInvalidSelectorValue(old?.spec.selector),
  });
  const requirements = requirementsOf(isSelected);
  if (requirements !== undefined && !matches(requirements, template.metadata?.labels)) {
    const detail = '`selector` does not match template `labels`';
    report(invalid('spec.template.metadata.labels', sortedMap(template.metadata?.labels), detail));
  }
  if (isSelected !== undefined && isEmptySelector(isSelected)) {
    report(invalid('spec.selector', isSelected, 'empty selector is invalid for daemonset'));
  }
  checkPodTemplate(report, 'spec.template', template, old?.spec.template);
  checkEndlessTemplate(report, 'spec.template', template, 'DaemonSet');
  checkNonNegative(report, 'spec.minReadySeconds', minReadySeconds);
  checkUpdateStrategy(report, updateStrategy ?? {});
  checkNonNegative(report, 'spec.revisionHistoryLimit', revisionHistoryLimit);
}

function checkUpdateStrategy(report: Report, strategy: DaemonSetUpdateStrategy): void {
  if (strategy.type === 'OnDelete') return;
  if (strategy.type !== 'RollingUpdate') {
    const error = notSupported('spec.updateStrategy', '', ['RollingUpdate', 'OnDelete']);
    return report({ ...error, badValue: internalForm('DaemonSetUpdateStrategy', strategy) });
  }
  const path = 'spec.updateStrategy.rollingUpdate';
  const { maxUnavailable = 0, maxSurge = 0 } = strategy.rollingUpdate ?? {};
  checkIntOrPercent(report, `${path}.maxUnavailable`, maxUnavailable);
  checkIntOrPercent(report, `${path}.maxSurge`, maxSurge);
  checkAtMost100Percent(report, `${path}.maxUnavailable`, maxUnavailable);
  checkAtMost100Percent(report, `${path}.maxSurge`, maxSurge);
  const [stops, surges] = [amountOf(maxUnavailable) !== 0, amountOf(maxSurge) !== 0];
  if (stops && surges) {
    report(invalid(`${path}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero'));
  } else if (!stops && !surges) {
    report(required(`${path}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'));
  }
}

/** Upstream turns the annotation into a number when it reads the body, and takes what is none for a fault of its own. */
function checkTemplateGeneration(text: string | undefined): void {
  if (text === undefined || /^[+-]?\d+$/.test(text)) return;
  throw unknownError(`strconv.ParseInt: parsing ${goQuote(text)}: invalid syntax`);
}
