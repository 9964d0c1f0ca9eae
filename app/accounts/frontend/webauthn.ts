/** What passes between our server (JSON, base64url) and the browser's WebAuthn (buffers). */

export interface MakeOptions {
  readonly rp: PublicKeyCredentialRpEntity;
  readonly user: { readonly id: string; readonly name: string; readonly displayName: string };
  readonly challenge: string;
  readonly pubKeyCredParams: PublicKeyCredentialParameters[];
  readonly timeout?: number;
  readonly excludeCredentials?: readonly Descriptor[];
  readonly authenticatorSelection?: AuthenticatorSelectionCriteria;
  readonly attestation?: AttestationConveyancePreference;
}

export interface UseOptions {
  readonly challenge: string;
  readonly rpId?: string;
  readonly timeout?: number;
  readonly allowCredentials?: readonly Descriptor[];
  readonly userVerification?: UserVerificationRequirement;
}

interface Descriptor {
  readonly id: string;
  readonly type: "public-key";
  readonly transports?: AuthenticatorTransport[];
}

export function toBytes(text: string): ArrayBuffer {
  const padded = text.replace(/-/g, "+").replace(/_/g, "/").padEnd(Math.ceil(text.length / 4) * 4, "=");
  const signs = atob(padded);
  const bytes = new Uint8Array(signs.length);
  for (let at = 0; at < signs.length; at += 1) bytes[at] = signs.charCodeAt(at);
  return bytes.buffer;
}

export function toText(buffer: ArrayBuffer): string {
  const signs = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(signs).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

export function forMaking(options: MakeOptions): PublicKeyCredentialCreationOptions {
  return {
    ...options,
    challenge: toBytes(options.challenge),
    user: { ...options.user, id: toBytes(options.user.id) },
    excludeCredentials: (options.excludeCredentials ?? []).map(described),
  };
}

export function forUsing(options: UseOptions): PublicKeyCredentialRequestOptions {
  return {
    ...options,
    challenge: toBytes(options.challenge),
    allowCredentials: (options.allowCredentials ?? []).map(described),
  };
}

function described(one: Descriptor): PublicKeyCredentialDescriptor {
  return { ...one, id: toBytes(one.id) };
}

/** The answer of a device as the server reads it. */
export function asJson(credential: PublicKeyCredential): string {
  const response = credential.response;
  const clientDataJSON = toText(response.clientDataJSON);
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    response:
      "attestationObject" in response
        ? { clientDataJSON, ...made(response as AuthenticatorAttestationResponse) }
        : { clientDataJSON, ...used(response as AuthenticatorAssertionResponse) },
  });
}

function made(response: AuthenticatorAttestationResponse): object {
  return {
    attestationObject: toText(response.attestationObject),
    // Browsers before 2020 do not say how a key is reached.
    transports: response.getTransports?.() ?? [],
  };
}

function used(response: AuthenticatorAssertionResponse): object {
  return {
    authenticatorData: toText(response.authenticatorData),
    signature: toText(response.signature),
    ...(response.userHandle ? { userHandle: toText(response.userHandle) } : {}),
  };
}
