// What mvpdash batch is measured against: a script on the AWS SDK for JavaScript that validates, writes
// the record and sends the event of each deploy, 16 at a time over kept connections.
//
// usage: node deploys.mjs FILE      (JSON Lines, as for mvpdash batch)
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";

const AT_ONCE = 16;
const table = process.env.DYNAMODB_TABLE_NAME ?? "mvp-development-jobs";
const bus = process.env.EVENTBRIDGE_BUS_NAME ?? "mvp-development";
const source = process.env.EVENTBRIDGE_SOURCE ?? "founderdash.web";
const detailType = process.env.EVENTBRIDGE_DETAIL_TYPE ?? "MVP Development Request";
const dynamodb = new DynamoDBClient({});
const events = new EventBridgeClient({});

export function check(d) {
  const id = /^[A-Za-z0-9._\-:@|+=]{1,128}$/;
  const bad = [];
  for (const [key, value] of [["userId", d.userId], ["productId", d.productId]]) {
    if (typeof value !== "string" || !id.test(value)) bad.push(key);
  }
  if (!["high", "normal", "low"].includes(d.priority ?? "normal")) bad.push("priority");
  const m = d.metadata ?? {};
  if (m.businessName !== undefined && (typeof m.businessName !== "string" || m.businessName.length > 200)) bad.push("businessName");
  if (m.userEmail !== undefined && !/^[^@\s]{1,64}@[^@\s]+\.[^@\s]+$/.test(m.userEmail)) bad.push("userEmail");
  if (m.features !== undefined && (!Array.isArray(m.features) || m.features.length > 50)) bad.push("features");
  if (m.estimatedDuration !== undefined && !(m.estimatedDuration >= 60 && m.estimatedDuration <= 1209600)) bad.push("estimatedDuration");
  return bad;
}

const S = (s) => ({ S: s });
const NULL = { NULL: true };

export async function deploy(d) {
  const letters = "0123456789abcdefghijklmnopqrstuvwxyz";
  const jobId = `job_${Date.now()}_${[...randomBytes(9)].map((b) => letters[b % 36]).join("")}`;
  const now = new Date().toISOString();
  const m = d.metadata ?? {};
  await dynamodb.send(new PutItemCommand({
    TableName: table,
    ConditionExpression: "attribute_not_exists(jobId)",
    Item: {
      jobId: S(jobId), userId: S(d.userId), productId: S(d.productId), businessName: S(m.businessName ?? ""),
      status: S("PENDING"), priority: S(d.priority ?? "normal"), progress: { N: "0" }, currentStep: S("QUEUED"),
      createdAt: S(now), updatedAt: S(now),
      timestamps: { M: { startedAt: NULL, completedAt: NULL, createdAt: S(now), estimatedCompletion: NULL } },
      urls: { M: { codeRepository: NULL, staging: NULL, production: NULL } },
      resources: { M: { batchJobId: NULL } }, errors: { L: [] },
      metadata: { M: { businessName: S(m.businessName ?? ""), features: { L: (m.features ?? []).map(S) } } },
      history: { L: [{ M: { at: S(now), status: S("PENDING") } }] },
    },
  }));
  const sent = await events.send(new PutEventsCommand({
    Entries: [{
      EventBusName: bus, Source: source, DetailType: detailType,
      Detail: JSON.stringify({ jobId, ...d, priority: d.priority ?? "normal", timestamp: now, metadata: m }),
    }],
  }));
  if (sent.FailedEntryCount > 0) throw new Error(sent.Entries[0].ErrorCode);
  return { jobId, eventId: sent.Entries[0].EventId };
}

async function main() {
  const all = readFileSync(process.argv[2], "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line));
  const wrong = all.filter((d) => check(d).length > 0);
  if (wrong.length > 0) throw new Error(`${wrong.length} lines are not valid`);
  let next = 0;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (next < all.length) {
      const done = await deploy(all[next++]);
      process.stdout.write(`${done.jobId} ${done.eventId}\n`);
    }
  }));
}

if (process.argv[1].endsWith("deploys.mjs")) await main();
