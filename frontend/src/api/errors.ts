/** What the server refused, by name. Screens switch on `code`, never on the message. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: Readonly<Record<string, unknown>>;

  constructor(status: number, code: string, message: string, detail: Record<string, unknown> = {}) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.detail = detail;
  }
}

/** True for answers that a later try may turn into a success: nothing was changed. */
export function isTransient(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status === 503);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The error of a non-2xx answer. `body` may be anything a proxy or the server put there. */
export function errorFromAnswer(status: number, body: unknown): ApiError {
  if (isRecord(body) && typeof body['code'] === 'string' && typeof body['message'] === 'string') {
    const detail = isRecord(body['detail']) ? body['detail'] : {};
    return new ApiError(status, body['code'], body['message'], detail);
  }
  return new ApiError(status, 'unreadable_answer', `The server answered ${status} without saying why.`);
}

/** The error of a request that got no answer at all. */
export function errorFromNoAnswer(cause: unknown): ApiError {
  const error = new ApiError(0, 'offline', 'The server cannot be reached. Check the connection and try again.');
  error.cause = cause;
  return error;
}

/** One sentence for the screen, whatever was thrown. */
export function messageOf(error: unknown): string {
  if (error instanceof ApiError) {
    const fields = fieldErrors(error);
    const named = Object.entries(fields).map(([field, text]) => `${field}: ${text}`);
    return [error.message, ...named, ...reasonsOf(error)].join(' ');
  }
  return error instanceof Error ? error.message : String(error);
}

/** Sentences in `detail.reasons`: why a password is too weak, say. */
function reasonsOf(error: ApiError): string[] {
  const reasons = error.detail['reasons'];
  return Array.isArray(reasons) ? reasons.filter((reason) => typeof reason === 'string') : [];
}

/** Field name -> first complaint, from the `detail.fields` of `invalid_input`. */
export function fieldErrors(error: unknown): Record<string, string> {
  const found: Record<string, string> = {};
  const fields = error instanceof ApiError ? error.detail['fields'] : undefined;
  if (!isRecord(fields)) return found;
  for (const [name, complaint] of Object.entries(fields)) {
    const first: unknown = Array.isArray(complaint) ? complaint[0] : complaint;
    found[name] = typeof first === 'string' ? first : JSON.stringify(first);
  }
  return found;
}
