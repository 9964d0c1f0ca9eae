import { describe, expect, it } from "vitest";
import { asJson, forMaking, forUsing, toBytes, toText } from "./webauthn";

describe("base64url", () => {
  it("comes back as it went, for every length and byte", () => {
    for (let length = 0; length < 70; length += 1) {
      const bytes = Uint8Array.from({ length }, (_, at) => (at * 37 + length * 11) % 256);
      const text = toText(bytes.buffer);
      expect(text).not.toMatch(/[+/=]/);
      expect(new Uint8Array(toBytes(text))).toEqual(bytes);
    }
  });
});

describe("options", () => {
  it("have buffers where the browser wants them", () => {
    const making = forMaking({
      rp: { id: "localhost", name: "B" },
      user: { id: "AQID", name: "an", displayName: "An" },
      challenge: "_-8",
      pubKeyCredParams: [{ type: "public-key", alg: -7 }],
      excludeCredentials: [{ id: "BAU", type: "public-key" }],
    });
    expect(new Uint8Array(making.challenge as ArrayBuffer)).toEqual(Uint8Array.of(255, 239));
    expect(new Uint8Array(making.user.id as ArrayBuffer)).toEqual(Uint8Array.of(1, 2, 3));
    expect(making.excludeCredentials?.map((one) => new Uint8Array(one.id as ArrayBuffer))).toEqual([
      Uint8Array.of(4, 5),
    ]);
    expect(forUsing({ challenge: "AQ" }).allowCredentials).toEqual([]);
  });
});

describe("a device's answer", () => {
  it("is JSON with base64url", () => {
    const buffer = Uint8Array.of(1, 2, 3).buffer;
    const answer = { clientDataJSON: buffer, authenticatorData: buffer, signature: buffer, userHandle: null };
    const credential = { id: "AQID", rawId: buffer, type: "public-key", response: answer };
    expect(JSON.parse(asJson(credential as unknown as PublicKeyCredential))).toEqual({
      id: "AQID",
      rawId: "AQID",
      type: "public-key",
      response: { clientDataJSON: "AQID", authenticatorData: "AQID", signature: "AQID" },
    });
  });
});
