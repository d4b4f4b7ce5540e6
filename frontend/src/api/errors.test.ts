import { describe, expect, it } from 'vitest';

import { ApiError, errorFromAnswer, fieldErrors, isTransient, messageOf } from './errors';

describe('an error of the API', () => {
  it('keeps code, message and detail of the answer', () => {
    const error = errorFromAnswer(409, { code: 'stale_parent', message: 'There is a newer version.', detail: { head: 'v7' } });
    expect(error).toMatchObject({ status: 409, code: 'stale_parent', message: 'There is a newer version.', detail: { head: 'v7' } });
  });

  it.each([['<html>502 Bad Gateway</html>'], [null], [{ code: 12, message: 'x' }], [[]]])('says so when the answer is not ours: %j', (body) => {
    const error = errorFromAnswer(502, body);
    expect(error.code).toBe('unreadable_answer');
    expect(error.message).toContain('502');
  });

  it('names each field the server complains of, once', () => {
    const fields = { password: ['Too short.', 'Too common.'], roles: { 0: ['"x" is not a valid choice.'] } };
    const error = errorFromAnswer(400, { code: 'invalid_input', message: 'Some values are not valid.', detail: { fields } });
    expect(fieldErrors(error)).toEqual({ password: 'Too short.', roles: '{"0":["\\"x\\" is not a valid choice."]}' });
    expect(messageOf(error)).toContain('Some values are not valid. password: Too short.');
  });

  it('tells the reasons the server gives', () => {
    const error = errorFromAnswer(400, { code: 'weak_password', message: 'Choose another.', detail: { reasons: ['Too short.', 'Too common.', 7] } });
    expect(messageOf(error)).toBe('Choose another. Too short. Too common.');
  });

  it('has no fields when it is none of ours', () => {
    expect(fieldErrors(new Error('boom'))).toEqual({});
    expect(messageOf(new Error('boom'))).toBe('boom');
  });

  it('is worth another try only when the server was away or busy', () => {
    expect(isTransient(new ApiError(0, 'offline', ''))).toBe(true);
    expect(isTransient(new ApiError(503, 'busy', ''))).toBe(true);
    expect(isTransient(new ApiError(409, 'stale_parent', ''))).toBe(false);
    expect(isTransient(new Error('boom'))).toBe(false);
  });
});
