import { backoff, wait } from "./pace";
import { failure, type Failure, type FailureKind, isRecord, type Result, success } from "./result";
import { announceSignedOut } from "./signed-out";

export interface RequestOptions {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Milliseconds for each try. */
  readonly timeout?: number;
  /** How often to try again when there is no answer. Only for requests that are repeatable: a GET, or a command with a client-made id. */
  readonly retries?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

const KINDS: Readonly<Record<number, FailureKind>> = {
  400: "invalid",
  401: "signed_out",
  403: "not_found",
  404: "not_found",
  409: "conflict",
  413: "invalid",
  422: "invalid",
  429: "rate_limited",
  502: "unreachable",
  503: "unreachable",
  504: "unreachable",
};

/** Asks the server for JSON, with the CSRF token. Never throws. A 401 is also announced to the page. */
export async function request<T>(url: string, options: RequestOptions = {}): Promise<Result<T>> {
  const retries = options.retries ?? 0;
  for (let attempt = 1; ; attempt += 1) {
    const result = await tryOnce<T>(url, options);
    if (result.ok || result.kind !== "unreachable" || attempt > retries) {
      if (!result.ok && result.kind === "signed_out") announceSignedOut();
      return result;
    }
    await wait(backoff(attempt));
  }
}

/** The token that the server put into this page. */
export function csrfToken(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
}

async function tryOnce<T>(url: string, options: RequestOptions): Promise<Result<T>> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), options.timeout ?? 10_000);
  try {
    const response = await fetch(url, { ...prepared(options), signal: abort.signal });
    return await read<T>(response);
  } catch {
    return failure("unreachable");
  } finally {
    clearTimeout(timer);
  }
}

function prepared(options: RequestOptions): RequestInit {
  const headers: Record<string, string> = {
    Accept: "application/json",
    "X-CSRFToken": csrfToken(),
    "X-Requested-With": "fetch",
    ...options.headers,
  };
  const method = options.method ?? (options.body === undefined ? "GET" : "POST");
  if (options.body === undefined) return { method, headers, credentials: "same-origin" };
  headers["Content-Type"] = "application/json";
  return { method, headers, credentials: "same-origin", body: JSON.stringify(options.body) };
}

async function read<T>(response: Response): Promise<Result<T>> {
  const body = await json(response);
  // A redirect to the sign-in page answers 200 with HTML: nothing of ours.
  if (response.ok && (response.status === 204 || body !== undefined)) return success(body as T);
  const kind = response.ok ? "signed_out" : (KINDS[response.status] ?? "failed");
  return withDelay(failure(kind, said(body)), response);
}

/** Over HTTP the sentence for the person is called `error`. */
function said(body: unknown): unknown {
  return isRecord(body) ? { message: body["error"], ...body } : body;
}

async function json(response: Response): Promise<unknown> {
  if (!(response.headers.get("Content-Type") ?? "").includes("json")) return undefined;
  try {
    return await response.json();
  } catch {
    return undefined;
  }
}

function withDelay(result: Failure, response: Response): Failure {
  const seconds = Number(response.headers.get("Retry-After"));
  return seconds > 0 ? { ...result, retryAfter: seconds } : result;
}
