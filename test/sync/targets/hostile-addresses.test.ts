import type { LookupAddress } from "node:dns";
import { createServer, type Server } from "node:http";
import type { AddressInfo, LookupFunction } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createGuardedFetch, type GuardedFetchOptions } from "../../../src/sync/targets/guarded-fetch.js";

/** What listens on this machine, and must not be heard of. */
let server: Server;
let port: number;
let asked: (string | undefined)[] = [];
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.headers.host);
    response.setHeader("connection", "close").end("a secret");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  asked = [];
});

const fetchOf = (options: Partial<GuardedFetchOptions>) =>
  createGuardedFetch({ allowedHosts: null, maxResponseBytes: 1000, timeoutMs: 5_000, ...options }).fetch;
const refused = { name: "PluginError", kind: "config" };

/** A resolver that gives each name the next of its answers, and the last one again and again. */
function resolver(answers: readonly (readonly string[])[]): { lookup: LookupFunction; looks: () => number } {
  let looks = 0;
  const lookup: LookupFunction = (_host, options, callback) => {
    const addresses = answers[Math.min(looks, answers.length - 1)] ?? [];
    looks += 1;
    const found = addresses.map((address): LookupAddress => ({ address, family: address.includes(":") ? 6 : 4 }));
    if (options.all) callback(null, found);
    else callback(null, found[0]?.address ?? "", found[0]?.family);
  };
  return { lookup, looks: () => looks };
}

describe("an address that is never reached, even where any host may be", () => {
  test.each([
    ["link-local, where clouds tell credentials", "http://169.254.169.254/latest/meta-data/"],
    ["the same as one number", "http://2852039166/"],
    ["the same in hexadecimal", "http://0xA9FEA9FE/"],
    ["the same in octal", "http://0251.0376.0251.0376/"],
    ["the same, its numbers mixed", "http://0xa9.254.0251.254/"],
    ["the same, shortened", "http://169.254.43518/"],
    ["the same with a dot at its end", "http://169.254.169.254./"],
    ["the same in full-width digits", "http://１６９.２５４.１６９.２５４/"],
    ["the same in circled digits", "http://①⑥⑨.②⑤④.①⑥⑨.②⑤④/"],
    ["the same with ideographic dots", "http://169。254。169。254/"],
    ["the same, percent-encoded", "http://%31%36%39.254.169.254/"],
    ["the same without slashes", "http:169.254.169.254/"],
    ["the same with one slash too many", "http:///169.254.169.254/"],
    ["the same behind an upper-case scheme", "HTTP://169.254.169.254/"],
    ["the same, mapped into IPv6", "http://[::ffff:169.254.169.254]/"],
    ["the same, mapped and in hexadecimal", "http://[0:0:0:0:0:ffff:a9fe:a9fe]/"],
    ["the same, compatible with IPv6", "http://[::169.254.169.254]/"],
    ["the same, translated by NAT64", "http://[64:ff9b::169.254.169.254]/"],
    ["the same, translated by a NAT64 of one's own", "http://[64:ff9b:1::169.254.169.254]/"],
    ["the same, translated statelessly", "http://[::ffff:0:169.254.169.254]/"],
    ["the same by 6to4", "http://[2002:a9fe:a9fe::1]/"],
    ["the same by Teredo", "http://[2001:0:5db8:d822::5601:5601]/"],
    ["the same by ISATAP", "http://[2001:db8::5efe:169.254.169.254]/"],
    ["IPv6 link-local", "http://[fe80::1]/"],
    ["the end of that range", "http://[febf:ffff::1]/"],
    ["metadata over IPv6", "http://[fd00:ec2::254]/"],
    ["the same, written out", "http://[fd00:0ec2:0:0:0:0:0:0254]/"],
    ["metadata at a shared address", "http://100.100.100.200/latest/meta-data/"],
    ["the same by NAT64", "http://[64:ff9b::6464:64c8]/"],
    ["the wire of a cloud", "http://168.63.129.16/machine/?comp=goalstate"],
    ["metadata by name", "http://metadata.google.internal/computeMetadata/v1/"],
    ["the same with a dot at its end", "http://metadata.google.internal./"],
    ["the same in upper case", "http://METADATA.GOOGLE.INTERNAL/"],
    ["metadata by a short name", "http://metadata/"],
    ["no address", "http://0.0.0.0/"],
    ["the same as one number", "http://0/"],
    ["another of this network", "http://0.1.2.3/"],
    ["no IPv6 address", "http://[::]/"],
    ["the same, mapped", "http://[::ffff:0.0.0.0]/"],
    ["this machine, mapped into IPv6", "http://[::ffff:127.0.0.1]/"],
    ["this machine by NAT64", "http://[64:ff9b::127.0.0.1]/"],
    ["this machine by 6to4", "http://[2002:7f00:1::]/"],
    ["this machine, compatible with IPv6", "http://[::127.0.0.1]/"],
    ["many machines", "http://224.0.0.1/"],
    ["all machines", "http://255.255.255.255/"],
    ["many machines over IPv6", "http://[ff02::1]/"],
    ["a zone", "http://[fe80::1%25eth0]/"],
    ["a zone that is not encoded", "http://[fe80::1%eth0]/"],
    ["a user in front", "http://mdm.example@169.254.169.254/"],
    ["a user and a password in front", "http://mdm.example:443@127.0.0.1/"],
    ["a host in the fragment", "http://169.254.169.254#@mdm.example/"],
    ["a number too many", "http://1.2.3.4.5/"],
    ["numbers too large", "http://256.256.256.256/"],
    ["a port too large", "http://mdm.example:65536/"],
    ["two ports", "http://mdm.example:80:443/"],
    ["a U+0000 in the name", "http://mdm.example%00.evil.example/"],
    ["no host", "http://"],
    ["a file", "file:///etc/passwd"],
    ["a file of another machine", "file://mdm.example/etc/passwd"],
    ["gopher", "gopher://127.0.0.1:70/_"],
    ["data", "data:text/plain,secret"],
    ["ftp", "ftp://mdm.example/"],
    ["a blob", "blob:http://mdm.example/1"],
    ["a script", "javascript:alert(1)"],
    ["a web socket", "ws://mdm.example/"],
    ["a socket of this machine", "unix:/var/run/docker.sock"],
  ])("%s: %s", async (_, address) => {
    await expect(fetchOf({})(address)).rejects.toMatchObject(refused);
  });
});

