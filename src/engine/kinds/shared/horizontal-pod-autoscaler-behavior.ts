/** v1's annotation of the scaling behaviour is upstream's internal type as JSON: Go's field names, and `null` for what is unset. */
import type {
  HPAScalingPolicy,
  HPAScalingRules,
  HorizontalPodAutoscalerBehavior,
} from '../../machinery/api/autoscaling-v2.js';
import { goJson } from '../../machinery/go-text.js';
import type { JsonObject, JsonValue } from '../../machinery/structure.js';
import { isJsonArray, isJsonObject } from '../../machinery/structure.js';

export const behaviorText = ({ scaleUp, scaleDown }: HorizontalPodAutoscalerBehavior): string =>
  goJson({ ScaleUp: rulesForm(scaleUp), ScaleDown: rulesForm(scaleDown) });

/** `undefined` for a text that says nothing of it. */
export function behaviorFromText(text: string | undefined): HorizontalPodAutoscalerBehavior | undefined {
  const form = text === undefined ? undefined : parsed(text);
  if (!isJsonObject(form)) return undefined;
  const scaleUp = rulesFrom(field(form, 'ScaleUp'));
  const scaleDown = rulesFrom(field(form, 'ScaleDown'));
  if (scaleUp === undefined && scaleDown === undefined) return undefined;
  return { ...(scaleUp === undefined ? {} : { scaleUp }), ...(scaleDown === undefined ? {} : { scaleDown }) };
}

const rulesForm = (rules: HPAScalingRules | undefined): JsonValue =>
  rules === undefined
    ? null
    : {
        StabilizationWindowSeconds: rules.stabilizationWindowSeconds ?? null,
        SelectPolicy: rules.selectPolicy ?? null,
        Policies:
          rules.policies?.map(({ type, value, periodSeconds }) => ({
            Type: type,
            Value: value,
            PeriodSeconds: periodSeconds,
          })) ?? null,
        Tolerance: rules.tolerance ?? null,
      };

function rulesFrom(form: JsonValue | undefined): HPAScalingRules | undefined {
  if (!isJsonObject(form)) return undefined;
  const window = field(form, 'StabilizationWindowSeconds');
  const select = field(form, 'SelectPolicy');
  const policies = field(form, 'Policies');
  const tolerance = field(form, 'Tolerance');
  return {
    ...(typeof window === 'number' ? { stabilizationWindowSeconds: window } : {}),
    ...(typeof select === 'string' ? { selectPolicy: select } : {}),
    ...(isJsonArray(policies) ? { policies: policies.filter(isJsonObject).map(policyFrom) } : {}),
    ...(typeof tolerance === 'string' ? { tolerance } : {}),
  };
}

function policyFrom(form: JsonObject): HPAScalingPolicy {
  const type = field(form, 'Type');
  const value = field(form, 'Value');
  const period = field(form, 'PeriodSeconds');
  return {
    type: typeof type === 'string' ? type : '',
    value: typeof value === 'number' ? value : 0,
    periodSeconds: typeof period === 'number' ? period : 0,
  };
}

/** Go reads its own field names in any case. */
function field(form: JsonObject, name: string): JsonValue | undefined {
  const key = Object.keys(form).find((each) => each.toLowerCase() === name.toLowerCase());
  return key === undefined ? undefined : form[key];
}

function parsed(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
