import type { Device, DeviceSelector } from '../../machinery/api/resource-v1.js';
import {
  compileDeviceSelector,
  matchDevice,
  type CompiledSelector,
  type Match,
} from '../../machinery/cel/device-selector.js';
import { PluginFailure } from '../plugin-failure.js';

const PROGRAMS_MAX = 100;
const ANSWERS_PER_DEVICE_MAX = 20;

/** Which devices the expressions of classes and claims choose. A device is asked once: a change of it is another object. */
export class DeviceSelectors {
  readonly #programs = new Map<string, CompiledSelector>();
  readonly #answers = new WeakMap<Device, Map<string, Match>>();

  /** `owner` is whose selectors these are, as errors name it. Throws a PluginFailure where one of them fails. */
  match(selectors: readonly DeviceSelector[], { driver, device }: DeviceOfDriver, owner: string): boolean {
    for (const [index, { cel }] of selectors.entries()) {
      const { isMatch, fault } = this.#answer(cel?.expression ?? '', driver, device);
      if (fault !== undefined) throw new PluginFailure(`${owner}: selector #${index}: ${fault}`);
      if (!isMatch) return false;
    }
    return true;
  }

  #answer(expression: string, driver: string, device: Device): Match {
    const known = this.#answers.get(device);
    const answer = known?.get(expression);
    if (answer !== undefined) return answer;
    const answers = known ?? new Map<string, Match>();
    if (known === undefined) this.#answers.set(device, answers);
    if (answers.size >= ANSWERS_PER_DEVICE_MAX) answers.clear();
    const made = this.#evaluate(expression, driver, device);
    answers.set(expression, made);
    return made;
  }

  #evaluate(expression: string, driver: string, device: Device): Match {
    const { program, fault } = this.#program(expression);
    if (program === undefined) return { fault: `CEL compile error: ${fault}` };
    const match = matchDevice(program, driver, device);
    return match.fault === undefined ? match : { fault: `CEL runtime error: ${match.fault}` };
  }

  #program(expression: string): CompiledSelector {
    const known = this.#programs.get(expression);
    if (known !== undefined) return known;
    if (this.#programs.size >= PROGRAMS_MAX) this.#programs.clear();
    const made = compileDeviceSelector(expression);
    this.#programs.set(expression, made);
    return made;
  }
}

export interface DeviceOfDriver {
  readonly driver: string;
  readonly device: Device;
}
