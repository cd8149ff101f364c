import type { ValidatingWebhook } from '../../machinery/api/admissionregistration-v1.js';
import { fieldErrorMessage } from '../../machinery/field-error.js';
import { checkWebhooks } from './webhook-rules.js';

const hook = (more: object = {}): ValidatingWebhook => ({
  name: 'a.example.com',
  clientConfig: { url: 'https://192.0.2.1/x' },
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
  ...more,
});

function faultsOf(webhooks: readonly ValidatingWebhook[], old?: readonly ValidatingWebhook[]): readonly string[] {
  const faults: string[] = [];
  checkWebhooks((error) => faults.push(fieldErrorMessage(error)), webhooks, old);
  return faults;
}

describe('webhooks', () => {
  it.each<readonly [string, object, readonly string[]]>([
    ['are fine', {}, []],
    [
      'have a name of three labels',
      { name: 'a.b' },
      ['webhooks[0].name: Invalid value: "a.b": should be a domain with at least three segments separated by dots'],
    ],
    [
      'are called at one place',
      { clientConfig: {} },
      ['webhooks[0].clientConfig: Required value: exactly one of url or service is required'],
    ],
    [
      'are called safely',
      { clientConfig: { url: 'http://u@h/x?q' } },
      [
        `webhooks[0].clientConfig.url: Invalid value: "http": 'https' is the only allowed URL scheme; desired format: https://host[/path]`,
        'webhooks[0].clientConfig.url: Invalid value: "u": user information is not permitted in the URL',
        'webhooks[0].clientConfig.url: Invalid value: "q": query parameters are not permitted in the URL',
      ],
    ],
    [
      'say what they speak',
      { admissionReviewVersions: ['v9'] },
      ['webhooks[0].admissionReviewVersions: Invalid value: ["v9"]: must include at least one of v1, v1beta1'],
    ],
    [
      'have no side effects',
      { sideEffects: 'Some' },
      ['webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"'],
    ],
    [
      'name resources once',
      { rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods/*', 'pods/log'] }] },
      [
        `webhooks[0].rules[0].resources[1]: Invalid value: "pods/log": if 'pods/*' is present, must not specify pods/log`,
      ],
    ],
  ])('%s', (_title, more, faults) => {
    expect(faultsOf([hook(more)])).toEqual(faults);
  });

  it('may keep the side effects that they had', () => {
    const old = [hook({ sideEffects: 'Some' })];
    expect(faultsOf(old, old)).toEqual([]);
  });

  it('differ in their names', () => {
    expect(faultsOf([hook(), hook()])).toEqual(['webhooks[1].name: Duplicate value: "a.example.com"']);
  });
});
