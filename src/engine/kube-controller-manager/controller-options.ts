import { controllers } from './controllers/registry.js';

/** The names that `--controllers` takes, in the order in which the controllers start. */
export const controllerOptions: readonly string[] = Object.freeze(
  Array.from(new Set(controllers.map(({ option }) => option))),
);

/** These run only where they are named. */
const OFF_BY_DEFAULT: readonly string[] = ['selinux-warning-controller'];

/** A name that is named decides for itself; the others follow `*`, but for those that are off by default. */
export const isEnabled = (enabled: readonly string[], option: string): boolean =>
  enabled.includes(option) ||
  (!enabled.includes(`-${option}`) && enabled.includes('*') && !OFF_BY_DEFAULT.includes(option));

/** The same choice of controllers but for one. */
export function switched(enabled: readonly string[], option: string, isOn: boolean): readonly string[] {
  const others = enabled.filter((each) => each !== option && each !== `-${option}`);
  if (isEnabled(others, option) === isOn) return others;
  return [...others, isOn ? option : `-${option}`];
}
