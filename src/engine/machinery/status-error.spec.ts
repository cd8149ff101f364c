import { invalid as invalidField, required } from './field-error.js';
import * as errors from './status-error.js';

const deployments = { group: 'apps', resource: 'deployments' };
const pods = { group: '', resource: 'pods' };

describe('StatusError', () => {
  it('names the object that is missing', () => {
    expect(JSON.stringify(errors.notFound(deployments, 'web').status)).toBe(
      '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"deployments.apps \\"web\\" not found",' +
        '"reason":"NotFound","details":{"name":"web","group":"apps","kind":"deployments"},"code":404}',
    );
  });

  it('leaves an empty group out', () => {
    expect(errors.notFound(pods, 'a').status.details).toEqual({ name: 'a', kind: 'pods' });
  });

  it('tells one invalid field without brackets', () => {
    const error = errors.invalid({ group: 'apps', kind: 'Deployment' }, 'web', [required('spec.selector')]);
    expect(error.message).toBe('Deployment.apps "web" is invalid: spec.selector: Required value');
    expect(error.status).toMatchObject({
      code: 422,
      reason: 'Invalid',
      details: {
        name: 'web',
        group: 'apps',
        kind: 'Deployment',
        causes: [{ reason: 'FieldValueRequired', message: 'Required value', field: 'spec.selector' }],
      },
    });
  });

  it('tells a repeated fault once in the message and keeps every cause', () => {
    const fault = invalidField('a', 1, 'no');
    const error = errors.invalid({ group: '', kind: 'Pod' }, 'p', [fault, fault, required('b')]);
    expect(error.message).toBe('Pod "p" is invalid: [a: Invalid value: 1: no, b: Required value]');
    expect(error.status.details?.causes).toHaveLength(3);
    expect(errors.invalid({ group: '', kind: 'Pod' }, 'p', [fault, fault]).message).toBe(
      'Pod "p" is invalid: a: Invalid value: 1: no',
    );
  });

  it('says what a conflict is about', () => {
    expect(errors.conflict(pods, 'a').message).toBe(
      'Operation cannot be fulfilled on pods "a": the object has been modified; please apply your changes to the latest version and try again',
    );
  });

  it.each([
    [errors.forbidden(pods, 'a', 'no'), 'pods "a" is forbidden: no'],
    [errors.forbidden(pods, '', 'no'), 'pods is forbidden: no'],
    [errors.forbidden({ group: '', resource: '' }, '', 'no'), 'forbidden: no'],
  ])('forbids as much as it knows', (error, message) => {
    expect(error.message).toBe(message);
  });

  it('keeps the empty details of generic answers', () => {
    expect(errors.genericNotFound().status.details).toEqual({});
    expect(errors.genericInvalid().code).toBe(422);
  });

  it('carries how long to wait', () => {
    expect(errors.tooManyRequests('storage is (re)initializing', 1).retryAfterSeconds).toBe(1);
    expect(errors.timeout('late').retryAfterSeconds).toBeUndefined();
  });

  it('sends an unforeseen error without a reason', () => {
    expect(errors.unknownError('x').status).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'x',
      code: 500,
    });
  });
});