describe("this machine, and others that are not on the list", () => {
  test.each([
    "http://127.0.0.1:<port>/",
    "http://127.1:<port>/",
    "http://2130706433:<port>/",
    "http://0x7f000001:<port>/",
    "http://0177.0.0.1:<port>/",
    "http://１２７.０.０.１:<port>/",
    "http://localhost:<port>/",
    "http://localhost.:<port>/",
    "http://LOCALHOST:<port>/",
    "http://ⓛocalhost:<port>/",
    "http://[::1]:<port>/",
    "http://mdm.example.evil.example/",
    "http://evil-mdm.example/",
    "http://mdm.example\t.evil.example/",
    "http://10.0.0.1/",
    "http://mdm.example:8080/",
    "https://mdm.example/",
    "http://other.example/?mdm.example:80",
  ])("are not asked: %s", async (address) => {
    const fetch = fetchOf({ allowedHosts: ["mdm.example:80"] });
    await expect(fetch(address.replace("<port>", String(port)))).rejects.toMatchObject(refused);
    expect(asked).toEqual([]);
  });

  test.each([
    ["mdm.example", "http://mdm.example./"],
    ["mdm.example", "https://MDM.example/"],
    ["mdm.example", "http://mdm%2eexample/"],
    ["mdm.example:443", "https://mdm.example/"],
    ["mdm.example:80", "http://mdm.example/"],
    ["[::1]:9", "http://[::1]:9/"],
    ["[0:0::1]:9", "http://[::1]:9/"],
  ])("are those that %s does not allow: %s is tried", async (allowed, address) => {
    const fetch = fetchOf({ allowedHosts: [allowed], lookup: failingLookup });
    await expect(fetch(address)).rejects.toMatchObject({ kind: "transient" });
  });
});

const failingLookup: LookupFunction = (_host, _options, callback) =>
  callback(Object.assign(new Error("no such name"), { code: "ENOTFOUND" }), "", 4);

describe("a name", () => {
  test.each([
    ["link-local", ["169.254.169.254"]],
    ["IPv6 link-local", ["fe80::1"]],
    ["link-local with its zone", ["fe80::1%eth0"]],
    ["metadata over IPv6", ["fd00:ec2::254"]],
    ["no address", ["0.0.0.0"]],
    ["this machine itself", ["127.0.0.1"]],
    ["this machine itself over IPv6", ["::1"]],
    ["another address of this machine", ["127.8.8.8"]],
    ["this machine, mapped", ["::ffff:127.0.0.1"]],
    ["link-local by NAT64", ["64:ff9b::a9fe:a9fe"]],
    ["a good address and a bad one", ["192.0.2.7", "169.254.169.254"]],
    ["a bad address and a good one", ["::1", "2001:db8::7"]],
    ["what is no address", ["who knows"]],
  ])("that stands for %s is not reached, also when it is on the list", async (_, addresses) => {
    const fetch = fetchOf({ allowedHosts: ["mdm.example"], lookup: resolver([addresses]).lookup });
    await expect(fetch(`http://mdm.example:${port}/`)).rejects.toMatchObject(refused);
    expect(asked).toEqual([]);
  });

  test("is looked up once: what was checked is what is reached", async () => {
    const { lookup, looks } = resolver([["127.0.0.1"], ["169.254.169.254"]]);
    const answer = await fetchOf({ allowedHosts: ["localhost"], lookup })(`http://localhost:${port}/`);
    expect([await answer.text(), looks(), asked.length]).toEqual(["a secret", 1, 1]);
  });

  test("that leads elsewhere the next time is refused then", async () => {
    const fetch = fetchOf({ lookup: resolver([["127.0.0.1"], ["169.254.169.254"]]).lookup });
    expect((await fetch(`http://localhost:${port}/`)).status).toBe(200);
    await expect(fetch(`http://localhost:${port}/`)).rejects.toMatchObject(refused);
    expect(asked).toHaveLength(1);
  });

  test("of this machine is asked where it says so", async () => {
    const { lookup } = resolver([["127.0.0.1"]]);
    for (const host of ["localhost", "mdm.localhost"]) {
      expect((await fetchOf({ allowedHosts: [host], lookup })(`http://${host}:${port}/`)).status).toBe(200);
    }
  });
});
