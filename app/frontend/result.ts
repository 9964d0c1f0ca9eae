/** What came of asking the server, over HTTP or the socket. Nothing throws: a caller must look. */
export type Result<T> = Success<T> | Failure;

export interface Success<T> {
  readonly ok: true;
  readonly value: T;
}

export type FailureKind =
  | "signed_out"
  | "not_found"
  | "conflict"
  | "invalid"
  | "rate_limited"
  /** No answer: the network, the server or the time ran out. The request may or may not have had its effect. */
  | "unreachable"
  | "failed";

export interface Failure {
  readonly ok: false;
  readonly kind: FailureKind;
  /** A sentence for the person, in the page's language; empty when the server gave none. */
  readonly message: string;
  readonly fields: Readonly<Record<string, string>>;
  /** For a conflict: what holds now. */
  readonly current: unknown;
  /** Seconds to wait, when the server says so. */
  readonly retryAfter: number | undefined;
}

export function success<T>(value: T): Success<T> {
  return { ok: true, value };
}

/** Reads a failure from what the server said about it, trusting no shape. */
export function failure(kind: FailureKind, said: unknown = undefined): Failure {
  const body = isRecord(said) ? said : {};
  return {
    ok: false,
    kind,
    message: typeof body["message"] === "string" ? body["message"] : "",
    fields: texts(body["fields"]),
    current: body["current"],
    retryAfter: typeof body["retry_after"] === "number" ? body["retry_after"] : undefined,
  };
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function texts(value: unknown): Readonly<Record<string, string>> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text)]));
}
