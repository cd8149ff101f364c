import { textCodec, type Json } from '../../../../../test/support/engine-harness.js';
import {
  configMapOf,
  CONFIG_MAPS,
  patchOf,
  webhookHarness,
  type WebhookAnswer,
} from '../../../../../test/support/webhook-harness.js';

/** What a client is told where a webhook answers so. */
function told(kind: 'Mutating' | 'Validating', answer: WebhookAnswer, more: object = {}): Json {
  const { request, configure } = webhookHarness({ a: answer });
  configure(kind, ['a'], more);
  return request('POST', CONFIG_MAPS, configMapOf()).json;
}

const body =
  (text: string, more: object = {}): WebhookAnswer =>
  () => ({
    result: { status: 200, body: textCodec.encode(text), ...more },
  });
const review =
  (response: object, more: object = {}): WebhookAnswer =>
  ({ uid }) =>
    body(
      JSON.stringify({
        kind: 'AdmissionReview',
        apiVersion: 'admission.k8s.io/v1',
        response: { uid, ...response },
        ...more,
      }),
    )({}, undefined!);

const FAILED = 'Internal error occurred: failed calling webhook "a.example.com": ';
const CALL = `${FAILED}failed to call webhook: `;
const INVALID = `${FAILED}received invalid webhook response: `;

describe('an answer that is no review', () => {
  it.each<readonly [string, string, WebhookAnswer]>([
    ['empty', '0-length response with status code: 200 and content type: application/json', body('')],
    [
      'no JSON',
      "couldn't get version/kind; json parse error: invalid character 'o' looking for beginning of value",
      body('ok'),
    ],
    [
      'of another type',
      'json: cannot unmarshal string into Go struct field AdmissionResponse.response.allowed of type bool',
      review({ allowed: 'yes' }),
    ],
    ['with a patch that is no base64', 'illegal base64 data at input byte 0', review({ allowed: true, patch: '***' })],
    [
      'of another kind',
      'no kind "Review" is registered for version "admission.k8s.io/v1" in scheme "pkg/runtime/scheme.go:111"',
      review({}, { kind: 'Review' }),
    ],
    [
      'of another version',
      'converting (v1beta1.AdmissionReview) to (v1.AdmissionReview): unknown conversion',
      review({}, { apiVersion: 'admission.k8s.io/v1beta1' }),
    ],
    [
      'an error of a server',
      'an error on the server ("broken") has prevented the request from succeeding',
      () => ({ result: { status: 500, body: textCodec.encode('broken\n') } }),
    ],
    [
      'an error in something else than text',
      'an error on the server ("unknown") has prevented the request from succeeding',
      () => ({
        result: { status: 502, body: textCodec.encode('?'), headers: { 'content-type': 'application/octet-stream' } },
      }),
    ],
    [
      'a Status',
      'not you',
      () => ({
        result: { status: 403, body: textCodec.encode('{"kind":"Status","apiVersion":"v1","message":"not you"}') },
      }),
    ],
    [
      'a status that says nothing',
      'the server responded with the status code 418 but did not return more information',
      () => ({ result: { status: 418, body: textCodec.encode('tea') } }),
    ],
  ])('%s: %s', (_what, fault, answer) => {
    expect(told('Validating', answer)).toMatchObject({ code: 500, message: CALL + fault });
    expect(told('Mutating', answer, { failurePolicy: 'Ignore' })).toMatchObject({ data: { a: '1' } });
  });
});

describe('a review that breaks the rules', () => {
  it.each<readonly ['Mutating' | 'Validating', string, WebhookAnswer]>([
    [
      'Validating',
      'webhook response was absent',
      body('{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"}'),
    ],
    [
      'Validating',
      'expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got /, Kind=',
      ({ uid }) => body(JSON.stringify({ response: { uid, allowed: true } }))({}, undefined!),
    ],
    [
      'Validating',
      'validating webhook may not return response.patch',
      () => patchOf([{ op: 'add', path: '/a', value: 1 }]),
    ],
    [
      'Validating',
      'validating webhook may not return response.patchType',
      () => ({ allowed: true, patchType: 'JSONPatch' }),
    ],
    [
      'Mutating',
      'webhook returned response.patch but not response.patchType',
      () => ({ allowed: true, patch: btoa('[]') }),
    ],
    [
      'Mutating',
      'webhook returned response.patchType but not response.patch',
      () => ({ allowed: true, patchType: 'JSONPatch' }),
    ],
    [
      'Mutating',
      'webhook returned invalid response.patchType of ""',
      () => ({ allowed: true, patch: btoa('[]'), patchType: '' }),
    ],
  ])('%s: %s', (kind, fault, answer) => {
    expect(told(kind, answer).message).toBe(INVALID + fault);
  });

  it.each([
    [
      'unsupported patch type "Merge"',
      { patch: btoa('[{"op":"test","path":"/data/a","value":"1"}]'), patchType: 'Merge' },
    ],
    [
      "received undecodable patch in webhook response: invalid character 'x' looking for beginning of value",
      { patch: btoa('x'), patchType: 'JSONPatch' },
    ],
    [
      'received undecodable patch in webhook response: json: cannot unmarshal object into Go value of type jsonpatch.Patch',
      { patch: btoa('{}'), patchType: 'JSONPatch' },
    ],
  ])('%s', (fault, answer) => {
    expect(told('Mutating', () => ({ allowed: true, ...answer })).message).toBe(FAILED + fault);
  });

  it('is not asked for its identity where it is an older one', () => {
    const { request, configure, records } = webhookHarness({
      a: () => ({ ...patchOf([{ op: 'add', path: '/data/b', value: '2' }]), uid: 'x', patchType: undefined }),
    });
    configure('Mutating', ['a'], { admissionReviewVersions: ['v0', 'v1beta1', 'v1'] });
    expect(request('POST', CONFIG_MAPS, configMapOf()).json.data).toEqual({ a: '1', b: '2' });
    expect(records[0]?.apiVersion).toBe('admission.k8s.io/v1beta1');
  });
});

describe('a refusal', () => {
  const DENIED = 'admission webhook "a.example.com" denied the request';

  it.each<readonly [object, object]>([
    [{}, { code: 400, message: `${DENIED} without explanation` }],
    [{ status: { reason: 'NotNow' } }, { code: 400, message: `${DENIED}: NotNow`, reason: 'NotNow' }],
    [
      { status: { code: 200, message: 'no', status: 'Success' } },
      { code: 400, message: `${DENIED}: no`, status: 'Failure' },
    ],
    [
      { status: { code: 422, message: 'no', reason: 'Invalid', details: { causes: [{ field: 'x' }] } } },
      { code: 422, message: `${DENIED}: no`, reason: 'Invalid', details: { causes: [{ field: 'x' }] } },
    ],
  ])('%j becomes %j', (answer, status) => {
    expect(told('Validating', () => ({ allowed: false, ...answer }))).toMatchObject(status);
  });

  it('counts whatever the failure policy says', () => {
    expect(told('Mutating', () => ({ allowed: false }), { failurePolicy: 'Ignore' }).code).toBe(400);
  });
});

it('a webhook warns the client, each text once and not without bounds', () => {
  const { request, configure } = webhookHarness({
    a: () => ({ allowed: true, warnings: ['one', 'one', 'x'.repeat(5_000)] }),
  });
  configure('Validating', ['a']);
  const { headers, status } = request('POST', CONFIG_MAPS, configMapOf());
  expect([status, headers['warning']]).toEqual([201, ['299 - "one"', `299 - "${'x'.repeat(256)}"`]]);
});
