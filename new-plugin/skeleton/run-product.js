import { startFakeProduct } from "./fake-product.js";

const CHECK_IN_MS = 1000;

// The fake product by itself, for a running Allotment: three devices that do each second what they are told.
// Where it calls, if it does, is the `webhookUrl` of its Target, which is known once it runs: start it again then.
const [webhookUrl = "http://127.0.0.1:4000", port = "5041"] = process.argv.slice(2);
const product = await startFakeProduct({
  webhookUrl,
  port: Number(port),
  pageSize: 2,
  app: { adamId: "1001234567", bundleId: "com.example.app", name: "App", licenses: 10 },
});
const devices = [];
for (const hasUser of [true, false, false]) devices.push(await product.enroll({ hasUser, refuses: false }));
const members = devices.map(({ externalId }) => externalId);
await product.addCollection?.("All devices", "device", members);
setInterval(() => void product.checkIn(), CHECK_IN_MS);
console.log(`Settings of a Target: ${JSON.stringify(product.settings(product.address ?? ""))}`);
