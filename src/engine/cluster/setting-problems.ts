import { readAuditPolicy } from '../kube-apiserver/audit/policy-problems.js';
import { controllerOptions } from '../kube-controller-manager/controller-options.js';
import { configurationProblems } from '../kube-scheduler/configuration-problems.js';
import type { ClusterSpec } from './cluster-spec.js';

/** A setting that no cluster can have. */
export interface SettingProblem {
  /** Its path, such as `scheduler.profiles[0].plugins`. */
  readonly field: string;
  /** A sentence that begins with the field. */
  readonly message: string;
}

/** What only the components themselves know to be wrong with their settings. */
export function settingProblems({
  audit,
  controllers = [],
  scheduler = {},
  topology,
}: Pick<ClusterSpec, 'audit' | 'controllers' | 'scheduler' | 'topology'>): readonly SettingProblem[] {
  const problems = controllers.flatMap((name, index) =>
    name === '*' || controllerOptions.includes(name.replace(/^-/, ''))
      ? []
      : [
          {
            path: `controllers[${index}]`,
            message: `must be *, a controller or -controller: ${JSON.stringify(name)} is not in the list of known controllers`,
          },
        ],
  );
  const ofScheduler = scheduler === 'off' ? [] : configurationProblems(scheduler);
  const inScheduler = ofScheduler.map(({ path, message }) => ({
    path: path === '' ? 'scheduler' : `scheduler.${path}`,
    message,
  }));
  const ofTopology =
    topology.region !== undefined && topology.zones.length === 0
      ? [{ path: 'topology.region', message: 'must be absent where there are no zones' }]
      : [];
  const ofComponents = [...problems, ...inScheduler, ...ofTopology].map(({ path, message }) => ({
    field: path,
    message: `${path} ${message}`,
  }));
  const ofAudit = audit === undefined ? [] : (readAuditPolicy(audit.policy, 'audit.policy').problems ?? []);
  return [...ofComponents, ...ofAudit];
}
