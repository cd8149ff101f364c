import type { DecisionReport } from '../kube-scheduler/decision-report.js';

/** Hears of a decision about the pod of this key, `namespace/name`; `report` says what it was, at the price of making it. */
export type DecisionListener = (podKey: string, report: () => DecisionReport) => void;
